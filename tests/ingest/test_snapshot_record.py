"""A kept snapshot is believed only while git would tell the very same."""

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from repoask.ingest.snapshot import read_entries, take_snapshot
from repoask.ingest.snapshot_record import SnapshotRecord, can_be_recorded
from repoask.ingest.taking import list_snapshot
from repoask.ingest.types import Selection, Snapshot

from .conftest import Repo

_ALL = Selection()
_LATER_NS = 10_000_000_000
_TICK_S = 0.02  # of the coarsest clock that stamps files here


pytestmark = pytest.mark.skipif(os.name != "posix", reason="none is kept there")


def keep(repo: Repo, *, under: str = "", selection: Selection = _ALL) -> Snapshot:
    """Keeps the snapshot as if all that is there had been there for long, and gives it."""
    source = repo.open(under)
    file = repo.path.parent / "kept.json"
    record = SnapshotRecord(file, source=source, selection=selection, started_ns=time.time_ns() + _LATER_NS)
    snapshot, listing = list_snapshot(source, revision=None, selection=selection, stat_cache=None)
    record.write(snapshot, listing)
    time.sleep(_TICK_S)
    return snapshot


def kept(repo: Repo, *, under: str = "", selection: Selection = _ALL) -> Snapshot | None:
    """What is kept and believed now."""
    file = repo.path.parent / "kept.json"
    return SnapshotRecord(file, source=repo.open(under), selection=selection).read()


@pytest.fixture
def settled(repo: Repo) -> Repo:
    """A repository with a bit of everything, whose snapshot is kept."""
    repo.write("src/app.py", "one = 1\n")
    repo.write("src/deep/er/util.py", "two = 2\n")
    repo.write("docs/a.md")
    repo.write(".gitignore", "*.pyc\nbuild/\n")
    repo.commit()
    repo.write("untracked/new.txt")
    repo.write("src/__pycache__/app.pyc")
    repo.write("build/out/made.txt")
    repo.write(".venv/.gitignore", "*\n")
    repo.write(".venv/lib/x.py")
    (repo.path / "empty").mkdir()
    (repo.path / "link").symlink_to("docs")
    assert keep(repo) == kept(repo)
    return repo


def config_home(repo: Repo) -> Path:
    folder = Path.home() / ".config/git"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def switch_to_symlink(repo: Repo) -> None:
    shutil.move(repo.path / "src/deep", repo.path.parent / "deep")
    (repo.path / "src/deep").symlink_to(repo.path.parent / "deep")


