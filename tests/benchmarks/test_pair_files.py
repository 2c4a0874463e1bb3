"""Pairs of real repositories, hostile ones among them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pair_files import RepositoryPairs, read_repositories

_CODE = "// Evict the oldest entries until the rest fits.\nfunc shrinkTo(limit int) { removeOldest() }\n"
_SAID = ("evict", "oldest", "entri", "rest", "fit")
_ENVIRONMENT = {
    **{f"GIT_{role}_NAME": "A" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "PATH": os.environ["PATH"],
}

Commit = Callable[..., None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    _git(folder, "init", "-q")
    return folder


@pytest.fixture
def commit(repository: Path) -> Commit:
    def commit(files: dict[str, str | bytes], message: str = "x") -> None:
        for path, content in files.items():
            (repository / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        _git(repository, "add", "-A")
        _git(repository, "commit", "-q", "-m", message)

    return commit


def _git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, env=_ENVIRONMENT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _read(repository: Path) -> RepositoryPairs:
    (read,) = read_repositories([repository], repository.parent / "pairs")
    return read


def test_a_commits_message_is_paired_with_the_names_that_it_changes(repository: Path, commit: Commit) -> None:
    commit({"cache.go": _CODE})
    commit(
        {"cache.go": _CODE.replace("removeOldest", "dropExpired"), "notes.md": "unread words"},
        "fix(cache): entries that expired stayed in memory\n\nSigned-off-by: Some Body Else",
    )

    read = _read(repository)

    assert read.name == "cache"
    (pair,) = read.commits
    assert pair.said == ("entri", "expir", "stay", "memori")
    assert {"cach", "dropexpir", "expir", "removeoldest", "shrinkto"} <= set(pair.code)
    assert not {"unread", "note", "evict"} & set(pair.code)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"cache.go": "func a() {}\n" * 200}, "Everything is written anew by hand"),
        ({f"cache{at}.go": "func a() {}\n" for at in range(9)}, "All files are named anew by hand"),
        ({"cache.go": "func a() {}\n"}, "Bump the version of all dependencies"),
        ({"notes.md": "func a() {}\n"}, "Explain how the oldest entries are evicted"),
    ],
)
def test_a_commit_about_many_things_or_no_code_is_no_pair(
    repository: Path, commit: Commit, files: dict[str, str | bytes], message: str
) -> None:
    commit(files, message)

    assert not _read(repository).commits


def test_what_is_hostile_costs_no_more_than_itself(repository: Path, commit: Commit) -> None:
    commit({"cache.go": _CODE, "cut.go": b"// Evict the oldest \xff entries \x00 here\nfunc shrink() {}\n"})
    alone = _read(repository)
    wide = "// " + "word " * 200_000
    commit({"wide.go": f"{wide}\nfunc wide() {{}}\n", "huge.go": _CODE * 30_000, "vendor.min.js": _CODE})
    commit(
        {"data.go": b"// a binary file of bytes\n" + bytes(range(256)) * 500}, "\x01 \x02 a message\n\x02\nof controls"
    )
    ran = repository.parent / "ran"
    for setting in ("diff.external", "diff.x.command", "diff.x.textconv", "core.fsmonitor", "core.pager"):
        _git(repository, "config", setting, f"touch {ran}; false")
    commit({".gitattributes": "*.go diff=x\n"})
    ran.unlink(missing_ok=True)  # git's own `add` asks the file monitor

    read = _read(repository)

    assert [pair.said for pair in alone.comments] == [_SAID, ("evict", "oldest", "entri")]
    assert [pair for pair in read.comments if "byte" not in pair.said] == alone.comments
    assert not ran.exists()


def test_a_missing_object_costs_its_file_and_the_log_before_it(repository: Path, commit: Commit) -> None:
    commit({"old.go": "func oldest() {}\n"}, "The first of all commits is there")
    commit({"gone.go": "// What is gone has no pair\nfunc gone() {}\n"}, "This commit cannot be read at all")
    commit({"cache.go": _CODE}, "Evict entries that are the oldest")
    blob = _git(repository, "rev-parse", "HEAD:gone.go")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    read = _read(repository)

    assert [pair.said for pair in read.comments] == [_SAID]
    assert read.commits[0].said == ("evict", "entri", "oldest")


def test_what_cannot_be_read_is_told_and_left_out(
    repository: Path, commit: Commit, capfd: pytest.CaptureFixture[str]
) -> None:
    commit({"cache.go": _CODE})
    (repository.parent / "plain").mkdir()
    empty = repository.parent / "empty"
    empty.mkdir()
    _git(empty, "init", "-q")

    read = read_repositories(
        [repository.parent / "plain", repository.parent / "nowhere", empty, repository], repository.parent / "pairs"
    )

    assert [one.name for one in read] == ["cache"]
    told = capfd.readouterr().err.splitlines()
    assert [name for name in ("plain", "nowhere", "empty") if not any(name in line for line in told)] == []


def test_what_was_kept_is_read_again_only_after_a_commit(repository: Path, commit: Commit) -> None:
    commit({"cache.go": _CODE})
    _read(repository)
    (kept,) = (repository.parent / "pairs").glob("*.txt")
    with kept.open("a") as out:
        out.write("comment\tkept words\tkept names\n")
    assert _read(repository).comments[-1].said == ("kept", "words")

    commit({"more.go": _CODE})

    assert [pair.said for pair in _read(repository).comments] == [_SAID, _SAID]
