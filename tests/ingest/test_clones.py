"""A URL is cloned once, safely, and nothing of its credentials is kept."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from repoask.errors import OfflineError, SourceError
from repoask.ingest.clones import without_credentials
from repoask.ingest.listing import read_at
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source, update_clone
from repoask.ingest.types import SourceKind


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
    assert len(list((tmp_path / "c").glob("remote-*"))) == len(list((tmp_path / "c").glob("[!.]*"))) == 1


def test_update_brings_what_is_new_and_drops_what_is_gone(remote, tmp_path):
    source = open_source(f"file://{remote.path}", clones=tmp_path / "c")
    remote.write("a.txt", "three\n")
    remote.commit()
    remote.git("branch", "-m", "trunk", "next")
    update_clone(source)
    assert read_at(source, "HEAD", "a.txt") == b"three\n"
    assert read_at(source, "trunk", "a.txt") is None


def test_detached_head_of_a_remote_is_cloned(remote, tmp_path):
    remote.git("checkout", "-q", "--detach")
    remote.write("a.txt", "nowhere else\n")
    remote.commit()
    source = open_source(f"file://{remote.path}", clones=tmp_path / "c")
    assert read_at(source, "HEAD", "a.txt") == b"nowhere else\n"
    remote.write("a.txt", "moved\n")
    remote.commit()
    update_clone(source)
    assert read_at(source, "HEAD", "a.txt") == b"moved\n"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:word@example.org/x.git", "https://example.org/x.git"),
        ("https://token@example.org:8443/x?key=1#part", "https://example.org:8443/x"),
        ("ssh://me:word@example.org/x", "ssh://me@example.org/x"),
        ("git@example.org:x/y", "git@example.org:x/y"),
        ("file:///srv/x", "file:///srv/x"),
    ],
)
def test_what_is_shown_of_a_url(url, shown):
    assert without_credentials(url) == shown


def test_url_that_is_none_is_one_clear_line(tmp_path):
    with pytest.raises(SourceError, match="not a URL"):
        open_source("http://me:word@[::1/x", clones=tmp_path)


def test_folder_for_clones_that_cannot_be_made_is_one_clear_line(remote, tmp_path):
    (tmp_path / "blocked").write_text("a file, no folder")
    with pytest.raises(SourceError, match="no clone can be made there"):
        open_source(f"file://{remote.path}", clones=tmp_path / "blocked/c")


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
    assert [path.name for path in (tmp_path / "c").iterdir()] == [".gitignore"]


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
    assert len(list((tmp_path / "c").glob("remote-*"))) == len(list((tmp_path / "c").glob("[!.]*"))) == 1


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
    assert [path.name for path in (tmp_path / "c").iterdir()] == [".gitignore"]


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
    assert [path.name for path in (tmp_path / "c").iterdir()] == [".gitignore"]


@pytest.mark.parametrize("url", ["http://", "https:///x/y", "ssh://", "file://"])
def test_url_without_a_host_is_refused(tmp_path, url):
    with pytest.raises(SourceError, match="names no host"):
        open_source(url, clones=tmp_path / "clones")
    assert not (tmp_path / "clones").exists()


def test_clones_inside_a_work_tree_are_not_listed(remote, repo):
    repo.write("a.txt")
    open_source(f"file://{remote.path}", clones=repo.path / "cache/clones")
    assert repo.paths() == ["a.txt"]
