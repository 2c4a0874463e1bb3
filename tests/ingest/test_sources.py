"""What a user may name: paths of every kind, and URLs."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from repoask.errors import InputError, OfflineError, SourceError
from repoask.ingest.snapshot import read_at, take_snapshot
from repoask.ingest.sources import is_url, open_source, update_clone
from repoask.ingest.types import SourceKind


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("https://example.org/x/y.git", True),
        ("http://user:word@example.org/x", True),
        ("ssh://git@example.org/x/y", True),
        ("git://example.org/x", True),
        ("file:///srv/x", True),
        ("git@example.org:x/y", True),
        ("git@example.org:x/y.git", True),
        ("svn://example.org/x", True),
        ("C:\\repo", False),
        ("C:/repo", False),
        ("c:", False),
        ("./x", False),
        ("x", False),
        ("/srv/x:y", False),
        (".", False),
        ("ext::sh -c x", False),
        ("https://example.org/x what is it", False),
        ("where is a@b: c defined?", False),
        ("", False),
    ],
)
def test_urls_are_told_from_paths_and_questions(spec, expected):
    assert is_url(spec) is expected


def test_work_tree(repo):
    source = repo.open()
    assert (source.kind, source.root, source.prefix) == (SourceKind.WORKTREE, repo.path, "")


def test_git_directory_of_a_work_tree_means_the_work_tree(repo):
    assert repo.open(".git") == repo.open()


def test_sub_folder_keeps_the_root_and_its_paths(repo):
    repo.write("a/b/c.txt")
    repo.write("a/d.txt")
    repo.write("ab.txt")
    repo.commit()
    repo.write("a/b/new.txt")
    source = repo.open("a/b")
    assert (source.root, source.prefix) == (repo.path, "a/b")
    assert source.identity == repo.open().identity
    assert repo.paths(under="a/b") == ["a/b/c.txt", "a/b/new.txt"]
    assert repo.paths(under="a/b", revision="HEAD") == ["a/b/c.txt"]


def test_sub_folder_with_pattern_characters_is_taken_literally(repo):
    repo.write("[a]*/x.txt")
    repo.write("a/y.txt")
    repo.commit()
    assert repo.paths(under="[a]*") == ["[a]*/x.txt"]
    assert repo.paths(under="[a]*", revision="HEAD") == ["[a]*/x.txt"]


def test_ignored_sub_folder_is_a_plain_folder(repo):
    repo.write(".gitignore", "out/\n")
    repo.write("out/report.txt")
    repo.commit()
    source = repo.open("out")
    assert (source.kind, source.root) == (SourceKind.FOLDER, repo.path / "out")
    assert repo.paths(under="out") == ["report.txt"]


def test_bare_repository_is_read_at_head(repo, tmp_path):
    repo.write("a.txt")
    commit = repo.commit()
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    source = open_source(tmp_path / "bare.git", clones=tmp_path)
    snapshot = take_snapshot(source)
    assert source.kind is SourceKind.BARE
    assert [entry.path for entry in snapshot.entries] == ["a.txt"]
    assert snapshot.label(snapshot.entries[0]) == commit


def test_linked_work_tree_shares_the_index_of_its_repository(repo, tmp_path):
    repo.write("a.txt")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    (tmp_path / "linked/b.txt").write_text("new\n")
    source = open_source(tmp_path / "linked", clones=tmp_path)
    assert source.identity == repo.open().identity
    assert [entry.path for entry in take_snapshot(source).entries] == ["a.txt", "b.txt"]
    assert repo.paths() == ["a.txt"]


def test_folder_reached_through_a_symlink_is_opened_where_it_lies(repo, tmp_path):
    (tmp_path / "link").symlink_to(repo.path)
    assert open_source(tmp_path / "link", clones=tmp_path).root == repo.path


def test_file_is_refused_with_the_way_out(repo):
    repo.write("a.txt")
    with pytest.raises(InputError, match=r"a file; name its folder, and the file with --include a\.txt"):
        repo.open("a.txt")


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_path_that_cannot_exist_is_one_clear_line(tmp_path, name):
    with pytest.raises(SourceError) as caught:
        open_source(f"{tmp_path}/{name}", clones=tmp_path)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


def test_symlink_loop_is_one_clear_line(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match="loop"):
        open_source(tmp_path / "loop", clones=tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_folder_without_permission_is_one_clear_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(SourceError, match="no permission"):
        open_source(tmp_path / "closed", clones=tmp_path)


@pytest.mark.parametrize("damage", ["HEAD", "index", "objects", "config", "refs"])
def test_damaged_repository_is_one_clear_line(repo, damage):
    repo.write("a.txt")
    repo.commit()
    repo.git("pack-refs", "--all")
    target = repo.path / ".git" / damage
    if target.is_dir():
        target.rename(target.with_name("gone"))
    else:
        target.write_bytes(b"\xff\xfe garbage \0 [[[\n")
    for revision in (None, "HEAD") if damage != "index" else (None,):
        with pytest.raises(SourceError) as caught:
            take_snapshot(repo.open(), revision=revision)
        assert str(repo.path) in str(caught.value)
        assert str(caught.value).isprintable()


def test_gitfile_that_leads_nowhere_is_one_clear_line(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/.git").write_text("gitdir: ../nowhere\n")
    with pytest.raises(SourceError, match="leads to no git directory"):
        open_source(tmp_path / "x", clones=tmp_path)


@pytest.fixture
def remote(make_repo):
    remote = make_repo("remote")
    remote.write("a.txt", "one\n")
    remote.commit()
    remote.git("tag", "v1")
    remote.git("checkout", "-q", "-b", "trunk")
    remote.write("a.txt", "two\n")
    remote.commit()
    return remote


def test_url_is_cloned_once_with_its_whole_history(remote, tmp_path):
    told = []
    url = f"file://{remote.path}"
    source = open_source(url, clones=tmp_path / "c", progress=lambda *stage: told.append(stage))
    assert (source.kind, source.url) == (SourceKind.BARE, url)
    assert read_at(source, "HEAD", "a.txt") == b"two\n"
    assert read_at(source, "v1", "a.txt") == b"one\n"
    assert told
    assert open_source(url, clones=tmp_path / "c", offline=True) == source
    assert len(list((tmp_path / "c").iterdir())) == 1


def test_update_brings_what_is_new_and_drops_what_is_gone(remote, tmp_path):
    source = open_source(f"file://{remote.path}", clones=tmp_path / "c")
    remote.write("a.txt", "three\n")
    remote.commit()
    remote.git("branch", "-m", "trunk", "next")
    update_clone(source)
    assert read_at(source, "HEAD", "a.txt") == b"three\n"
    assert read_at(source, "trunk", "a.txt") is None


def test_empty_remote_is_cloned(make_repo, tmp_path):
    source = open_source(f"file://{make_repo('void').path}", clones=tmp_path / "c")
    with pytest.raises(SourceError, match="no commits yet"):
        take_snapshot(source)


def test_sha256_remote_is_cloned(make_repo, tmp_path):
    remote = make_repo("long", "--object-format=sha256")
    remote.write("a.txt")
    remote.commit()
    source = open_source(f"file://{remote.path}", clones=tmp_path / "c")
    assert len(take_snapshot(source).entries[0].blob_id) == 64


def test_credentials_are_neither_stored_nor_shown(tmp_path):
    url = "http://me:pass%20word@127.0.0.1:9/x.git?token=abc"
    with pytest.raises(SourceError) as caught:
        open_source(url, clones=tmp_path / "c")
    assert "127.0.0.1:9/x.git" in str(caught.value)
    for secret in ("pass%20word", "pass word", "abc"):
        assert secret not in str(caught.value)
    assert list((tmp_path / "c").iterdir()) == []


def test_stored_url_has_no_credentials(remote, tmp_path):
    source = open_source(f"file://me:word@{remote.path}", clones=tmp_path / "c")
    assert "word" not in source.url
    for file in source.root.rglob("*"):
        assert not file.is_file() or b"me:word" not in file.read_bytes()


def test_a_calling_git_does_not_disturb_cloning(remote, repo, tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(repo.path / ".git"))
    source = open_source(f"file://{remote.path}", clones=tmp_path / "c")
    assert read_at(source, "v1", "a.txt") == b"one\n"


def test_two_processes_may_clone_the_same_url_at_once(remote, tmp_path):
    url = f"file://{remote.path}"
    with ThreadPoolExecutor(4) as pool:
        sources = list(pool.map(lambda _: open_source(url, clones=tmp_path / "c"), range(4)))
    assert len(set(sources)) == 1
    assert read_at(sources[0], "HEAD", "a.txt") == b"two\n"
    assert len(list((tmp_path / "c").iterdir())) == 1


def test_what_a_killed_clone_left_is_removed_the_next_day(remote, tmp_path):
    old, young = tmp_path / "c/.partial-old", tmp_path / "c/.partial-young"
    old.mkdir(parents=True)
    young.mkdir()
    os.utime(old, (1, 1))
    open_source(f"file://{remote.path}", clones=tmp_path / "c")
    assert (old.exists(), young.exists()) == (False, True)


def test_remote_that_does_not_exist_leaves_nothing(tmp_path):
    with pytest.raises(SourceError, match="git cannot read it"):
        open_source(f"file://{tmp_path}/nowhere", clones=tmp_path / "c")
    assert list((tmp_path / "c").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_reason_of_a_failed_clone_is_told_not_the_phrase_that_follows_it(remote, tmp_path):
    for folder, _, names in os.walk(remote.path):
        for name in (".", *names):
            os.chown(f"{folder}/{name}", 12345, 12345)
    with pytest.raises(SourceError, match="dubious ownership"):
        open_source(f"file://{remote.path}", clones=tmp_path / "c")


def test_unknown_scheme_is_refused(tmp_path):
    with pytest.raises(SourceError, match="https, ssh, git or file"):
        open_source("svn://example.org/x", clones=tmp_path)


def test_offline_refuses_to_clone(tmp_path):
    with pytest.raises(OfflineError, match="--offline"):
        open_source("https://example.org/x", clones=tmp_path, offline=True)


def test_local_source_is_not_ours_to_update(repo):
    with pytest.raises(SourceError, match="update it with git itself"):
        update_clone(repo.open())


def test_interrupted_clone_leaves_nothing(tmp_path):
    """Against a server that accepts and never answers."""
    script = (
        "import socket, sys, threading; from pathlib import Path; from repoask.ingest.sources import open_source\n"
        "kept = []\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "accept = lambda: (kept.append(server.accept()), print('in', flush=True))\n"
        "threading.Thread(target=accept, daemon=True).start()\n"
        "open_source(f'git://127.0.0.1:{server.getsockname()[1]}/x', clones=Path(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "c")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"in\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in complaint
    assert list((tmp_path / "c").iterdir()) == []
