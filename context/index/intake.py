"""Takes parsed records in: has them embedded and put into the store, in writes large enough to be worth one.

Where no embedder is there yet it holds the first records back, as the sample to learn one from. They come in the order
of their blob ids, which is as good as random. Knows nothing of files or parsing.
"""

from collections.abc import Sequence
from typing import Protocol

from ..stopwatch import Stopwatch
from .bases import Bases
from .embedder import Embedder
from .flat_records import Embedded, FlatRecords
from .latent import SAMPLE_CHUNKS

__all__ = ["Intake", "Sink"]

_WRITE_BYTES = 4_000_000  # of text: what a killed run may lose, and what one commit (20 ms) is spread over


class Sink(Protocol):
    """Where records go: the store, or a process that fills it."""

    def add(self, parts: Sequence[Embedded], *, embedder_id: str) -> None:
        """Takes records whose keys are not there yet."""
        ...


class Intake:
    """Records on their way into the store.

    Attributes:
        kept: All that was taken in, for one who would read it back at once; empty unless asked for.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        embedder: Embedder | None,
        bases: Bases,
        clock: Stopwatch,
        keep: bool = False,
    ) -> None:
        self._sink, self._embedder, self._bases, self._clock = sink, embedder, bases, clock
        self._held: list[tuple[Sequence[str], FlatRecords]] = []
        self._held_chunks = self._held_bytes = 0
        self._keep, self.kept = keep, list[Embedded]()

    def put(self, keys: Sequence[str], flat: FlatRecords) -> None:
        """Takes records under their keys; they are durable after `finish` at the latest."""
        self._held.append((keys, flat))
        self._held_chunks += flat.num_chunks
        self._held_bytes += len(flat.text)
        if self._embedder is None and self._held_chunks < SAMPLE_CHUNKS:
            return
        if self._held_bytes >= _WRITE_BYTES:
            self._write()

    def finish(self) -> Embedder:
        """Writes what is held and gives the embedder in use."""
        return self._write()

    def _write(self) -> Embedder:
        held, self._held = self._held, []
        self._held_chunks = self._held_bytes = 0
        chunks = [flat.chunks() for _, flat in held]
        with self._clock.stage("embed"):
            if self._embedder is None:
                self._embedder = self._bases.learn([chunk for part in chunks for chunk in part][:SAMPLE_CHUNKS])
            vectors = [self._embedder.embed(part) for part in chunks]
        with self._clock.stage("write"):
            parts = [Embedded(keys, flat, rows) for (keys, flat), rows in zip(held, vectors, strict=True)]
            if self._keep:
                self.kept += parts
            self._sink.add(parts, embedder_id=self._embedder.id)
        return self._embedder
