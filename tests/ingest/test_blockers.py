"""Files in git's way that never end: each is named, and nothing waits for it."""

import os
import subprocess
import sys
import time

import pytest
from repoask.errors import SourceError
from repoask.ingest.blockers import find_blocker
from repoask.ingest.git import RunningGit
from repoask.ingest.snapshot import read_entries, take_snapshot
from repoask.ingest.sources import open_source

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")

GIT_FILES = [
    "index",
    "config",
    "info/exclude",
    "packed-refs",
    "commondir",
    "shallow",
    "objects/info/alternates",
    "refs/heads/main",
]


def put_fifo(repo, path):
    (repo.path / path).unlink(missing_ok=True)
    (repo.path / path).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(repo.path / path)


@pytest.mark.parametrize("path", [".gitignore", "sub/.gitignore", *(f".git/{name}" for name in GIT_FILES)])
def test_fifo_that_git_would_open_is_named(repo, path):
    repo.write("a.txt")
    repo.write("sub/b.txt")
    repo.commit()
    put_fifo(repo, path)
    begin = time.monotonic()
    with pytest.raises(SourceError) as caught:
        repo.snapshot()
    assert str(caught.value).startswith(f"{repo.path / path}: a FIFO or a device")
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("path", [".gitignore", "deep/folder/.gitignore"])
def test_fifo_in_a_plain_folder_is_named(tmp_path, path):
    fifo = tmp_path / "plain" / path
    fifo.parent.mkdir(parents=True)
    os.mkfifo(fifo)
    with pytest.raises(SourceError, match=r"\.gitignore: a FIFO or a device"):
        take_snapshot(open_source(tmp_path / "plain", clones=tmp_path))


def test_folders_deeper_than_python_recurses_are_searched(tmp_path, deepen):
    folder = deepen(tmp_path)
    os.mkfifo(tmp_path / folder / ".gitignore")
    blocker = find_blocker(tmp_path / ".git", tmp_path / ".git", work_tree=tmp_path)
    assert blocker == f"{tmp_path}/{folder}.gitignore"


def test_fifo_that_the_config_includes_is_named(repo):
    repo.write("a.txt")
    repo.commit()
    put_fifo(repo, ".git/more")
    with (repo.path / ".git/config").open("a") as config:
        config.write("[include]\n\tpath = more\n")
    with pytest.raises(SourceError, match=r"\.git/more: a FIFO"):
        repo.snapshot()


def test_fifo_in_the_place_of_an_object_is_named(repo):
    repo.write("a.txt")
    repo.commit()
    snapshot = repo.snapshot(revision="HEAD")
    blob_id = snapshot.entries[0].blob_id
    put_fifo(repo, f".git/objects/{blob_id[:2]}/{blob_id[2:]}")
    with pytest.raises(SourceError, match="a FIFO"):
        list(read_entries(snapshot, snapshot.entries))


def test_device_is_refused_and_the_null_device_is_empty(repo):
    repo.write("a.txt")
    repo.commit()
    exclude = repo.path / ".git/info/exclude"
    exclude.unlink()
    exclude.symlink_to(os.devnull)
    assert repo.paths() == ["a.txt"]
    exclude.unlink()
    exclude.symlink_to("/dev/zero")
    with pytest.raises(SourceError, match="info/exclude: a FIFO or a device"):
        repo.snapshot()


def test_other_fifos_are_in_nobody_s_way(repo):
    repo.write("a.txt")
    repo.commit()
    put_fifo(repo, "pipe")
    put_fifo(repo, ".git/fsmonitor.pipe")
    assert repo.paths() == ["a.txt"]


def test_git_that_never_answers_is_ended():
    with (
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=-1, stderr=-1) as process,
        RunningGit(process, about="here", find_blocker=lambda: None, limit_s=0.1) as running,
        pytest.raises(SourceError, match="here: git gave no answer"),
    ):
        running.result()
    assert process.returncode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("path", [".git/config", ".git/index", ".git/objects"])
def test_what_may_not_be_read_is_said_as_such(repo, path):
    repo.write("a.txt")
    repo.commit()
    (repo.path / path).chmod(0)
    with pytest.raises(SourceError, match=f"{path}: no permission to read it"):
        repo.snapshot()
    (repo.path / path).chmod(0o755)
