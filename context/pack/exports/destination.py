"""Where an export goes: a file that is put in place whole or not at all. What no export wrote is never overwritten.

Knows nothing of what is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ....errors import InputError
from ...storage.replacement import Replacement

__all__ = ["check_destination", "writing"]


def check_destination(path: Path, *, openings: tuple[bytes, ...]) -> Path:
    """The file to write, links followed.

    Args:
        path: What the user named.
        openings: What a file that may be overwritten begins with.

    Raises:
        InputError: A folder, a link to what is not there, or a file that something else has written.
    """
    file, is_folder = _resolved(path)
    if path.is_symlink() and not file.exists():  # a repository that is not trusted may have put it there
        raise InputError(f"{path}: a link to {file}, which is not there; remove it, or name another file")
    if is_folder:
        raise InputError(f"{path}: a folder; name a file in it")
    if file.is_file() and (opening := _opening(file, max(map(len, openings)))) and not opening.startswith(openings):
        raise InputError(f"{path}: it is there, and no pack of repoask; remove it, or name another file")
    return file


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its name when the block ends and vanishes when it fails.

    A device or a pipe is written as it is.

    Raises:
        InputError: It cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as out:
                yield out
        else:
            with Replacement(path) as out:
                yield out
    except OSError as error:
        raise InputError(f"{path}: it cannot be written ({error.strerror or error}); nothing was left") from error


def _resolved(path: Path) -> tuple[Path, bool]:
    """Where the links of a path lead, and whether that is a folder."""
    try:
        file = path.resolve()
        return file, file.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name that is too long, a NUL
        raise InputError(f"{str(path)!a}: no file can have this name: {error}") from error


def _opening(file: Path, length: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(length)
    except OSError as error:
        raise InputError(f"{file}: it is there and cannot be read ({error.strerror})") from error
