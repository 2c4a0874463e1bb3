"""In which chunks the definitions of a corpus stand: looked up when first asked for, then kept.

To look all of them up at once would make the first question of a repository 3 ms longer. Knows nothing of questions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..index.segment import Segment

__all__ = ["DefinitionChunks"]


class DefinitionChunks:
    """The chunk rows of each definition row: 16 bytes a definition.

    Args:
        segments: Of the corpus.
        first_chunk, first_definition: The number of each segment's first row, and the end.
    """

    def __init__(self, segments: Sequence[Segment], first_chunk: list[int], first_definition: list[int]) -> None:
        self._segments, self._first_chunk, self._first_definition = segments, first_chunk, first_definition
        self._first = np.zeros(first_definition[-1], np.int64)
        self._stop = np.zeros(first_definition[-1], np.int64)  # 0 where it is not known yet
        # the last line of each chunk behind the number of its file: they ascend
        self._ends = [(each.chunk_file.astype(np.int64) << 32) + each.chunk_end for each in segments]

    def of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first chunk row of each of these definitions, from where its name stands, and the one after its last."""
        unknown = rows[self._stop[rows] == 0]
        if len(unknown):
            self._look_up(unknown)
        return self._first[rows], self._stop[rows]

    def _look_up(self, rows: NDArray[np.int64]) -> None:
        of_segment = np.searchsorted(self._first_definition, rows, side="right") - 1
        for at in set(of_segment.tolist()):
            chosen = rows[of_segment == at]
            segment, local = self._segments[at], chosen - self._first_definition[at]
            files = segment.definition_file[local].astype(np.int64)
            last = segment.file_chunks[files + 1] - 1
            for lines, known, beyond in (
                (segment.definition_line, self._first, 0),
                (segment.definition_end, self._stop, 1),
            ):
                found = np.searchsorted(self._ends[at], (files << 32) + lines[local])
                known[chosen] = np.minimum(found, last) + self._first_chunk[at] + beyond
