"""The durable store: LanceDB, the one truth of the index. Knows no paths, no snapshots, and nothing of ranking.

Two tables. `files` has a row for each blob read in one way; `chunks` has its chunks, with their vectors where there
are any. LanceDB commits one table at a time, so a write puts chunks first, then the files that own them, both
under one batch number: a file's row is its commit mark. Chunks whose batch has no such row were left by a process that
died; no reader sees them and the next writer removes them. All use is under the source's lock, by one process.

Importing this module costs 1.2 s (LanceDB's own models): nobody does so to answer a question.
"""

import logging
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..types import Chunk
from .arrow_rows import FILE_SCHEMA, chunk_rows, chunk_schema, chunks_of, file_rows, heads_of, vectors_of
from .flat_records import Embedded, FileHead, StoredFile, record_of
from .layout import DamagedStoreError, is_refusal, unwritable
from .memory import trim_memory

__all__ = ["Store"]

_SCAN_ROWS = 512  # LanceDB reads some 16 such portions ahead: 2,048 rows took 35 MB more and were no quicker
_MAX_VERSIONS = 64  # beyond it small fragments slow the scan; compacting 38 MB takes 0.4 s
_KEYS_PER_FILTER = 500

# `, /root/.cargo/registry/src/.../dataset.rs:595:15`: where in LanceDB's own source, which tells the user nothing
_RUST_PLACE = re.compile(r",?\s*(?:\bat\s+)?[^\s,]*\.rs(?::\d+)*")

_log = logging.getLogger(__name__)


