"""What counts as the state of a source, on the repositories that break tools."""

import hashlib
import os
import random
import stat
import sys
import time
from pathlib import Path

import pytest
from repoask.errors import RevisionError
from repoask.ingest import worktree
from repoask.ingest.git import Git
from repoask.ingest.listing import Listing, read_at
from repoask.ingest.snapshot import read_entries, recent_revisions, take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection, SourceKind


def test_work_tree_counts_as_it_lies(repo):
    repo.write("kept.txt")
    repo.write("changed.txt", "old\n")
    repo.write("staged.txt", "old\n")
    repo.write("deleted.txt")
    repo.write("unstaged-delete.txt")
    repo.write(".gitignore", "*.log\n")
    commit = repo.commit()
    repo.write("changed.txt", "new and longer\n")
    repo.write("staged.txt", "new\n")
    repo.write("added.txt")
    repo.git("add", "staged.txt", "added.txt")
    repo.git("rm", "-q", "deleted.txt")
    (repo.path / "unstaged-delete.txt").unlink()
    repo.write("untracked.txt")
    repo.write("noise.log")
    snapshot = repo.snapshot()
    assert snapshot.commit == commit
    assert [entry.path for entry in snapshot.entries] == [
        ".gitignore",
        "added.txt",
        "changed.txt",
        "kept.txt",
        "staged.txt",
        "untracked.txt",
    ]
    assert snapshot.dirty == (
        "added.txt",
        "changed.txt",
        "deleted.txt",
        "staged.txt",
        "unstaged-delete.txt",
        "untracked.txt",
    )
    assert {entry.path for entry in snapshot.entries if entry.on_disk} == {
        "added.txt",
        "changed.txt",
        "staged.txt",
        "untracked.txt",
    }
    for entry in snapshot.entries:
        assert entry.blob_id == repo.git("hash-object", entry.path)
        assert entry.size == (repo.path / entry.path).stat().st_size


def test_labels_name_the_commit_or_the_blob(repo):
    repo.write("a.txt")
    commit = repo.commit()
    repo.write("b.txt", "b\n")
    clean, new = repo.snapshot().entries
    assert repo.snapshot().label(clean) == commit
    assert repo.snapshot().label(new) == f"worktree:{repo.git('hash-object', 'b.txt')[:12]}"


@pytest.mark.parametrize("revision", ["v1", "main~1", "HEAD^", "old", ":/first"])
def test_any_revision_is_read_without_touching_the_work_tree(repo, revision):
    repo.write("a.txt", "one\n")
    first = repo.commit("first")
    repo.git("tag", "-a", "v1", "-m", "tag")
    repo.git("branch", "old")
    repo.write("a.txt", "two\n")
    repo.commit("second")
    repo.write("a.txt", "three\n")
    assert repo.contents(revision=revision) == {"a.txt": b"one\n"}
    assert repo.snapshot(revision=revision).commit == first
    assert repo.contents() == {"a.txt": b"three\n"}


@pytest.mark.parametrize("revision", ["nope", "", "--all", "-h", "HEAD:a.txt", "a\0b", "v\x1b1"])
def test_unknown_revision_is_one_clear_line(repo, revision):
    repo.write("a.txt")
    repo.commit()
    with pytest.raises(RevisionError) as caught:
        repo.snapshot(revision=revision)
    assert str(repo.path) in str(caught.value)
    assert str(caught.value).isprintable()


def test_repository_without_commits_has_its_files(repo):
    repo.write("a.txt")
    repo.write("b.txt")
    repo.git("add", "a.txt")
    snapshot = repo.snapshot()
    assert snapshot.commit is None
    assert [(entry.path, entry.on_disk) for entry in snapshot.entries] == [("a.txt", True), ("b.txt", True)]
    assert snapshot.dirty == ("a.txt", "b.txt")
    with pytest.raises(RevisionError, match="no commits yet"):
        repo.snapshot(revision="HEAD")


def test_empty_repository_is_an_empty_snapshot(repo):
    assert repo.snapshot().entries == ()


