"""Indexes a snapshot: reads and parses what the store lacks, has it embedded and stored, then writes the read image.

Runs under the source's lock. Whatever was stored before a run was killed is found by the next one. Knows nothing of
questions, and of LanceDB only through the store.
"""

import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ...errors import IndexStoreError
from ...ingest.types import FileEntry, Progress, Reason, Snapshot
from ..types import Chunk, FileRecord
from .bases import Bases, is_outgrown
from .embedder import Embedder
from .flat_records import flatten
from .image import FileNotes
from .intake import Intake
from .keys import content_key
from .latent import SAMPLE_CHUNKS, LatentEmbedder, learn
from .layout import unwritable
from .parsing import Parser, Work
from .reading import read_works
from .segment import SegmentBuilder
from .stopwatch import Stopwatch
from .store import DamagedStoreError, Store
from .variant import Variant

__all__ = ["Built", "build"]

_BATCH_BYTES = 500_000  # of text for a worker at a time: 0.2 s of work
_BATCH_FILES = 200
_LEARNED_DIMENSIONS = 64
# Rows of other commits, selections and versions may be this many times the snapshot's own before they are dropped.
_MAX_UNUSED = 4
_MIN_UNUSED = 5_000

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
    try:
        return _Run(snapshot, variant, progress).build()
    except DamagedStoreError as error:
        _log.warning("%s; the index is built anew", error)
        shutil.rmtree(variant.store_folder, ignore_errors=True)
    try:
        return _Run(snapshot, variant, progress).build()
    except DamagedStoreError as error:
        raise IndexStoreError(f"{error}; give another --index-dir") from error


