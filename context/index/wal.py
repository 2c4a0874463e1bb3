"""The write-ahead log: records of files read since the store was last written, one small file each.

An edited file is answered from here, so that a question never waits for LanceDB's import (1.1 s); the next full
indexing moves the log into the store. Losing an entry costs one parse. Knows nothing of snapshots or of the store.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..storage.array_file import DamagedFileError, read_arrays, write_arrays
from ..types import FileRecord
from .flat_records import FLAT_ARRAYS, Embedded, FileHead, FlatRecords, flatten

__all__ = ["WriteAheadLog"]

_SUFFIX = ".rec"
_MAX_ENTRIES = 512  # one for each save of a file in days of editing; about 20 KB each

_log = logging.getLogger(__name__)


class WriteAheadLog:
    """The log of one source and embedder.

    Safe without a lock: an entry appears whole, and says the same whoever wrote it.
    """

    def __init__(self, folder: Path, *, embedder_id: str) -> None:
        self._folder = folder / "log" / embedder_id

    def get(self, key: str) -> tuple[FileRecord, NDArray[np.float32]] | None:
        """The record under a content key and the vectors of its chunks, or None."""
        try:
            flat, vectors = self._read(self._path(key))
        except FileNotFoundError:
            return None
        except DamagedFileError as error:
            _log.warning("%s; it is read anew", error)
            return None
        return next(flat.records()), vectors

    def put(self, key: str, record: FileRecord, vectors: NDArray[np.float32]) -> None:
        """Adds a record. A log that cannot be written is told to the logger: the answer does not depend on it."""
        flat = flatten([record])
        arrays = {name: getattr(flat, name) for name in FLAT_ARRAYS} | {"vectors": vectors}
        meta = {"head": asdict(flat.heads[0]), "symbols": flat.symbols, "kinds": flat.kinds}
        try:
            write_arrays(self._path(key), arrays, meta)
        except OSError as error:
            _log.warning("%s: %s", self._folder, error)

    def entries(self) -> Iterator[Embedded]:
        """All that can be read."""
        for path in self._paths():
            with suppress(FileNotFoundError, DamagedFileError):
                yield Embedded((path.name.removesuffix(_SUFFIX),), *self._read(path))

    def remove(self, keys: Iterable[str]) -> None:
        """Drops entries that the store holds now."""
        for key in keys:
            with suppress(OSError):  # mapped by another process on Windows
                self._path(key).unlink(missing_ok=True)

    def prune(self) -> None:
        """Drops the oldest entries beyond the limit."""
        paths = self._paths()
        if len(paths) <= _MAX_ENTRIES:
            return
        with suppress(OSError):  # another process may prune at the same time
            for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)[:-_MAX_ENTRIES]:
                path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if path.suffix == _SUFFIX]
        except FileNotFoundError:
            return []

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"

    @staticmethod
    def _read(path: Path) -> tuple[FlatRecords, NDArray[np.float32]]:
        arrays, meta = read_arrays(path)
        vectors = arrays.pop("vectors")
        flat = FlatRecords(heads=(FileHead(**meta["head"]),), symbols=meta["symbols"], kinds=meta["kinds"], **arrays)
        return flat, vectors
