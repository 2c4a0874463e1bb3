"""Lets one process at a time write the index of a source. Knows nothing of what is written.

Readers of images and of the log need no lock: those files appear whole. LanceDB is read and written under it alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import IndexStoreError
from ...ingest.types import Progress
from .layout import unwritable

__all__ = ["folder_lock"]

_NAME = "index.lock"
_POLL_S = 0.05


@contextmanager
def folder_lock(folder: Path, *, progress: Progress | None = None, timeout_s: float = -1) -> Iterator[None]:
    """Holds the lock of a source's folder; the system releases it when a process dies.

    Args:
        folder: Of the source; made where it is missing.
        progress: Told once that another process is being waited for.
        timeout_s: How long to wait; for ever when negative.

    Raises:
        IndexStoreError: The folder cannot be written, or another process still holds the lock after `timeout_s`.
    """
    import filelock  # not needed while nothing is written

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = filelock.FileLock(folder / _NAME, poll_interval=_POLL_S)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            if progress is not None:
                progress("another repoask is indexing; waiting", 0, 0)
            lock.acquire(timeout=timeout_s)
    except filelock.Timeout:
        raise IndexStoreError(f"{folder}: another repoask is using this index; try again when it is done") from None
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()
