"""Indexes a snapshot: reads and parses what the store lacks, has it embedded and stored, then writes the read image.

Runs under the source's lock. Whatever was stored before a run was killed is found by the next one. Knows nothing of
questions, and of LanceDB only through the store.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import IndexStoreError
from ...ingest import secrets
from ...ingest.types import FileEntry, Progress, Snapshot
from ..garbage import fewer_collections
from ..stopwatch import Stopwatch
from ..storage.replacement import discard
from .flat_records import StoredFile, flatten
from .image_writer import write_image
from .intake import Intake, Sink
from .keys import content_key
from .layout import DamagedStoreError
from .memory import return_large_blocks, trim_memory
from .parsing import Parser, Work
from .reading import read_works
from .spool import Spool
from .store_writer import StoreWriter
from .upkeep import drop_unused, fold_log
from .variant import Variant

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Built", "build"]

_BATCH_BYTES = 500_000  # of text for a worker at a time: 0.2 s of work
_BATCH_FILES = 200
_SMALL_BYTES = 4_000_000  # kept in memory from parsing to the image, and stored from another process meanwhile

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What an indexing run did.

    Attributes:
        entries: The files that the image was made for: those of the snapshot that could be read.
        num_read: Files whose bytes were read.
        seconds: By stage.
    """

    entries: tuple[FileEntry, ...]
    num_read: int
    seconds: dict[str, float]


def build(snapshot: Snapshot, variant: Variant, *, progress: Progress | None = None) -> Built:
    """Makes the image of a snapshot. Call it under the source's lock.

    Raises:
        IndexStoreError: The index cannot be written.
    """
    return_large_blocks()
    try:
        with fewer_collections():
            return _Run(snapshot, variant, progress).build()
    except DamagedStoreError as error:
        _log.warning("%s; the index is built anew", error)
        discard(variant.store_folder)
    try:
        with fewer_collections():
            return _Run(snapshot, variant, progress).build()
    except DamagedStoreError as error:
        raise IndexStoreError(f"{error}; give another --index-dir") from error


class _Run:
    """One indexing run."""

    def __init__(self, snapshot: Snapshot, variant: Variant, progress: Progress | None) -> None:
        self._snapshot, self._variant = snapshot, variant
        self._progress: Progress = progress or (lambda stage, done, total: None)
        self._clock = Stopwatch()
        self._keys = [content_key(entry, transform=variant.transform) for entry in snapshot.entries]
        self._needed = dict(zip(self._keys, snapshot.entries, strict=True))
        self._spool = Spool(variant.spool_folder)
        self._num_read = 0

    def build(self) -> Built:
        is_new = not self._variant.store_folder.exists()
        num_bytes = sum(entry.size for entry in self._needed.values())
        if is_new and not self._variant.selection.allow_secrets:
            secrets.prepare_early(num_bytes)
        if not is_new or self._spool.paths():
            entries = self._update_store()
        elif num_bytes <= _SMALL_BYTES:
            entries = self._fill_new_store()
        else:
            entries = self._fill_large_store()
        return Built(entries, self._num_read, self._clock.seconds)

    def _fill_new_store(self) -> tuple[FileEntry, ...]:
        """Reads everything; the image comes straight from memory, while another process stores the records."""
        with StoreWriter(self._variant.store_folder, dimensions=self._variant.dimensions) as writer:
            intake = self._intake(writer, keep=True)
            self._read(sorted(self._needed), intake)
            entries = self._write_image(file for part in intake.kept for file in part.files())
            with self._clock.stage("write"):
                writer.finish()
        return entries

    def _fill_large_store(self) -> tuple[FileEntry, ...]:
        """Reads everything into files; then the image comes from them, while another process stores the records.

        LanceDB comes when the workers have gone, so that its 140 MB and their 90 each are not there at once.
        """
        self._read(sorted(self._needed), self._intake(self._spool))
        secrets.unload()
        trim_memory()
        with StoreWriter(self._variant.store_folder, dimensions=self._variant.dimensions) as writer:
            writer.add_files(self._spool.paths())
            entries = self._write_image(self._spool.files())
            with self._clock.stage("write"):
                writer.finish()
        self._spool.discard()
        return entries

    def _update_store(self) -> tuple[FileEntry, ...]:
        """Reads what is missing; the image comes from the store, so that no 30 MB are in memory twice."""
        with self._clock.stage("load"):
            from .store import Store  # loads LanceDB
        with self._clock.stage("write"):
            store = Store(self._variant.store_folder, dimensions=self._variant.dimensions)
            self._take_in_spool(store)
            fold_log(self._variant.log(), store)
        self._read(sorted(self._needed.keys() - store.keys()), self._intake(store))
        store.release_memory()
        entries = self._write_image(store.read(self._needed))
        with self._clock.stage("write"):
            drop_unused(store, self._needed)
        return entries

    def _take_in_spool(self, store: "Store") -> None:
        """Stores what a run that was killed had read."""
        for part in self._spool.parts():
            if store.keys().isdisjoint(part.keys):
                store.add([part])
        self._spool.discard()

    def _read(self, keys: Sequence[str], intake: Intake) -> None:
        """Reads, parses, embeds and stores files, in the order of their blobs."""
        entries = [self._needed[key] for key in keys]
        num_bytes = sum(entry.size for entry in entries)
        with Parser(num_files=len(entries), num_bytes=num_bytes) as parser:
            batches = self._batches(entries, intake)
            for works, flat in self._clock.timed("parse", parser.parse(batches)):
                intake.put([work.key for work in works], flat)
                self._progress("reading and parsing", self._num_read, len(entries))
        intake.finish()

    def _batches(self, entries: Sequence[FileEntry], intake: Intake) -> Iterator[list[Work]]:
        """Texts in portions for a worker. What is left out goes straight to the intake."""
        variant = self._variant
        works = read_works(self._snapshot, entries, selection=variant.selection, transform=variant.transform)
        batch: list[Work] = []
        size = 0
        for work in self._clock.timed("read", works):
            self._num_read += 1
            if not isinstance(work, Work):
                key, record = work
                intake.put([key], flatten([record]))
                continue
            batch.append(work)
            size += len(work.text)
            if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _write_image(self, files: Iterable[StoredFile]) -> tuple[FileEntry, ...]:
        with self._clock.stage("image"):
            return write_image(self._snapshot.entries, self._keys, files, self._variant, progress=self._progress)

    def _intake(self, sink: Sink, *, keep: bool = False) -> Intake:
        return Intake(sink, embed=self._variant.embed, clock=self._clock, keep=keep)
