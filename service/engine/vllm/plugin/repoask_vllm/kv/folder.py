"""KV in files of a folder: stored whole or not at all, checked when loaded, evicted when there are too many.

    ROOT/ledger                              how many bytes all namespaces hold
    ROOT/NAMESPACE/namespace.json            what the KV belongs to
    ROOT/NAMESPACE/HH/HASH-GROUP.kv          a chunk, by its last block's hash

Any number of processes may use a folder, and a namespace, at once: a chunk's name tells its content, so two that store
it store the same; names appear by renaming; bytes are counted under a lock. The limit is the whole folder's. Knows
nothing of vLLM, nor of what a namespace stands for.
"""

import fcntl
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from .eviction import KV_SUFFIX, TEMPORARY_SUFFIX, Evictor
from .kv_file import HEADER_BYTES, DamagedFileError, read_kv, write_kv
from .ledger import Ledger, next_time

__all__ = ["KvFolder", "chunk_path"]

_GROUP_BYTES = 4


def chunk_path(namespace: Path, key: bytes) -> Path:
    """The file of a chunk; its key is vLLM's: a hash, and the KV group in four bytes."""
    name = key[:-_GROUP_BYTES].hex()
    group = int.from_bytes(key[-_GROUP_BYTES:], "big")
    return namespace / name[:2] / f"{name}-{group}{KV_SUFFIX}"


class KvFolder:
    """One namespace of a folder. Its methods may be called from any thread."""

    def __init__(self, root: Path, namespace: str, *, limit_bytes: int) -> None:
        """Opens nothing yet.

        Args:
            root: The folder of all namespaces.
            namespace: The name of this one's folder.
            limit_bytes: Of all files together.
        """
        self._namespace = root / namespace
        self._ledger = Ledger(root)
        self._evictor = Evictor(root, limit_bytes=limit_bytes)
        self._clock_ns = 0

    def settle(self) -> None:
        """Counts what is there, evicts what is over the limit, and learns the time.

        Raises:
            OSError: The folder cannot be written.
        """
        with self._ledger.opened() as book:
            self._evictor.count(book)
            self._evictor.make_room(book, 0, before_ns=next_time(book.clock_ns))
            self._clock_ns = book.clock_ns

    def begin_use(self) -> int:
        """The time of a use, which is later than that of any before; opens no file."""
        self._clock_ns = next_time(self._clock_ns)
        return self._clock_ns

    def holds(self, key: bytes) -> bool:
        """Whether a chunk's file is there: what is there is whole, and on the disk."""
        return chunk_path(self._namespace, key).exists()

    def store(self, key: bytes, payload: memoryview, *, use_ns: int, depth: int) -> bool:
        """Stores a chunk; gives whether it is on the disk, which has no room where all else is of more use.

        Args:
            key: Of the chunk.
            payload: Its KV.
            use_ns: Of the prompt, as `begin_use` gave it.
            depth: How many chunks of the prompt come before it.

        Raises:
            OSError: The disk is full, or cannot be written.
        """
        path, size, time_ns = chunk_path(self._namespace, key), HEADER_BYTES + len(payload), use_ns - depth
        with self._ledger.opened() as book:
            book.clock_ns = max(book.clock_ns, use_ns)
            if path.exists():
                os.utime(path, ns=(time_ns, time_ns))
                return True
            if not self._evictor.make_room(book, size, before_ns=time_ns):
                return False
            temporary, descriptor = _create(path, size)
            assert book.used_bytes is not None
            book.used_bytes += size
        try:
            write_kv(descriptor, payload, owner=self._owner(key))
            os.utime(descriptor, ns=(time_ns, time_ns))
            os.fsync(descriptor)
            is_new = self._place(temporary, path)
        except BaseException:
            self._uncount(temporary, size)
            raise
        finally:
            os.close(descriptor)
        if not is_new:  # another process was quicker
            self._uncount(temporary, size)
        _sync_folder(path.parent)
        return True

    def load(self, key: bytes, payload: memoryview) -> None:
        """Loads a chunk; a file that is damaged is removed.

        Raises:
            DamagedFileError: It was.
            OSError: There is none, or it cannot be read.
        """
        path = chunk_path(self._namespace, key)
        try:
            read_kv(path, payload, owner=self._owner(key))
        except DamagedFileError:
            with suppress(OSError):
                self._uncount(path, path.stat().st_size)
            raise

    def touch(self, depths: dict[bytes, int], *, use_ns: int) -> None:
        """Notes the use of chunks of a prompt; of those that are not there nothing."""
        used = False
        for key, depth in depths.items():
            with suppress(OSError):
                os.utime(chunk_path(self._namespace, key), ns=(use_ns - depth, use_ns - depth))
                used = True
        if used:
            with suppress(OSError), self._ledger.opened() as book:
                book.clock_ns = max(book.clock_ns, use_ns)

    def _owner(self, key: bytes) -> bytes:
        return hashlib.sha256(self._namespace.name.encode("utf-8") + b"\0" + key).digest()

    def _place(self, temporary: Path, path: Path) -> bool:
        with self._ledger.opened():
            if path.exists():
                return False
            temporary.rename(path)
            return True

    def _uncount(self, path: Path, size: int) -> None:
        with suppress(OSError), self._ledger.opened() as book:
            path.unlink()
            if book.used_bytes is not None:
                book.used_bytes -= size


def _create(path: Path, size: int) -> tuple[Path, int]:
    """A file that is locked while it is written, so that others know it from one that a crash left behind."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, size)  # counted in full from the first moment
    except BaseException:
        os.close(descriptor)
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary, descriptor


def _sync_folder(folder: Path) -> None:
    """Makes a name as durable as what it names."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