def test_detached_head_and_shallow_clone(repo, tmp_path):
    repo.write("a.txt", "one\n")
    repo.commit()
    repo.write("a.txt", "two\n")
    commit = repo.commit()
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    repo.git("-C", str(tmp_path / "shallow"), "checkout", "-q", "--detach")
    source = open_source(tmp_path / "shallow", clones=tmp_path)
    assert take_snapshot(source).commit == commit
    assert recent_revisions(source, "a.txt", limit=9) == [commit]
    with pytest.raises(RevisionError):
        take_snapshot(source, revision="HEAD^")


def test_sparse_checkout_leaves_out_what_is_not_there(repo):
    repo.write("in/a.txt")
    repo.write("out/b.txt")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "in")
    assert repo.paths() == ["in/a.txt"]
    assert repo.omitted() == {"out/b.txt": "not checked out"}
    assert repo.snapshot().dirty == ()
    assert repo.paths(revision="HEAD") == ["in/a.txt", "out/b.txt"]


def test_sparse_index_is_read(repo):
    repo.write("in/a.txt")
    repo.write("out/b.txt")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert repo.omitted() == {"out/b.txt": "not checked out"}


def test_names_that_break_tools(repo):
    names = [
        "new\nline.txt",
        'quo"te.txt',
        "tab\t.txt",
        "back\\slash.txt",
        " lead.txt",
        "-dash.txt",
        "ünï.txt",
        ":(top).txt",
    ]
    if sys.platform == "linux":  # elsewhere a name must be text
        names.append(os.fsdecode(b"latin-\xe9.txt"))
    for name in names:
        repo.write(name, f"{name!a}\n")
    repo.commit()
    repo.write("später\n.txt")
    expected = {name: f"{name!a}\n".encode() for name in names}
    assert repo.contents(revision="HEAD") == expected
    assert repo.contents() == {**expected, "später\n.txt": b"text\n"}
    source = repo.open()
    for name in names:
        assert read_at(source, "HEAD", name) == expected[name]
        assert len(recent_revisions(source, name, limit=3)) == 1


