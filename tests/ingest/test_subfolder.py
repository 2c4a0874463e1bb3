"""The folder of a snapshot that a person means."""

from pathlib import Path

import pytest
from repoask.errors import InputError
from repoask.ingest.subfolder import find_folder
from repoask.ingest.types import FileEntry, Omission, Reason, Snapshot, Source, SourceKind

PATHS = ("docs/a.md", "src/app/auth/login.py", "src/app/web.py", "tools/app/run.py", "top.py")


def snapshot(root: Path, *, prefix: str = "") -> Snapshot:
    entries = tuple(FileEntry(path, "0" * 40, 1, True) for path in PATHS if path.startswith(prefix))
    omissions = (Omission("vendor/lib/x.js", Reason.VENDORED),)
    return Snapshot(Source(SourceKind.WORKTREE, root=root, prefix=prefix), None, None, entries, (), omissions)


@pytest.mark.parametrize(
    ("prefix", "named", "folder"),
    [
        ("", "src", "src"),
        ("", "src/app/", "src/app"),
        ("", "./src//app/../app/auth", "src/app/auth"),
        ("", ".", ""),
        ("", "vendor/lib", "vendor/lib"),
        ("src", ".", "src"),
        ("src", "src/app", "src/app"),
        ("src", "app", "src/app"),
        ("src", "src", "src"),
        ("src/app", "src", "src/app"),
    ],
)
def test_a_folder_is_named_from_the_root_or_else_from_what_was_opened(
    tmp_path: Path, prefix: str, named: str, folder: str
) -> None:
    assert find_folder(snapshot(tmp_path, prefix=prefix), named) == folder


def test_an_absolute_path_is_understood(tmp_path: Path) -> None:
    assert find_folder(snapshot(tmp_path.resolve()), str(tmp_path / "src" / "app")) == "src/app"


@pytest.mark.parametrize(
    ("prefix", "named", "message"),
    [
        ("", "auth", "auth: no such folder here; did you mean src/app/auth?"),
        ("", "app", "did you mean src/app?"),
        ("", "SRC", "did you mean src?"),
        ("", "sr/app", "did you mean src/app?"),
        ("", "qqq", "named from the top of the repository"),
        ("", "../src", "../src: no such folder"),
        ("", "/", "/: no such folder"),
        ("", "top.py", "top.py: a file; name its folder, ."),
        ("", "src/app/web.py", "name its folder, src/app"),
        ("", " ", "is empty"),
        ("src", "docs", "docs: no such folder under src"),
        ("", "src/ap\udcff", "did you mean src/app?"),
        ("", "a\x00b", "no such folder"),
    ],
)
def test_a_folder_that_is_not_there_is_told_with_one_that_is(
    tmp_path: Path, prefix: str, named: str, message: str
) -> None:
    with pytest.raises(InputError) as raised:
        find_folder(snapshot(tmp_path, prefix=prefix), named)
    assert message in str(raised.value)