class Store:
    """The tables of one source for one embedder, by its dimensions; 0 where there are no vectors.

    Raises:
        DamagedStoreError: From any method.
        IndexStoreError: From any method that writes, when the system refuses.
    """

    def __init__(self, folder: Path, *, dimensions: int) -> None:
        self._folder, self._dimensions = folder, dimensions
        self._chunk_schema = chunk_schema(dimensions)
        with _reading(folder):
            database = lancedb.connect(folder)
            self._files = database.create_table("files", schema=FILE_SCHEMA, exist_ok=True)
            self._chunks = database.create_table("chunks", schema=self._chunk_schema, exist_ok=True)
            if self._files.schema != FILE_SCHEMA or self._chunks.schema != self._chunk_schema:
                raise DamagedStoreError(f"{folder}: the tables have other columns")
            rows = self._files.search().select(["key", "batch"]).to_arrow()
        self._batches: dict[str, int] = dict(zip(rows["key"].to_pylist(), rows["batch"].to_pylist(), strict=True))
        self._next_batch = self._remove_orphans() + 1

    def keys(self) -> set[str]:
        """The keys of all files that are kept."""
        return set(self._batches)

    def add(self, parts: Sequence[Embedded]) -> None:
        """Writes records whose keys are not there yet, in one commit. Durable when it returns."""
        keys = [key for part in parts for key in part.keys]
        if not keys:
            return
        batch = self._next_batch
        self._next_batch += 1
        with _writing(self._folder):
            if any(part.flat.num_chunks for part in parts):
                rows = [chunk_rows(part, batch, self._chunk_schema) for part in parts]
                self._chunks.add(pa.Table.from_batches(rows))
            self._files.add(pa.Table.from_batches([file_rows(part, batch) for part in parts]))
        self._batches |= dict.fromkeys(keys, batch)
        self.release_memory()

    def read(self, keys: Collection[str]) -> Iterator[StoredFile]:
        """The files under these keys, in the store's order. A key that is not there is passed over."""
        wanted = {key: self._batches[key] for key in keys if key in self._batches}
        with _reading(self._folder):
            heads = self._heads(wanted)
            if len(heads) != len(wanted):
                raise DamagedStoreError(f"{self._folder}: files are missing")
            for key in [key for key, head in heads.items() if not head.num_chunks]:
                yield StoredFile(key, record_of(heads.pop(key), ()), np.zeros((0, self._dimensions), np.float32))
            pending: dict[str, _Gathered] = {}
            for key, chunks, vectors in self._runs(wanted):
                gathered = pending.setdefault(key, _Gathered([], []))
                gathered.add(chunks, vectors)
                if len(gathered.chunks) == heads[key].num_chunks:
                    yield gathered.stored(key, heads.pop(key))
                    del pending[key]
        if heads:
            raise DamagedStoreError(f"{self._folder}: chunks are missing")

    def remove(self, keys: Collection[str]) -> None:
        """Removes files and their chunks."""
        doomed = [(key, self._batches[key]) for key in keys if key in self._batches]
        with _writing(self._folder):
            for first in range(0, len(doomed), _KEYS_PER_FILTER):
                part = doomed[first : first + _KEYS_PER_FILTER]
                condition = f"{_in('key', [key for key, _ in part])} AND {_in('batch', sorted({b for _, b in part}))}"
                # files first: a process that dies in between leaves orphans, not files without chunks
                self._files.delete(condition)
                self._chunks.delete(condition)
        for key, _ in doomed:
            del self._batches[key]

    def tidy(self) -> None:
        """Joins small fragments and drops old versions when many have gathered."""
        with _writing(self._folder), warnings.catch_warnings():
            # it warns that readers of an old version will fail; the lock says that there are none
            warnings.simplefilter("ignore", UserWarning)
            for table in (self._files, self._chunks):
                if len(table.list_versions()) > _MAX_VERSIONS:
                    table.optimize(cleanup_older_than=timedelta(0))

    @staticmethod
    def release_memory() -> None:
        """Gives memory that is free back to the system: 80 MB after a large write, which the image needs next."""
        pa.default_memory_pool().release_unused()
        trim_memory()

    def _remove_orphans(self) -> int:
        """Removes chunks that no file owns; gives the highest batch number ever seen."""
        alive = set(self._batches.values())
        with _reading(self._folder):
            found = set(self._chunks.search().select(["batch"]).to_arrow()["batch"].unique().to_pylist())
        if orphans := sorted(found - alive):
            _log.info("%s: removing %d unfinished writes", self._folder, len(orphans))
            with _writing(self._folder):
                self._chunks.delete(_in("batch", orphans))
        return max(found | alive, default=0)

    def _heads(self, wanted: dict[str, int]) -> dict[str, FileHead]:
        """The file rows of the keys wanted."""
        query = self._files.search().where(_in("batch", sorted(set(wanted.values())))) if wanted else None
        heads: dict[str, FileHead] = {}
        for rows in query.to_batches(batch_size=_SCAN_ROWS) if query else ():
            heads |= {key: head for key, batch, head in heads_of(rows) if wanted.get(key) == batch}
        return heads

    def _runs(self, wanted: dict[str, int]) -> Iterator[tuple[str, list[Chunk], NDArray[np.float32]]]:
        """Runs of chunk rows that belong to one file; a file may come in several."""
        if not wanted:
            return
        query = self._chunks.search().where(_in("batch", sorted(set(wanted.values()))))
        for rows in query.to_batches(batch_size=_SCAN_ROWS):
            owners = list(zip(rows["key"].to_pylist(), rows["batch"].to_pylist(), strict=True))
            chunks, vectors = chunks_of(rows), vectors_of(rows)
            first = 0
            for (key, batch), run in groupby(owners):
                last = first + len(list(run))
                if wanted.get(key) == batch:
                    yield key, chunks[first:last], vectors[first:last]
                first = last


@dataclass(slots=True)
class _Gathered:
    """The chunks of one file that have come so far."""

    chunks: list[Chunk]
    vectors: list[NDArray[np.float32]]

    def add(self, chunks: list[Chunk], vectors: NDArray[np.float32]) -> None:
        self.chunks += chunks
        self.vectors.append(vectors)

    def stored(self, key: str, head: FileHead) -> StoredFile:
        vectors = np.concatenate(self.vectors)
        order = sorted(range(len(self.chunks)), key=lambda row: self.chunks[row].start)
        chunks = tuple(self.chunks[row] for row in order)
        return StoredFile(key, record_of(head, chunks), vectors[order])


def _in(column: str, values: Sequence[str] | Sequence[int]) -> str:
    # keys are made of hex digits and language names: nothing to escape
    return f"{column} IN ({', '.join(map(repr, values))})"


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError, KeyError) as error:  # LanceDB has no tree of its own
        raise DamagedStoreError(f"{folder}: {_first_line(error)}") from error


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        if is_refusal(error):
            raise unwritable(folder, error) from error
        raise DamagedStoreError(f"{folder}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return _RUST_PLACE.sub("", line)