class _Run:
    """One indexing run."""

    def __init__(self, snapshot: Snapshot, variant: Variant, progress: Progress | None) -> None:
        self._snapshot, self._variant = snapshot, variant
        self._progress: Progress = progress or (lambda stage, done, total: None)
        self._clock = Stopwatch()
        self._bases = Bases(variant.folder)
        self._embedder: Embedder | None = variant.given or self._bases.current()
        self._keys = [content_key(entry, transform=variant.transform) for entry in snapshot.entries]
        self._needed = dict(zip(self._keys, snapshot.entries, strict=True))
        with self._clock.stage("write"):
            dimensions = self._embedder.dimensions if self._embedder else _LEARNED_DIMENSIONS
            self._store = Store(variant.store_folder, dimensions=dimensions)
        self._num_read = 0

    def build(self) -> Built:
        if self._embedder is not None:
            self._fold_log(self._embedder)
            self._move_vectors(self._embedder)
        before = self._stored()
        embedder = self._embedder = self._read(sorted(self._needed.keys() - before))
        if isinstance(embedder, LatentEmbedder) and before and self._is_outgrown(embedder, before):
            embedder = self._embedder = self._learn_anew(embedder)
        entries = self._write_image(embedder)
        self._drop_unused(embedder)
        return Built(entries, self._num_read, self._clock.seconds)

    def _stored(self) -> set[str]:
        """The needed keys that are in the store with vectors of the embedder in use."""
        return self._store.keys(embedder_id=self._embedder.id) & self._needed.keys() if self._embedder else set()

    def _fold_log(self, embedder: Embedder) -> None:
        """Moves the log into the store."""
        log = self._variant.log(embedder.id)
        stored = self._store.keys(embedder_id=embedder.id)
        with self._clock.stage("write"):
            entries = list(log.entries())
            self._store.add([part for part in entries if part.keys[0] not in stored], embedder_id=embedder.id)
            log.remove(key for part in entries for key in part.keys)

    def _move_vectors(self, embedder: Embedder) -> None:
        """Embeds anew what is stored with another basis; nothing is parsed for it."""
        for other in sorted(self._store.embedders() - {embedder.id}):
            movable = self._store.keys(embedder_id=other) & (self._needed.keys() - self._stored())
            intake = self._intake(embedder)
            for stored in self._clock.timed("write", self._store.read(movable, embedder_id=other)):
                intake.put([stored.key], flatten([stored.record]))
            intake.finish()

    def _read(self, keys: Sequence[str]) -> Embedder:
        """Reads, parses, embeds and stores files, in the order of their blobs."""
        entries = [self._needed[key] for key in keys]
        num_bytes = sum(max(entry.size, 0) for entry in entries)
        intake = self._intake(self._embedder)
        with Parser(num_files=len(entries), num_bytes=num_bytes) as parser:
            batches = self._batches(entries, intake)
            for works, flat in self._clock.timed("parse", parser.parse(batches)):
                intake.put([work.key for work in works], flat)
                self._progress("reading and parsing", self._num_read, len(entries))
        return intake.finish()

    def _batches(self, entries: Sequence[FileEntry], intake: Intake) -> Iterator[list[Work]]:
        """Texts in portions for a worker. What is left out goes straight to the intake."""
        batch: list[Work] = []
        size = 0
        works = read_works(
            self._snapshot, entries, selection=self._variant.selection, transform=self._variant.transform
        )
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

    def _intake(self, embedder: Embedder | None) -> Intake:
        return Intake(self._store, embedder=embedder, learn=self._learn, clock=self._clock)

    def _learn(self, chunks: Sequence[Chunk]) -> Embedder:
        basis = learn(chunks)
        self._bases.adopt(basis)
        return basis

    def _is_outgrown(self, basis: LatentEmbedder, before: set[str]) -> bool:
        """Whether the basis no longer fits, judged by the new files when they are most of the snapshot."""
        num_chunks = self._store.num_chunks(self._needed, embedder_id=basis.id)
        new = sorted(self._needed.keys() - before)
        coverage = None
        if self._store.num_chunks(new, embedder_id=basis.id) > num_chunks / 2:
            known, total = basis.known(self._sample(new, basis))
            coverage = known / max(total, 1)
        return is_outgrown(basis, num_chunks=num_chunks, coverage=coverage)

    def _learn_anew(self, basis: LatentEmbedder) -> Embedder:
        _log.info("%s: learning the vector basis anew", self._variant.folder)
        with self._clock.stage("embed"):
            embedder = self._learn(self._sample(sorted(self._needed), basis))
        self._embedder = embedder
        self._move_vectors(embedder)
        return embedder

    def _sample(self, keys: Sequence[str], basis: LatentEmbedder) -> list[Chunk]:
        """Chunks of the first of these files, as many as a basis is learned from."""
        wanted: list[str] = []
        num_chunks = 0
        for key in keys:
            wanted.append(key)
            num_chunks += self._store.num_chunks([key], embedder_id=basis.id)
            if num_chunks >= SAMPLE_CHUNKS:
                break
        stored = sorted(self._store.read(wanted, embedder_id=basis.id), key=lambda file: file.key)
        return [chunk for file in stored for chunk in file.record.chunks][:SAMPLE_CHUNKS]

    def _write_image(self, embedder: Embedder) -> tuple[FileEntry, ...]:
        """Lays the snapshot's records out as an image; gives the files it is for."""
        entries_by_key: dict[str, list[FileEntry]] = {}
        for key, entry in zip(self._keys, self._snapshot.entries, strict=True):
            entries_by_key.setdefault(key, []).append(entry)
        builder, notes = SegmentBuilder(), FileNotes()
        with self._clock.stage("image"):
            for num_done, stored in enumerate(self._store.read(self._needed, embedder_id=embedder.id), 1):
                for entry in entries_by_key.pop(stored.key):
                    notes.add(entry.path, stored.record)
                    if stored.record.omission is None:
                        builder.add(entry.path, stored.record, stored.vectors)
                self._progress("writing the image", num_done, len(self._needed))
            entries = self._indexed(entries_by_key.values(), notes)
            try:
                self._variant.images().save(entries, builder.finish(), embedder_id=embedder.id, notes=notes)
            except OSError as error:
                raise unwritable(self._variant.folder, error) from error
        return entries

    def _indexed(self, unread: Iterable[list[FileEntry]], notes: FileNotes) -> tuple[FileEntry, ...]:
        """The files that the image is for.

        A file on disk that vanished or changed meanwhile is another file in the next snapshot. An object that git's
        store lacks stays lost: it is noted as unreadable, so that it is not looked for again with each question.
        """
        gone: set[str] = set()
        for entry in chain.from_iterable(unread):
            if entry.on_disk:
                gone.add(entry.path)
            else:
                notes.add(entry.path, FileRecord(entry.blob_id, "", Reason.UNREADABLE, entry.size))
        return tuple(entry for entry in self._snapshot.entries if entry.path not in gone)

    def _drop_unused(self, embedder: Embedder) -> None:
        """Keeps the store from growing for ever with rows of old commits, versions and bases."""
        with self._clock.stage("write"):
            for other in self._store.embedders() - {embedder.id}:
                self._store.remove(self._store.keys(embedder_id=other), embedder_id=other)
            unused = self._store.keys(embedder_id=embedder.id) - self._needed.keys()
            if len(unused) > max(_MAX_UNUSED * len(self._needed), _MIN_UNUSED):
                self._store.remove(unused, embedder_id=embedder.id)
            self._store.tidy()
        if self._variant.given is None:
            self._bases.forget_others(embedder.id)
