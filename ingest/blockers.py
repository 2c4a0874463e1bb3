"""Finds files that would keep git waiting for ever, or that it may not read, before or after it was started.

git opens its own files, and each ignore file, without looking at what they are: a FIFO in the place of one makes it
wait for a writer that never comes, a device gives it bytes without end. Knows nothing of processes.
"""

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import SourceError

__all__ = ["WAITS", "check_objects", "check_repository", "find_blocker"]

# What git opens whichever command it is given; an ignore file may lie in any folder, and is looked for after a stall.
_OWN_FILES = ("HEAD", "index", "config", "config.worktree", "commondir", "info/sparse-checkout")
_SHARED_FILES = (
    "config",
    "packed-refs",
    "shallow",
    "info/exclude",
    "info/grafts",
    "objects/info/alternates",
    "objects/info/commit-graph",
)
_MUST_BE_READ = ("config", "objects", "refs")
_IGNORE_FILE = ".gitignore"
_INCLUDED = re.compile(r"^[ \t]*path[ \t]*=[ \t]*\"?([^\"\n]+?)\"?[ \t]*$", re.MULTILINE | re.IGNORECASE)
WAITS = "a FIFO or a device, which git would wait for without end; remove it"
_SEARCH_S = 5.0
_MAX_CONFIG_BYTES = 1_000_000


def check_repository(git_dir: Path, common_dir: Path, *, work_tree: Path | None) -> None:
    """Looks at the files that git is about to open: 16 times 2 microseconds.

    Raises:
        SourceError: one of them is a FIFO or a device, or may not be read.
    """
    files = [f"{git_dir}/{name}" for name in _OWN_FILES]
    files += [f"{common_dir}/{name}" for name in _SHARED_FILES]
    if work_tree is not None:
        files.append(f"{work_tree}/{_IGNORE_FILE}")
    for file in files:
        if _blocks(file):
            raise SourceError(f"{file}: {WAITS}")
    for file in (f"{git_dir}/HEAD", f"{git_dir}/index", *(f"{common_dir}/{name}" for name in _MUST_BE_READ)):
        if not os.access(file, os.R_OK) and os.path.lexists(file):
            raise SourceError(f"{file}: no permission to read it")


def check_objects(common_dir: Path, ids: Iterable[str]) -> None:
    """Looks at the loose objects of these ids, and at the packs, before a stream of them is read.

    Raises:
        SourceError: one of them is a FIFO or a device.
    """
    objects = f"{common_dir}/objects"
    for file in (*_files_in(f"{objects}/pack"), *(f"{objects}/{one[:2]}/{one[2:]}" for one in ids)):
        if _blocks(file):
            raise SourceError(f"{file}: {WAITS}")


def find_blocker(git_dir: Path, common_dir: Path, *, work_tree: Path | None) -> str | None:
    """The file that git seems to wait for; None when none is found within some seconds."""
    until = time.monotonic() + _SEARCH_S
    for file in _suspects(git_dir, common_dir, work_tree):
        if _blocks(file):
            return file
        if time.monotonic() > until:
            return None
    return None


def _files_in(folder: str) -> list[str]:
    try:
        return [str(file) for file in Path(folder).iterdir()]
    except OSError:
        return []


def _suspects(git_dir: Path, common_dir: Path, work_tree: Path | None) -> Iterator[str]:
    for folder in {git_dir, common_dir}:
        yield from _included(folder / "config")
        for parent, names in _walk(folder):
            yield from (f"{parent}/{name}" for name in names)
    if work_tree is not None and work_tree != git_dir:
        for parent, names in _walk(work_tree):
            yield f"{parent}/{_IGNORE_FILE}" if _IGNORE_FILE in names else parent


def _walk(top: Path) -> Iterator[tuple[str, list[str]]]:
    """Each folder with the names of its files. `os.walk` recurses before Python 3.12, and folders may be deeper."""
    folders = [str(top)]
    while folders:
        folder = folders.pop()
        names: list[str] = []
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                elif entry.name != ".git":
                    folders.append(entry.path)
        yield folder, names


def _included(config: Path) -> Iterator[str]:
    """The files that a config says to read as well."""
    try:
        with config.open(encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_MAX_CONFIG_BYTES)
    except OSError:
        return
    for found in _INCLUDED.finditer(text):
        yield str(config.parent / Path(found[1]).expanduser())


def _blocks(file: str) -> bool:
    """Whether opening or reading the file may never end; the null device is no such file."""
    try:
        status = os.stat(file)  # noqa: PTH116 - a Path would cost three times as much, on each object
        if not (stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)):
            return False
        return status.st_rdev != Path(os.devnull).stat().st_rdev
    except (OSError, ValueError, RuntimeError):
        return False
