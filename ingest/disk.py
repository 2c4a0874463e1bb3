"""Reads files of a folder without ever leaving it, and computes git's blob ids.

Knows nothing of repositories, indexes or selections.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Folders", "blob_id_of", "folders_above", "keep_unlisted", "matching_bytes", "read_file"]

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO that took the place of a file must not make us wait
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_SHA256_HEX_DIGITS = 64
_NEVER_FOLLOWED = frozenset(("", ".", "..", ".git"))
_FOREIGN_DIVIDER = re.compile(r"[\\:]")


class Folders:
    """Tells whether a path's parents are real folders all the way from the root; each is looked at once.

    Attributes:
        top: The root with a slash at its end, to put before a path.
    """

    def __init__(self, root: Path) -> None:
        self.top = f"{root}/"
        self._real: dict[str, bool] = {"": True}

    def lead_to(self, path: str) -> bool:
        """Whether the path stays under the root, through real folders alone. Says nothing of what lies there."""
        folder, _, name = path.rpartition("/")
        return _is_plain(name) and self.are_real(folder)

    def are_real(self, folder: str) -> bool:
        """False when `folder`, or one above it, is a symlink, missing, no folder, or leads out of the root."""
        known = self._real.get(folder)
        if known is None:
            known = True
            for parent in (*folders_above(folder), folder):
                if parent not in self._real:
                    self._real[parent] = known and _is_plain(parent.rpartition("/")[2]) and self._is_folder(parent)
                known = self._real[parent]
        return known

    def _is_folder(self, folder: str) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(self.top + folder).st_mode)
        except (OSError, ValueError):
            return False


def folders_above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the outermost first; the root is none of them."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def _is_plain(name: str) -> bool:
    """False for a name that leads elsewhere, as a forged index may hold; on Windows a backslash or colon does."""
    return name.lower() not in _NEVER_FOLLOWED and (os.sep == "/" or not _FOREIGN_DIVIDER.search(name))


def read_file(root: Path, path: str, *, folders: Folders | None = None, max_bytes: int = -1) -> bytes | None:
    """The bytes of a regular file under `root`; None when it is missing, unreadable, or reached through a symlink.

    Args:
        root: What the path must not lead out of.
        path: Of the file.
        folders: What is known of the folders under `root`.
        max_bytes: How many to read at most; all when negative.
    """
    if not (folders or Folders(root)).lead_to(path):
        return None
    try:
        descriptor = os.open(f"{root}/{path}", _FLAGS)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - Path.open takes no descriptor
        try:
            return file.read(max_bytes)
        except OSError:
            return None


def keep_unlisted(folder: Path) -> None:
    """Has git, and so us, pass over a folder of ours that was put inside a work tree."""
    file = folder / ".gitignore"
    if not file.exists():
        file.write_text("*\n", "ascii")


def blob_id_of(data: bytes, *, object_format: str) -> str:
    """The id that git gives these bytes: the hash of `blob <size>`, NUL, and the bytes."""
    digest = hashlib.new(object_format, b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def matching_bytes(data: bytes, blob_id: str) -> bytes | None:
    """The form of `data` that has this id: as it is, or with the line ends that git stores; else None."""
    object_format = "sha256" if len(blob_id) == _SHA256_HEX_DIGITS else "sha1"
    if blob_id_of(data, object_format=object_format) == blob_id:
        return data
    if b"\r\n" in data:
        stored = data.replace(b"\r\n", b"\n")
        if blob_id_of(stored, object_format=object_format) == blob_id:
            return stored
    return None
