"""Takes parsed records in: has them embedded and put into the store, in writes large enough to be worth one.

Where no embedder is there yet it holds the first records back, as the sample to learn one from. They come in the order
of their blob ids, which is as good as random. Knows nothing of files or parsing.
"""

from collections.abc import Callable, Sequence

from ..types import Chunk
from .embedder import Embedder
from .flat_records import Embedded, FlatRecords
from .latent import SAMPLE_CHUNKS
from .stopwatch import Stopwatch
from .store import Store

__all__ = ["Intake"]

_WRITE_BYTES = 4_000_000  # of text: what a killed run may lose, and what one commit (20 ms) is spread over


class Intake:
    """Records on their way into the store."""

    def __init__(
        self,
        store: Store,
        *,
        embedder: Embedder | None,
        learn: Callable[[Sequence[Chunk]], Embedder],
        clock: Stopwatch,
    ) -> None:
        self._store, self._embedder, self._learn, self._clock = store, embedder, learn, clock
        self._held: list[tuple[Sequence[str], FlatRecords]] = []
        self._held_chunks = self._held_bytes = 0

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
                self._embedder = self._learn([chunk for part in chunks for chunk in part][:SAMPLE_CHUNKS])
            vectors = [self._embedder.embed(part) for part in chunks]
        with self._clock.stage("write"):
            parts = [Embedded(keys, flat, rows) for (keys, flat), rows in zip(held, vectors, strict=True)]
            self._store.add(parts, embedder_id=self._embedder.id)
        return self._embedder
