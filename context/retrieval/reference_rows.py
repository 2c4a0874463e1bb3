"""The references of a corpus under one numbering: each name counts once for each chunk that refers to it.

Knows nothing of what the names are of.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..index.columns import runs
from ..index.segment import Segment
from .joining import joined, starts_of

__all__ = ["ReferenceRows"]


class ReferenceRows:
    """The references of all segments, chunk by chunk."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._starts = starts_of(len(segment.referred) for segment in segments)
        parts = [each.chunk_references[:-1] + first for each, first in zip(segments, self._starts, strict=False)]
        self._bounds = joined([*parts, np.array(self._starts[-1:], np.int64)], np.int64)

    def __len__(self) -> int:
        return self._starts[-1]

    def of_chunks(self, chunks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The references of some chunk rows, and which of these each is of."""
        return runs(self._bounds[chunks], self._bounds[chunks + 1])

    def names(self, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The identifier that each of these refers to."""
        names = np.empty(len(rows), np.uint64)
        for segment, first in zip(self._segments, self._starts, strict=False):
            inside = (rows >= first) & (rows < first + len(segment.referred))
            names[inside] = segment.referred[rows[inside] - first]
        return names
