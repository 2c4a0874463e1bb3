"""How many bytes a folder holds, and when it was last used: one small file that every process locks before it counts.

Time is a clock that never goes back: the machine's own, unless a later time has been noted before. Whoever sets the
machine's clock cannot make new files look old. Knows nothing of what is in the folder.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TICK_NS", "Book", "Ledger", "next_time"]

TICK_NS = 1 << 20
"""Two uses are at least so far apart: room for an order within one of them."""

_NAME = "ledger"
# of fixed width, so that writing it anew takes no new room on a full disk
_LINE = "{:020d} {:020d}\n"
_LINE_BYTES = len(_LINE.format(0, 0))


@dataclass(slots=True)
class Book:
    """What the ledger says; what is changed while it is open is written when it is closed.

    Attributes:
        used_bytes: In the folder; None when nobody knows.
        clock_ns: The latest use that was noted.
    """

    used_bytes: int | None
    clock_ns: int


class Ledger:
    """The ledger of a folder. Any number of threads and processes may open it: each waits for the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def opened(self) -> Iterator[Book]:
        """The book, for this thread alone.

        Raises:
            OSError: The folder cannot be written, or its file system has no locks.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            before = os.pread(descriptor, _LINE_BYTES + 1, 0)
            book = _read(before)
            try:
                yield book
            finally:
                after = _LINE.format(max(0, book.used_bytes or 0), book.clock_ns).encode("ascii")
                if book.used_bytes is not None and after != before:
                    os.pwrite(descriptor, after, 0)
                    os.ftruncate(descriptor, len(after))
        finally:
            os.close(descriptor)


def next_time(after_ns: int) -> int:
    """Now, or a tick after the time given where that is later."""
    return max(time.time_ns(), after_ns + TICK_NS)


def _read(line: bytes) -> Book:
    words = line.split()
    if len(line) == _LINE_BYTES and len(words) == 2 and all(word.isdigit() for word in words):
        return Book(int(words[0]), int(words[1]))
    return Book(None, 0)
