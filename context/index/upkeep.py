"""Keeps a store in order around a run: takes in the log, moves records to a new basis, drops what is not used any more.

Knows nothing of reading or parsing files.
"""

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ..stopwatch import Stopwatch
from ..types import Chunk
from .bases import Bases, is_outgrown
from .embedder import Embedder
from .flat_records import flatten
from .intake import Intake
from .latent import SAMPLE_CHUNKS, LatentEmbedder
from .variant import Variant

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Upkeep"]

# Rows of other commits, selections and versions may be this many times the snapshot's own before they are dropped.
_MAX_UNUSED = 4
_MIN_UNUSED = 5_000

_log = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one store. `needed` is always the content keys of the snapshot at hand."""

    def __init__(self, store: "Store", variant: Variant, *, bases: Bases, clock: Stopwatch) -> None:
        self._store, self._variant, self._bases, self._clock = store, variant, bases, clock

    def fold_log(self, embedder: Embedder) -> None:
        """Moves the log into the store."""
        log = self._variant.log(embedder.id)
        stored = self._store.keys(embedder_id=embedder.id)
        with self._clock.stage("write"):
            entries = list(log.entries())
            self._store.add([entry for entry in entries if entry.keys[0] not in stored], embedder_id=embedder.id)
            log.remove(key for entry in entries for key in entry.keys)

    def embed_anew(self, needed: Collection[str], embedder: Embedder) -> None:
        """Embeds what is stored with another basis only; nothing is parsed for it."""
        for other in sorted(self._store.embedders() - {embedder.id}):
            missing = set(needed) - self._store.keys(embedder_id=embedder.id)
            intake = Intake(self._store, embedder=embedder, bases=self._bases, clock=self._clock)
            movable = missing & self._store.keys(embedder_id=other)
            for file in self._clock.timed("write", self._store.read(movable, embedder_id=other)):
                intake.put([file.key], flatten([file.record]))
            intake.finish()

    def renewed(self, embedder: Embedder, needed: Collection[str], *, before: set[str]) -> Embedder:
        """The embedder to go on with: a basis learned anew, and everything embedded with it, where it is outgrown.

        Args:
            embedder: In use until now.
            needed: Of the snapshot; all are stored.
            before: Those that were stored before this run.
        """
        if not isinstance(embedder, LatentEmbedder) or not self._is_outgrown(embedder, needed, before):
            return embedder
        _log.info("%s: learning the vector basis anew", self._variant.folder)
        with self._clock.stage("embed"):
            renewed = self._bases.learn(self._sample(needed, embedder))
        self.embed_anew(needed, renewed)
        return renewed

    def drop_unused(self, needed: Collection[str], embedder: Embedder) -> None:
        """Keeps the store from growing for ever with rows of old commits, versions and bases."""
        with self._clock.stage("write"):
            for other in self._store.embedders() - {embedder.id}:
                self._store.remove(self._store.keys(embedder_id=other), embedder_id=other)
            unused = self._store.keys(embedder_id=embedder.id) - set(needed)
            if len(unused) > max(_MAX_UNUSED * len(needed), _MIN_UNUSED):
                self._store.remove(unused, embedder_id=embedder.id)
            self._store.tidy()
        if self._variant.given is None:
            self._bases.forget_others(embedder.id)
            self._variant.log(embedder.id).remove_older_bases()

    def _is_outgrown(self, basis: LatentEmbedder, needed: Collection[str], before: set[str]) -> bool:
        num_chunks = self._store.num_chunks(needed, embedder_id=basis.id)
        new = set(needed) - before
        coverage = None
        if self._store.num_chunks(new, embedder_id=basis.id) > num_chunks / 2:
            known, total = basis.known(self._sample(new, basis))
            coverage = known / max(total, 1)
        return is_outgrown(basis, num_chunks=num_chunks, coverage=coverage)

    def _sample(self, keys: Collection[str], basis: LatentEmbedder) -> Sequence[Chunk]:
        """Chunks of the first of these files in the order of their blobs, as many as a basis is learned from."""
        wanted: list[str] = []
        num_chunks = 0
        for key in sorted(keys):
            if num_chunks >= SAMPLE_CHUNKS:
                break
            wanted.append(key)
            num_chunks += self._store.num_chunks([key], embedder_id=basis.id)
        files = sorted(self._store.read(wanted, embedder_id=basis.id), key=lambda file: file.key)
        return [chunk for file in files for chunk in file.record.chunks][:SAMPLE_CHUNKS]