def test_symlinks_are_counted_and_never_followed(repo, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text("private\n")
    repo.write("real/a.txt")
    for name, target in {
        "file": outside / "private.txt",
        "folder": outside,
        "loop": "loop",
        "up": "..",
        "inside": "real/a.txt",
        "dangling": "nowhere",
    }.items():
        (repo.path / name).symlink_to(target)
    links = dict.fromkeys(["dangling", "file", "folder", "inside", "loop", "up"], "symlink")
    assert repo.paths() == ["real/a.txt"]
    assert repo.omitted() == links
    repo.commit()
    assert repo.paths() == repo.paths(revision="HEAD") == ["real/a.txt"]
    assert repo.omitted() == repo.omitted(revision="HEAD") == links


def test_folder_that_became_a_symlink_is_not_read_through(repo, tmp_path):
    outside = tmp_path / "outside"
    repo.write("deep/folder/a.txt", "ours\n")
    repo.commit()
    (repo.path / "deep").rename(outside)
    (outside / "folder/a.txt").write_text("private\n")
    (repo.path / "deep").symlink_to(outside)
    assert repo.contents() == {}
    assert repo.omitted()["deep/folder/a.txt"] == "symlink"


@pytest.mark.parametrize(("stored", "forged"), [("xx/private.txt", "../private.txt"), ("xgit/config", ".git/config")])
def test_forged_index_does_not_lead_out_of_the_root(repo, tmp_path, stored, forged):
    (tmp_path / "private.txt").write_text("private\n")
    repo.write(stored)
    repo.git("add", stored)
    (repo.path / stored).unlink()
    index = repo.path / ".git/index"
    body = index.read_bytes()[:-20].replace(stored.encode(), forged.encode())
    index.write_bytes(body + hashlib.sha1(body).digest())
    assert repo.git("ls-files") == forged  # git itself prints it
    assert repo.contents() == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_file_that_became_something_else(repo):
    for name in ("folder", "link", "pipe"):
        repo.write(name)
    repo.commit()
    for name in ("folder", "link", "pipe"):
        (repo.path / name).unlink()
    repo.write("folder/inside.txt")
    (repo.path / "link").symlink_to("folder/inside.txt")
    os.mkfifo(repo.path / "pipe")
    assert repo.paths() == ["folder/inside.txt"]
    assert repo.omitted() == {"link": "symlink", "pipe": "unreadable"}
    assert "folder" in repo.snapshot().dirty


def test_change_between_snapshot_and_reading_is_passed_over(repo, tmp_path):
    for name in ("stays.txt", "goes.txt", "changes.txt", "swapped.txt"):
        repo.write(name)
    snapshot = repo.snapshot()
    (repo.path / "goes.txt").unlink()
    repo.write("changes.txt", "more\n")
    (repo.path / "swapped.txt").unlink()
    (tmp_path / "private").write_text("text\n")
    (repo.path / "swapped.txt").symlink_to(tmp_path / "private")
    assert [entry.path for entry, _ in read_entries(snapshot, snapshot.entries)] == ["stays.txt"]


def test_edit_of_the_same_size_in_the_same_moment_is_seen(repo):
    file = repo.write("a.txt", "one\n")
    repo.commit()
    status = file.stat()
    file.write_text("two\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert repo.contents() == {"a.txt": b"two\n"}
    assert repo.snapshot().dirty == ("a.txt",)


def test_racy_entry_is_hashed(repo):
    file = repo.write("a.txt", "one\n")
    repo.commit()
    index = repo.path / ".git/index"
    later = file.stat().st_mtime_ns
    os.utime(index, ns=(later, later))
    assert repo.snapshot().dirty == ()
    assert not repo.snapshot().entries[0].on_disk


def test_touched_file_is_clean(repo):
    file = repo.write("a.txt")
    repo.commit()
    os.utime(file, (1, 1))
    snapshot = repo.snapshot()
    assert snapshot.dirty == ()
    assert not snapshot.entries[0].on_disk


def test_index_printed_without_times_has_every_file_hashed(repo):
    """As a git of the future might: what --debug prints is promised to no one."""
    for name in ("a.txt", "b\n.txt"):
        repo.write(name)
    commit = repo.commit()
    printed = Git(repo.path / ".git", work_tree=repo.path).run("ls-files", "-z", "--stage")
    listing = Listing(commit)
    worktree._look_at_index(listing, repo.path, printed, index_written_ns=time.time_ns())
    assert [(listed.path, listed.blob_id) for listed in listing.files] == [("a.txt", ""), ("b\n.txt", "")]


def test_windows_line_ends_that_git_would_store_otherwise_are_clean(repo):
    repo.write(".gitattributes", "*.txt text eol=crlf\n")
    file = repo.write("a.txt", b"one\r\ntwo\r\n")
    repo.commit()
    os.utime(file, (1, 1))
    assert repo.snapshot().dirty == ()
    assert repo.contents()["a.txt"] == b"one\ntwo\n"


def test_intent_to_add_and_conflicts_are_dirty(repo):
    repo.write("both.txt", "base\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "side")
    repo.write("both.txt", "side\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("both.txt", "main\n")
    repo.commit()
    repo.git("merge", "side", ok=False)
    repo.write("planned.txt", "")
    repo.git("add", "-N", "planned.txt")
    snapshot = repo.snapshot()
    assert snapshot.dirty == ("both.txt", "planned.txt")
    assert b"<<<<<<<" in repo.contents()["both.txt"]


def test_missing_object_is_counted_and_said(repo, caplog):
    repo.write("kept.txt")
    repo.write("lost.txt", "gone\n")
    repo.commit()
    lost = repo.git("hash-object", "lost.txt")
    (repo.path / ".git/objects" / lost[:2] / lost[2:]).unlink()
    assert repo.omitted(revision="HEAD") == {"lost.txt": "missing object"}
    assert "git lacks the content of some files (1)" in caplog.text
    assert "git fsck" in caplog.text
    caplog.clear()
    assert repo.contents() == {"kept.txt": b"text\n", "lost.txt": b"gone\n"}  # the work tree still holds it
    assert not caplog.records


def test_folders_deeper_than_python_recurses(repo, deepen):
    folder = deepen(repo.path)
    (repo.path / folder / "a.txt").touch()
    repo.write(".repoaskignore", "*.log\n")
    assert repo.paths() == [".repoaskignore", f"{folder}a.txt"]


def test_names_that_differ_in_case_alone(repo):
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"text\n")
    for name in ("README", "readme", "Readme"):
        repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    repo.git("commit", "-q", "-m", "clash")
    assert repo.paths(revision="HEAD") == ["README", "Readme", "readme"]


def test_huge_file_is_left_out_unhashed(repo):
    file = repo.write("huge.bin", "")
    os.truncate(file, 50_000_000)
    repo.write("a.txt")
    assert repo.omitted() == {"huge.bin": "too large"}
    assert repo.paths(Selection(all_files=True)) == ["a.txt", "huge.bin"]


def test_submodules_are_listed_and_entered_only_when_asked(repo, make_repo):
    inner = make_repo("inner")
    inner.write("code.py", "x = 1\n")
    inner.commit()
    repo.write("a.txt")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{inner.path}", "libs/inner")
    repo.commit()
    repo.write("libs/inner/new.py", "y = 2\n")
    assert repo.paths() == [".gitmodules", "a.txt"]
    assert repo.omitted() == {"libs/inner": "submodule"}
    assert repo.omitted(revision="HEAD") == {"libs/inner": "submodule"}
    contents = repo.contents(Selection(submodules=True))
    assert contents["libs/inner/code.py"] == b"x = 1\n"
    assert contents["libs/inner/new.py"] == b"y = 2\n"
    assert repo.snapshot(Selection(submodules=True)).dirty == ("libs/inner/new.py",)


def test_submodules_at_a_revision_are_read_at_the_commit_it_names(repo, make_repo):
    inner = make_repo("inner")
    inner.write("code.py", "x = 1\n")
    inner.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{inner.path}", "libs/inner")
    repo.commit()
    repo.write("libs/inner/code.py", "x = 2\n")
    asked = Selection(submodules=True)
    assert repo.contents(asked, revision="HEAD")["libs/inner/code.py"] == b"x = 1\n"
    repo.git("submodule", "--quiet", "deinit", "--force", "--all")
    assert repo.omitted(asked, revision="HEAD") == repo.omitted(asked) == {"libs/inner": "submodule"}


@pytest.fixture
def nested(repo, make_repo):
    """A submodule within a submodule, as `git submodule add` leaves them."""
    deep, inner = make_repo("deep"), make_repo("inner")
    deep.write("d.txt", "deep\n")
    deep.commit()
    inner.write("code.py", "x = 1\n")
    allow = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    inner.git(*allow, "add", f"file://{deep.path}", "sub/deep")
    inner.commit()
    repo.git(*allow, "add", f"file://{inner.path}", "libs/inner")
    repo.git(*allow, "update", "--init", "--recursive")
    repo.commit()
    return repo


def test_submodule_within_a_submodule_is_read_with_hostile_settings_running_nothing(nested, tmp_path):
    git_dir = nested.path / ".git/modules/libs/inner"
    for name in ("core.fsmonitor", "filter.h.clean", "filter.h.process", "core.sshCommand", "diff.external"):
        nested.git("config", "--file", str(git_dir / "config"), name, f"touch {tmp_path}/witness")
    nested.git("config", "--file", str(git_dir / "config"), "core.worktree", "/etc")
    (git_dir / "info/attributes").write_text("*.py filter=h\n")
    nested.write("libs/inner/code.py", "x = 2\n")
    for revision, code in ((None, b"x = 2\n"), ("HEAD", b"x = 1\n")):
        contents = nested.contents(Selection(submodules=True), revision=revision)
        assert contents.pop(".gitmodules")
        assert contents.pop("libs/inner/.gitmodules")
        assert contents == {"libs/inner/code.py": code, "libs/inner/sub/deep/d.txt": b"deep\n"}
    assert not (tmp_path / "witness").exists()


def test_damaged_submodule_is_left_out_and_said(nested, caplog):
    (nested.path / ".git/modules/libs/inner/config").write_text("[[[\n")
    for revision in (None, "HEAD"):
        caplog.clear()
        assert nested.omitted(Selection(submodules=True), revision=revision) == {"libs/inner": "submodule"}
        assert "the submodule is left out" in caplog.text


def test_hostile_settings_of_a_submodule_run_nothing(repo, make_repo, tmp_path):
    inner = make_repo("repo/inner")
    inner.write("a.txt", "one\n")
    inner.write(".gitattributes", "*.txt filter=hostile\n")
    inner.commit()
    inner.write("a.txt", "two\n")
    for name in ("core.fsmonitor", "filter.hostile.clean", "filter.hostile.process"):
        inner.git("config", name, f"touch {tmp_path}/witness")
    assert repo.contents(Selection(submodules=True))["inner/a.txt"] == b"two\n"
    assert not (tmp_path / "witness").exists()


@pytest.mark.parametrize("seed", range(6))
def test_any_state_is_told_apart_as_git_status_does(repo, seed):
    """Random edits, staged or not; `git status` of this friendly repository is the judge."""
    dice = random.Random(seed)
    names = [f"{folder}{number}.txt" for folder in ("", "a/", "a/b/") for number in range(8)]
    for name in names:
        repo.write(name, f"{name}\n")
    repo.commit()
    for _ in range(30):
        name = dice.choice([*names, *(f"new{number}.txt" for number in range(5))])
        file = repo.path / name
        match dice.randrange(6):
            case 0 | 1:
                repo.write(name, dice.choice(["x\n", "y\n", f"{name}\n"]))
            case 2:
                file.unlink(missing_ok=True)
            case 3 if file.exists():
                repo.git("add", name)
            case 4 if repo.git("ls-files", name):
                repo.git("rm", "-q", "--cached", name)
            case 5 if file.exists():
                os.utime(file, (1, dice.randrange(1000)))
    status = repo.git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all").split("\0")
    snapshot = repo.snapshot()
    assert set(snapshot.dirty) == {line[2:].strip() for line in status if line}
    assert {entry.path: entry.blob_id for entry in snapshot.entries} == {
        path.relative_to(repo.path).as_posix(): repo.git("hash-object", str(path)) for path in repo.path.rglob("*.txt")
    }
    for entry, data in read_entries(snapshot, snapshot.entries):
        assert data == (repo.path / entry.path).read_bytes()
        assert entry.on_disk == (entry.path in snapshot.dirty)


def test_untracked_repository_inside_is_listed_like_a_submodule(repo, make_repo):
    repo.write("a.txt")
    make_repo("repo/nested").write("b.txt")
    nested = open_source(repo.path / "nested", clones=repo.path)
    assert nested.root == repo.path / "nested"
    assert repo.omitted() == {"nested": "submodule"}
    assert repo.paths(Selection(submodules=True)) == ["a.txt", "nested/b.txt"]


def test_sha256_repository(make_repo):
    repo = make_repo("long", "--object-format=sha256")
    repo.write("a.txt")
    repo.commit()
    repo.write("b.txt", "new\n")
    assert repo.contents() == {"a.txt": b"text\n", "b.txt": b"new\n"}
    assert {len(entry.blob_id) for entry in repo.snapshot().entries} == {64}
    assert repo.snapshot().entries[1].blob_id == repo.git("hash-object", "b.txt")


def test_lost_object_is_read_from_disk_when_the_file_is_there(repo):
    repo.write("a.txt")
    repo.commit()
    blob = repo.snapshot().entries[0].blob_id
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert repo.contents() == {"a.txt": b"text\n"}
    assert repo.contents(revision="HEAD") == {}


def test_same_blob_under_two_paths_is_read_for_both(repo):
    repo.write("a.txt")
    repo.write("b.txt")
    repo.commit()
    assert repo.contents() == {"a.txt": b"text\n", "b.txt": b"text\n"}


def test_file_at_a_revision(repo):
    repo.write("a.txt", "one\n")
    first = repo.commit()
    (repo.path / "link").symlink_to("a.txt")
    repo.write("a.txt", "two\n")
    second = repo.commit()
    source = repo.open()
    assert read_at(source, first, "a.txt") == b"one\n"
    assert read_at(source, second, "a.txt") == b"two\n"
    assert read_at(source, "HEAD", "link") is None
    assert read_at(source, "HEAD", "nowhere") is None
    assert read_at(source, "nope", "a.txt") is None
    assert read_at(source, "HEAD", "") is None
    assert recent_revisions(source, "a.txt", limit=5) == [second, first]
    assert recent_revisions(source, "a.txt", limit=1) == [second]
    assert recent_revisions(source, "nowhere", limit=5) == []


@pytest.fixture
def folder(tmp_path):
    """A folder that is no repository."""
    top = tmp_path / "plain"
    files = {
        "a.txt": "a\n",
        ".gitignore": "*.log\n/build/\n!keep.log\n",
        "x.log": "",
        "keep.log": "kept\n",
        "build/out.txt": "",
        "sub/build/in.txt": "in\n",
        "sub/.gitignore": "private\n",
        "sub/private": "",
    }
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    return top


def test_plain_folder_follows_its_ignore_files(folder, tmp_path):
    source = open_source(folder, clones=tmp_path)
    snapshot = take_snapshot(source)
    assert (source.kind, snapshot.commit, snapshot.dirty) == (SourceKind.FOLDER, None, ())
    assert {entry.path: data for entry, data in read_entries(snapshot, snapshot.entries)} == {
        ".gitignore": b"*.log\n/build/\n!keep.log\n",
        "a.txt": b"a\n",
        "keep.log": b"kept\n",
        "sub/.gitignore": b"private\n",
        "sub/build/in.txt": b"in\n",
    }


def test_plain_folder_has_no_revisions(folder, tmp_path):
    source = open_source(folder, clones=tmp_path)
    with pytest.raises(RevisionError, match="plain folder"):
        take_snapshot(source, revision="HEAD")
    assert read_at(source, "HEAD", "a.txt") is None
    assert recent_revisions(source, "a.txt", limit=1) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_unreadable(folder, tmp_path):
    (folder / "a.txt").chmod(0)
    snapshot = take_snapshot(open_source(folder, clones=tmp_path))
    assert [(o.path, o.reason) for o in snapshot.omissions] == [("a.txt", "unreadable")]


def test_stat_cache_gives_the_same_snapshot_and_sees_every_edit(folder, tmp_path):
    source = open_source(folder, clones=tmp_path)
    cache = tmp_path / "state/stat.json"
    long_ago = time.time() - 60
    for file in folder.rglob("*"):
        os.utime(file, (long_ago, long_ago))
    first = take_snapshot(source, stat_cache=cache)
    assert take_snapshot(source, stat_cache=cache) == first
    (folder / "a.txt").write_text("b\n")
    edited = take_snapshot(source, stat_cache=cache)
    assert edited != first
    assert edited == take_snapshot(source)


def test_asking_a_revision_leaves_the_stat_cache_alone(repo, tmp_path):
    repo.write("a.txt")
    repo.commit()
    long_ago = time.time() - 60
    file = repo.write("new.txt")
    os.utime(file, (long_ago, long_ago))
    time.sleep(2.1)  # the file's change time cannot be set, and a young one is not believed
    take_snapshot(repo.open(), stat_cache=tmp_path / "stat.json")
    (cache,) = tmp_path.glob("stat-*")
    before = cache.read_bytes()
    assert b"new.txt" in before
    take_snapshot(repo.open(), revision="HEAD", stat_cache=tmp_path / "stat.json")
    assert cache.read_bytes() == before


def test_ignore_file_of_ours_works_at_every_depth_and_revision(repo):
    repo.write(".repoaskignore", "*.gen\n/docs/\n")
    repo.write("sub/.repoaskignore", "!keep.gen\n")
    for path in ("a.txt", "a.gen", "docs/x.md", "sub/docs/y.md", "sub/keep.gen", "sub/other.gen"):
        repo.write(path)
    repo.commit()
    expected = [".repoaskignore", "a.txt", "sub/.repoaskignore", "sub/docs/y.md", "sub/keep.gen"]
    assert repo.paths() == repo.paths(revision="HEAD") == expected
    assert repo.omitted() == dict.fromkeys(["a.gen", "docs/x.md", "sub/other.gen"], "excluded")
    assert repo.paths(under="sub") == repo.paths(under="sub", revision="HEAD") == expected[2:]


def test_ignore_file_of_ours_counts_even_where_git_ignores_it(repo):
    repo.write(".gitignore", ".repoaskignore\n")
    repo.write(".repoaskignore", "b.txt\n")
    repo.write("a.txt")
    repo.write("b.txt")
    assert repo.paths() == [".gitignore", "a.txt"]


def test_permission_bits_alone_change_nothing(repo):
    file = repo.write("run.sh")
    repo.commit()
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    assert repo.snapshot().dirty == ()


def test_entries_of_a_snapshot_taken_elsewhere_in_the_tree_are_relative_to_the_root(repo, tmp_path, monkeypatch):
    repo.write("sub/a.txt")
    repo.commit()
    monkeypatch.chdir(repo.path / "sub")
    snapshot = take_snapshot(open_source(".", clones=tmp_path))
    assert [entry.path for entry in snapshot.entries] == ["sub/a.txt"]
    assert snapshot.source.root == Path(repo.path)
