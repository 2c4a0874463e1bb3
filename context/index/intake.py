"""Takes parsed records in: has them embedded and put into the store, in writes large enough to be worth one.

Knows nothing of files or parsing.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..stopwatch import Stopwatch
from .flat_records import Embedded, FlatRecords

__all__ = ["Intake", "Sink"]

_WRITE_BYTES = 4_000_000  # of text: what a killed run may lose, and what one commit (20 ms) is spread over


class Sink(Protocol):
    """Where records go: the store, or a process that fills it."""

    def add(self, parts: Sequence[Embedded]) -> None:
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
        embed: Callable[[FlatRecords], NDArray[np.float32]],
        clock: Stopwatch,
        keep: bool = False,
    ) -> None:
        self._sink, self._embed, self._clock = sink, embed, clock
        self._held: list[tuple[Sequence[str], FlatRecords]] = []
        self._held_bytes = 0
        self._keep, self.kept = keep, list[Embedded]()

    def put(self, keys: Sequence[str], flat: FlatRecords) -> None:
        """Takes records under their keys; they are durable after `finish` at the latest."""
        self._held.append((keys, flat))
        self._held_bytes += len(flat.text)
        if self._held_bytes >= _WRITE_BYTES:
            self.finish()

    def finish(self) -> None:
        """Writes what is held."""
        held, self._held, self._held_bytes = self._held, [], 0
        with self._clock.stage("embed"):
            parts = [Embedded(keys, flat, self._embed(flat)) for keys, flat in held]
        with self._clock.stage("write"):
            if self._keep:
                self.kept += parts
            self._sink.add(parts)
