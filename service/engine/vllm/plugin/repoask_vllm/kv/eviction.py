"""Makes room in a folder: the files longest unused go first, and what crashed writers left.

The order is that of the files' times of modification, which their users set to the time of the last use. Within one use
the end of a prompt is older than its beginning: a prefix without its end is of use, an end without its prefix is not.
Knows nothing of what is in the files.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .ledger import Book

__all__ = ["KV_SUFFIX", "TEMPORARY_SUFFIX", "Evictor"]

KV_SUFFIX = ".kv"
TEMPORARY_SUFFIX = ".tmp"


@dataclass(frozen=True, slots=True, order=True)
class _File:
    used_ns: int
    path: Path
    size: int


class Evictor:
    """Keeps a folder under a limit. Every call is made while the folder's ledger is open."""

    def __init__(self, folder: Path, *, limit_bytes: int) -> None:
        self._folder, self._limit = folder, limit_bytes
        # of the last look, the oldest first; what was used or made since then is newer than all of them
        self._oldest: deque[_File] = deque()

    def make_room(self, book: Book, size: int, *, before_ns: int) -> bool:
        """Removes what was last used before a time until so many bytes more have room; gives whether they have."""
        counted = False
        while book.used_bytes is None or book.used_bytes + size > self._limit:
            if book.used_bytes is not None and self._oldest and self._oldest[0].used_ns < before_ns:
                self._remove(book, self._oldest.popleft())
            elif counted:
                return False
            else:  # files may have come and gone uncounted: by hand, or with a process that was killed
                self.count(book)
                counted = True
        return True

    def count(self, book: Book) -> None:
        """Looks at every file, and puts the book right."""
        files = sorted(_files(self._folder))
        self._oldest = deque(file for file in files if file.path.suffix == KV_SUFFIX)
        book.used_bytes = sum(file.size for file in files)
        book.clock_ns = max(book.clock_ns, self._oldest[-1].used_ns if self._oldest else 0)

    def _remove(self, book: Book, file: _File) -> None:
        assert book.used_bytes is not None
        with suppress(OSError):  # another process has removed it, and said so in the book
            if file.path.stat().st_mtime_ns == file.used_ns:
                file.path.unlink()
                book.used_bytes -= file.size
                file.path.parent.rmdir()


def _files(folder: Path) -> Iterator[_File]:
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith((KV_SUFFIX, TEMPORARY_SUFFIX)):
                file = Path(path, name)
                with suppress(OSError):
                    if file.suffix == KV_SUFFIX or _is_being_written(file):
                        found = file.stat()
                        yield _File(found.st_mtime_ns, file, found.st_size)


def _is_being_written(file: Path) -> bool:
    """Whether the process that writes a file lives; else it is removed."""
    descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        file.unlink()
        return False
    finally:
        os.close(descriptor)
