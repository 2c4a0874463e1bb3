"""No program that a repository names is ever run, whatever is asked of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repoask.errors import SourceError
from repoask.ingest.git import Git, RunningGit
from repoask.ingest.listing import read_at
from repoask.ingest.snapshot import recent_revisions, take_snapshot
from repoask.ingest.sources import open_source

# Each names a program; `{run}` is a command that leaves a witness file behind.
HOSTILE_SETTINGS = {
    "core.fsmonitor": "{run}",
    "core.sshCommand": "{run}",
    "core.pager": "{run}",
    "core.editor": "{run}",
    "core.askPass": "{run}",
    "core.gitProxy": "{run}",
    "core.alternateRefsCommand": "{run}",
    "credential.helper": "!{run}",
    "diff.external": "{run}",
    "diff.hostile.command": "{run}",
    "diff.hostile.textconv": "{run}",
    "filter.hostile.clean": "{run}",
    "filter.hostile.smudge": "{run}",
    "filter.hostile.process": "{run}",
    "filter.hostile.required": "true",
    "merge.hostile.driver": "{run}",
    "gpg.program": "{run}",
    "log.showSignature": "true",
    "pager.log": "{run}",
    "pager.ls-files": "{run}",
    "alias.ls-files": "!{run}",
    "alias.cat-file": "!{run}",
    "uploadpack.packObjectsHook": "{run}",
    "sequence.editor": "{run}",
    "interactive.diffFilter": "{run}",
}
HOOKS = ("post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman")


@pytest.fixture
def witness(tmp_path):
    return tmp_path / "witness"


@pytest.fixture
def hostile(repo, witness):
    """A repository that names a program wherever it can, with files in every state."""
    run = f"touch {witness}"
    repo.write("clean.txt")
    repo.write("changed.txt", "before\n")
    repo.write("touched.txt", "same\n")
    repo.commit()
    repo.write(".gitattributes", "*.txt filter=hostile diff=hostile merge=hostile\n")
    repo.git("add", ".gitattributes")
    repo.write("changed.txt", "after!\n")
    repo.write("untracked.txt", "new\n")
    (repo.path / "touched.txt").touch()
    for name, value in HOSTILE_SETTINGS.items():
        repo.git("config", name, value.format(run=run))
    for name in HOOKS:
        hook = repo.write(f".git/hooks/{name}", f"#!/bin/sh\n{run}\n")
        hook.chmod(0o755)
    witness.unlink(missing_ok=True)
    return repo


def test_plain_git_runs_what_the_hostile_repository_names(hostile, witness):
    hostile.git("status", ok=False)
    assert witness.exists()


def test_snapshot_of_a_hostile_repository_runs_nothing(hostile, witness):
    contents = hostile.contents()
    assert contents["changed.txt"] == b"after!\n"
    assert contents["untracked.txt"] == b"new\n"
    assert hostile.snapshot().dirty == (".gitattributes", "changed.txt", "untracked.txt")
    assert not witness.exists()


def test_history_of_a_hostile_repository_runs_nothing(hostile, witness):
    source = hostile.open()
    assert hostile.contents(revision="HEAD")["changed.txt"] == b"before\n"
    assert read_at(source, "HEAD", "changed.txt") == b"before\n"
    assert len(recent_revisions(source, "changed.txt", limit=5)) == 1
    assert hostile.paths(under=".git/..")
    assert not witness.exists()


def test_cloning_a_hostile_repository_runs_nothing(hostile, witness, tmp_path):
    source = open_source(f"file://{hostile.path}", clones=tmp_path / "clones")
    assert [entry.path for entry in take_snapshot(source).entries] == ["changed.txt", "clean.txt", "touched.txt"]
    assert not witness.exists()


@pytest.mark.parametrize("url", ["ext::touch {witness}", "ssh://host/repo", "{upload}"])
def test_missing_objects_are_never_fetched(repo, witness, tmp_path, url):
    kept = repo.write("kept.txt")
    lost = repo.write("lost.txt", "gone\n")
    repo.commit()
    server = tmp_path / "server"
    shutil.copytree(repo.path, server)
    blob_id = repo.git("hash-object", "lost.txt")
    (repo.path / ".git/objects" / blob_id[:2] / blob_id[2:]).unlink()
    lost.unlink()
    repo.git("config", "core.repositoryformatversion", "1")
    repo.git("config", "extensions.partialClone", "origin")
    repo.git("config", "remote.origin.url", url.format(witness=witness, upload=f"file://{server}"))
    repo.git("config", "remote.origin.uploadpack", f"touch {witness}; git-upload-pack")
    repo.git("config", "remote.origin.promisor", "true")
    repo.git("config", "core.sshCommand", f"touch {witness}")
    repo.git("config", "protocol.ext.allow", "always")
    assert repo.paths() == [kept.name]
    assert repo.paths(revision="HEAD") == ["kept.txt"]
    assert repo.omitted(revision="HEAD") == {"lost.txt": "missing object"}
    assert list(Git(repo.path / ".git", work_tree=repo.path).read_blobs([blob_id])) == []
    assert not witness.exists()
    repo.git("cat-file", "-e", blob_id, ok=False)
    assert witness.exists()  # plain git does run it


def test_configured_work_tree_does_not_move_the_root(repo, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.txt").write_text("private")
    repo.write("own.txt")
    repo.commit()
    repo.git("config", "core.worktree", str(elsewhere))
    assert repo.open().root == repo.path
    assert repo.paths() == ["own.txt"]


def test_configured_ignore_file_does_not_hide_files(repo, tmp_path):
    (tmp_path / "excludes").write_text("*\n")
    repo.write("seen.txt")
    repo.git("config", "core.excludesFile", str(tmp_path / "excludes"))
    assert repo.paths() == ["seen.txt"]


def test_ignore_file_of_the_user_counts(repo, own_home):
    repo.write("seen.txt")
    repo.write("note.swp")
    (own_home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/ignored\n")
    (own_home / "ignored").write_text("*.swp\n")
    assert repo.paths() == ["seen.txt"]


@pytest.mark.parametrize("is_set", [False, True])
def test_usual_ignore_file_of_the_user_counts(repo, own_home, monkeypatch, is_set):
    repo.write("seen.txt")
    repo.write("note.swp")
    folder = own_home / ("settings" if is_set else ".config")
    if is_set:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    (folder / "git").mkdir(parents=True)
    (folder / "git/ignore").write_text("*.swp\n")
    assert repo.paths() == ["seen.txt"]


def test_environment_of_a_calling_git_changes_nothing(repo, make_repo, monkeypatch):
    repo.write("a.txt")
    repo.commit()
    repo.write("b.txt")
    other = make_repo("other")
    other.write("wrong.txt")
    other.commit()
    expected = repo.snapshot()
    for name in repo.git("rev-parse", "--local-env-vars").split():
        if name not in ("GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_INTERNAL_SUPER_PREFIX"):
            monkeypatch.setenv(name, str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git/index"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare'='true'")
    monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
    monkeypatch.setenv("GIT_TRACE", "1")
    assert repo.snapshot() == expected
    assert repo.contents(revision="HEAD") == {"a.txt": b"text\n"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_repository_of_another_user_is_read(repo):
    repo.write("a.txt")
    repo.commit()
    for folder, _, names in os.walk(repo.path):
        for name in (".", *names):
            os.chown(Path(folder) / name, 12345, 12345)
    assert repo.git("status", ok=False) == ""  # git itself refuses
    assert repo.contents() == {"a.txt": b"text\n"}


def test_blobs_come_in_one_batch_and_missing_ones_are_passed_over(repo):
    repo.write("a.bin", b"\0\n\xff" * 100_000)
    repo.write("empty", b"")
    repo.commit()
    known = [repo.git("hash-object", name) for name in ("a.bin", "empty")]
    git = Git(repo.path / ".git", work_tree=repo.path)
    read = list(git.read_blobs([known[0], "0" * 40, known[1], repo.git("rev-parse", "HEAD")]))
    assert read == [(known[0], b"\0\n\xff" * 100_000), (known[1], b"")]


def test_reading_may_stop_early(repo):
    for number in range(50):
        repo.write(f"{number}.txt", f"{number}\n" * 10_000)
    repo.commit()
    git = Git(repo.path / ".git", work_tree=repo.path)
    blobs = git.read_blobs(line.split()[2] for line in repo.git("ls-tree", "HEAD").splitlines())
    assert next(blobs)
    blobs.close()


def test_failure_carries_the_last_line_of_git_without_control_characters(repo):
    git = Git(repo.path / ".git", work_tree=repo.path)
    with pytest.raises(SourceError) as caught:
        git.run("cat-file", "blob", "no\x1b[31msuch")
    assert str(repo.path) in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_damaged_object_is_said_with_the_way_out(repo):
    repo.write("a.txt")
    repo.commit()
    tree = repo.git("rev-parse", "HEAD^{tree}")
    lost = repo.path / ".git/objects" / tree[:2] / tree[2:]
    lost.chmod(0o644)
    lost.write_bytes(b"no zlib stream")
    for revision in (None, "HEAD"):
        with pytest.raises(SourceError, match=r"`git fsck` tells which object"):
            repo.snapshot(revision=revision)


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        (b"fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output\n", "free some"),
        (b'error: open("x"): Permission denied\nfatal: unable to process path x\n', "Permission denied"),
    ],
)
def test_cause_is_told_rather_than_its_consequence(complaint, told):
    with (
        subprocess.Popen([sys.executable, "-c", "raise SystemExit(128)"], stdout=-1, stderr=-1) as process,
        RunningGit(process, about="here", find_blocker=lambda: None) as running,
        pytest.raises(SourceError, match=told),
    ):
        running.check(complaint)