CHANGES: dict[str, Callable[[Repo], object]] = {
    "an edit": lambda repo: repo.write("src/app.py", "one = 11\n"),
    "an edit of the same size": lambda repo: repo.write("src/app.py", "one = 3\n"),
    "an edit in place that hides its time": lambda repo: (
        before := (repo.path / "docs/a.md").stat(),
        repo.write("docs/a.md", "TEXT\n"),
        os.utime(repo.path / "docs/a.md", ns=(before.st_atime_ns, before.st_mtime_ns)),
    ),
    "an untracked file edited": lambda repo: repo.write("untracked/new.txt", "other\n"),
    "a new file": lambda repo: repo.write("new.txt"),
    "a new file deep down": lambda repo: repo.write("src/deep/er/new.txt"),
    "a new file beside untracked ones": lambda repo: repo.write("untracked/more.txt"),
    "a new file among ignored ones": lambda repo: repo.write("src/__pycache__/new.txt"),
    "a new file in an empty folder": lambda repo: repo.write("empty/new.txt"),
    "an old file moved in": lambda repo: (
        (repo.path.parent / "old.txt").write_text("old"),
        os.utime(repo.path.parent / "old.txt", (1, 1)),
        (repo.path.parent / "old.txt").rename(repo.path / "docs/old.txt"),
    ),
    "a new file in a folder that hides its time": lambda repo: (
        before := (repo.path / "docs").stat(),
        repo.write("docs/new.md"),
        os.utime(repo.path / "docs", ns=(before.st_atime_ns, before.st_mtime_ns)),
    ),
    "an empty folder that became a symlink": lambda repo: (
        (repo.path / "empty").rmdir(),
        (repo.path / "empty").symlink_to("docs"),
    ),
    "an ignored folder that became a file": lambda repo: (
        shutil.rmtree(repo.path / "build"),
        repo.write("build", "only folders of this name are ignored\n"),
    ),
    "a file deleted": lambda repo: (repo.path / "docs/a.md").unlink(),
    "a folder deleted": lambda repo: shutil.rmtree(repo.path / "untracked"),
    "a file renamed": lambda repo: (repo.path / "docs/a.md").rename(repo.path / "docs/b.md"),
    "a folder renamed": lambda repo: (repo.path / "src/deep").rename(repo.path / "src/deeper"),
    "a file that became a symlink": lambda repo: (
        (repo.path / "docs/a.md").unlink(),
        (repo.path / "docs/a.md").symlink_to("../src/app.py"),
    ),
    "a folder that became a symlink": switch_to_symlink,
    "a repository made inside": lambda repo: repo.git("init", "-q", "untracked"),
    "an ignore file edited": lambda repo: repo.write(".gitignore", "*.pyc\nbuild/\ndocs/\n"),
    "an ignore file made": lambda repo: repo.write("untracked/.gitignore", "*\n"),
    "an ignored ignore file edited": lambda repo: repo.write(".venv/.gitignore", "lib/y\n"),
    "an ignore file of ours": lambda repo: repo.write(".repoaskignore", "docs/\n"),
    "the repository's own exclusions": lambda repo: repo.write(".git/info/exclude", "untracked/\n"),
    "the user's ignore file made": lambda repo: (config_home(repo) / "ignore").write_text("untracked/\n"),
    "the user's settings naming another": lambda repo: (
        (Path.home() / "mine").write_text("untracked/\n"),
        (Path.home() / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n"),
    ),
    "the same settings elsewhere": lambda repo: (
        (Path.home() / "mine").write_text("untracked/\n"),
        (config_home(repo) / "config").write_text("[core]\n\texcludesFile = ~/mine\n"),
    ),
    "a file staged": lambda repo: repo.git("add", "untracked/new.txt"),
    "a file unstaged": lambda repo: repo.git("rm", "-q", "--cached", "docs/a.md"),
    "a commit": lambda repo: repo.git("commit", "-q", "--allow-empty", "-m", "more"),
    "a branch of the same files": lambda repo: (
        repo.git("commit", "-q", "--allow-empty", "-m", "more"),
        repo.git("branch", "other", "HEAD~1"),
        repo.git("symbolic-ref", "HEAD", "refs/heads/other"),
    ),
    "a detached head": lambda repo: repo.git("checkout", "-q", "--detach"),
    "a branch reset from elsewhere": lambda repo: (
        repo.git("commit", "-q", "--allow-empty", "-m", "more"),
        repo.git("update-ref", "refs/heads/main", "HEAD~1"),
    ),
    "the repository's settings": lambda repo: repo.git("config", "core.ignoreCase", "true"),
    "sparse checkout": lambda repo: repo.git("sparse-checkout", "set", "docs"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_of_what_git_would_tell_is_seen(settled: Repo, change: Callable[[Repo], object]) -> None:
    change(settled)
    assert kept(settled) is None
    fresh = take_snapshot(settled.open())
    assert take_snapshot(settled.open(), record=settled.path.parent / "kept.json") == fresh


def test_settings_that_a_variable_names_are_known(settled: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    file = settled.path.parent / "settings"
    file.write_text(f"[core]\n\texcludesFile = {settled.path.parent}/mine\n")
    (settled.path.parent / "mine").write_text("untracked/\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    assert kept(settled) is None
    assert "untracked/new.txt" not in [entry.path for entry in keep(settled).entries]
    assert kept(settled) is not None
    (settled.path.parent / "mine").write_text("docs/\n")
    assert kept(settled) is None


def test_a_link_to_the_users_settings_is_followed(repo: Repo) -> None:
    repo.write("a.txt")
    (repo.path.parent / "dotfiles").write_text("")
    (Path.home() / ".gitconfig").symlink_to(repo.path.parent / "dotfiles")
    keep(repo)
    assert kept(repo) is not None
    (repo.path.parent / "dotfiles").write_text("[core]\n\texcludesFile = ~/mine\n")
    assert kept(repo) is None


@pytest.mark.parametrize(
    "path", ["build/more.txt", "build/out/made.txt", ".venv/lib/y/z.py", "src/__pycache__/app.pyc"]
)
def test_what_is_ignored_may_change(settled: Repo, path: str) -> None:
    settled.write(path, "changed\n")
    assert kept(settled) == take_snapshot(settled.open())


def test_a_name_that_came_and_went_is_no_change(settled: Repo) -> None:
    settled.write("src/.app.py.swp").unlink()
    assert kept(settled) == take_snapshot(settled.open())


def test_nothing_that_changed_just_now_is_kept(repo: Repo) -> None:
    record = repo.path.parent / "kept.json"
    file = repo.write("a.txt", "one\n")
    repo.commit()
    take_snapshot(repo.open(), record=record)
    assert not record.exists()
    # the same size within the same tick of the clock, as far as the file tells
    before = file.stat()
    file.write_text("two\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    snapshot = take_snapshot(repo.open(), record=record)
    assert dict(pair for pair in read_entries(snapshot, snapshot.entries))[snapshot.entries[0]] == b"two\n"
    assert snapshot.dirty == ("a.txt",)


def test_what_has_lain_for_long_is_kept_without_being_told_so(repo: Repo) -> None:
    record = repo.path.parent / "kept.json"
    repo.write("a.txt")
    repo.commit()
    time.sleep(2.1)  # the margin itself
    taken = take_snapshot(repo.open(), record=record)
    assert record.exists()
    assert take_snapshot(repo.open(), record=record) == taken
    repo.write("b.txt")
    assert [entry.path for entry in take_snapshot(repo.open(), record=record).entries] == ["a.txt", "b.txt"]


def test_a_sub_folder_has_a_snapshot_of_its_own(settled: Repo) -> None:
    whole = keep(settled)
    assert kept(settled, under="src") is None
    part = keep(settled, under="src")
    assert kept(settled, under="src") == part != whole
    settled.write("docs/more.md")
    assert kept(settled, under="src") == part
    settled.write(".gitignore", "*.py\n")
    assert kept(settled, under="src") is None


def test_another_selection_is_another_snapshot(settled: Repo) -> None:
    assert kept(settled, selection=Selection(exclude=("docs/**",))) is None


def test_a_linked_work_tree_and_its_own_head(settled: Repo) -> None:
    settled.git("worktree", "add", "-q", "../linked")
    linked = Repo(settled.path.parent / "linked")
    keep(linked)
    assert kept(linked) == take_snapshot(linked.open())
    linked.git("commit", "-q", "--allow-empty", "-m", "there")
    assert kept(linked) is None


def test_a_branch_that_lies_packed_is_known(settled: Repo) -> None:
    settled.git("pack-refs", "--all")
    keep(settled)
    assert kept(settled) is not None
    settled.git("commit", "-q", "--allow-empty", "-m", "more")
    assert kept(settled) is None


def test_a_submodule_may_change_inside(settled: Repo, make_repo: Callable[..., Repo]) -> None:
    inner = make_repo("inner")
    inner.write("x.txt")
    inner.commit()
    settled.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{inner.path}", "libs/inner")
    settled.commit()
    keep(settled)
    settled.write("libs/inner/y.txt")
    assert kept(settled) == take_snapshot(settled.open())
    settled.git("rm", "-q", "--force", "libs/inner")
    assert kept(settled) is None


def test_a_deleted_file_may_come_back_into_an_ignored_folder(repo: Repo) -> None:
    repo.write("build/forced.txt", "one\n")
    repo.commit()
    repo.write(".gitignore", "build/\n")
    (repo.path / "build/forced.txt").unlink()
    keep(repo)
    assert kept(repo) is not None
    repo.write("build/forced.txt", "two\n")
    assert kept(repo) is None


DOUBTS: dict[str, Callable[[Repo], object]] = {
    "settings that include others": lambda repo: repo.git("config", "include.path", "../other"),
    "an untracked repository inside": lambda repo: (repo.git("init", "-q", "inner"), repo.write("inner/x.txt")),
    "a git directory that is none yet": lambda repo: repo.write("inner/.git/HEAD", ""),
    "an ignore file of ours": lambda repo: repo.write(".repoaskignore", "x\n"),
    "an ignore file of ours deep down": lambda repo: repo.write("src/.repoaskignore", "x\n"),
    "a branch that stands for another": lambda repo: (
        repo.git("branch", "other"),
        repo.git("symbolic-ref", "refs/heads/main", "refs/heads/other"),
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS.keys())
def test_nothing_is_kept_in_doubt(repo: Repo, doubt: Callable[[Repo], object]) -> None:
    repo.write("a.txt")
    repo.commit()
    doubt(repo)
    keep(repo)
    assert not (repo.path.parent / "kept.json").exists()


def test_other_kinds_of_sources_are_not_kept(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt")
    (tmp_path / "plain").mkdir()
    assert can_be_recorded(repo.open(), _ALL)
    assert not can_be_recorded(repo.open(), Selection(submodules=True))
    assert not can_be_recorded(Repo(tmp_path / "plain").open(), _ALL)


def test_a_revision_is_never_answered_by_the_work_trees(settled: Repo) -> None:
    record = settled.path.parent / "kept.json"
    assert take_snapshot(settled.open(), revision="HEAD", record=record).revision == "HEAD"
    assert kept(settled) is not None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"key": 1}', b"\xff"])
def test_a_damaged_file_is_as_good_as_none(settled: Repo, content: bytes) -> None:
    record = settled.path.parent / "kept.json"
    record.write_bytes(content)
    assert kept(settled) is None
    assert take_snapshot(settled.open(), record=record) == take_snapshot(settled.open())


def test_names_that_are_no_text_are_kept(repo: Repo) -> None:
    with (repo.path / os.fsdecode(b"caf\xe9.txt")).open("w") as file:
        file.write("x")
    assert keep(repo) == kept(repo)
    assert len(keep(repo).entries) == 1


def _random_change(chance: random.Random, repo: Repo) -> None:
    folder = chance.choice(["", "a/", "a/b/", "c/", "build/"])
    name = f"{folder}{chance.choice('xyz')}{chance.choice(['.txt', '.pyc'])}"
    file = repo.path / name
    match chance.randrange(7):
        case 0:
            repo.write(name, "x" * chance.randrange(5))
        case 1 if file.exists():
            file.unlink()
        case 2 if file.exists():
            repo.git("add", "--force", name)
        case 3:
            repo.write(f"{folder}.gitignore", chance.choice(["*.pyc\n", "build/\n", "!x.txt\n", ""]))
        case 4:
            repo.commit()
        case 5 if (repo.path / "c").exists():
            shutil.rmtree(repo.path / "c")
        case _:
            (repo.path / folder / "sub").mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_kept_one_is_the_fresh_one(repo: Repo, seed: int) -> None:
    chance = random.Random(seed)
    repo.write(".gitignore", "build/\n*.pyc\n")
    repo.commit()
    believed = 0
    for _ in range(25):
        if chance.random() < 0.5:
            keep(repo)
        for _ in range(chance.randrange(2)):
            _random_change(chance, repo)
        known = kept(repo)
        if known is not None:
            believed += 1
            assert known == repo.snapshot()
    assert believed
