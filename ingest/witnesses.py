"""Looks at how paths lie, to tell whether they still lie so. Opens no file, and knows no repository."""

import hashlib
import os
from collections.abc import Iterable, Sequence

__all__ = ["RACY_NS", "are_settled", "look_at", "names_in"]

_FIELDS = 5  # mode, size, time of modification, time of change, inode
_ABSENT = (0,) * _FIELDS
RACY_NS = 2_000_000_000
"""The coarsest time stamps still met: FAT's."""


def look_at(paths: Iterable[str], *, follow: bool = False) -> list[int]:
    """The state of each path, five numbers a path; zeros where nothing lies. Equal states: nothing was written there.

    Of a symlink the state is its own, or with `follow` that of where it leads.

    Raises:
        OSError: One of them may not be looked at.
    """
    states: list[int] = []
    status_of = os.stat if follow else os.lstat
    for path in paths:
        try:
            status = status_of(path)
        except (FileNotFoundError, NotADirectoryError):
            states += _ABSENT
        else:
            states += (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return states


def names_in(folders: Iterable[str]) -> str:
    """A digest of the names in each folder, and of whether each is a folder, a symlink or neither.

    Raises:
        OSError: One of them is no folder, or may not be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for folder in folders:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "//" if entry.is_symlink() else "")
                for entry in entries
            )
        digest.update("\0".join([*names, "/"]).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def are_settled(states: Sequence[int], *, before_ns: int) -> bool:
    """Whether all were last changed well before a moment: what is changed after it then gets another time stamp.

    This is git's rule for racy entries, with a margin for clocks that count in steps of two seconds.
    """
    newest = max(max(states[2::_FIELDS], default=0), max(states[3::_FIELDS], default=0))
    return newest < before_ns - RACY_NS
