"""Decides which lines to show for a chunk: the short definition around it, or the best part of a long one.

Spans of one file never share a line. Knows nothing of scores beyond those of a chunk and its neighbours.
"""

from bisect import insort
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .definitions import MatchedDefinition
from .forms.place import Place

__all__ = ["Extents"]

_Lines = tuple[int, int]

# What is read as one place, and the size of the largest chunks. 88 questions, Hit@5 and lines a span: .659 and 40 with
# 40, .693 and 47 with 60 (with what touches joined to 100 lines in both).
_MOST_LINES = 60
# A neighbour with this share of a chunk's score is part of the same place: Hit@5 .659 when none is.
_WORTH_JOINING = 0.5
_MOST_ASKED = 200  # of a range that the question gives


@dataclass
class Extents:
    """The lines of one file that are shown, and those that still can be.

    Attributes:
        starts, ends: First and last line of each of its chunks.
        lows, highs: First and last line of each of its definitions.
        taken: What is shown, in order of lines.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lows: NDArray[np.int64]
    highs: NDArray[np.int64]
    taken: list[_Lines] = field(default_factory=list)

    @classmethod
    def of(cls, file: int, corpus: Corpus) -> "Extents":
        """Nothing of the file is shown yet."""
        segment, row = corpus.file(file)
        chunks, definitions = segment.chunks_of(row), segment.definitions_of(row)
        inside, defined = slice(chunks.start, chunks.stop), slice(definitions.start, definitions.stop)
        return cls(
            segment.chunk_start[inside].astype(np.int64),
            segment.chunk_end[inside].astype(np.int64),
            segment.definition_start[defined].astype(np.int64),
            segment.definition_end[defined].astype(np.int64),
        )

    def take(self, at: int, scores: NDArray[np.float32], matched: MatchedDefinition | None) -> _Lines:
        """The lines to show for a chunk of which nothing is shown yet; from now on they are."""
        free = self._free_around(int(self.starts[at]), int(self.ends[at]))
        lines = self._definition(at, free, matched) or self._joined(at, free, scores)
        insort(self.taken, lines)
        return lines

    def take_place(self, place: Place) -> _Lines | None:
        """The lines that were asked for, or what stands around the one that was; None when some are shown already."""
        if place.end is not None:
            lines = place.start, min(place.end, place.start + _MOST_ASKED - 1)
        else:
            at = min(int(np.searchsorted(self.ends, place.start)), len(self.ends) - 1)
            chunk = int(self.starts[at]), int(self.ends[at])
            lines = self._smallest_around(place.start, place.start, (1, int(self.ends[-1]))) or chunk
        if any(start <= lines[1] and lines[0] <= end for start, end in self.taken):
            return None
        insort(self.taken, lines)
        return lines

    def touched(self, lines: _Lines) -> range:
        """The chunks that hold some of these lines."""
        first = int(np.searchsorted(self.ends, lines[0]))
        return range(first, int(np.searchsorted(self.starts, lines[1], side="right")))

    def _free_around(self, start: int, end: int) -> _Lines:
        before = [high for _, high in self.taken if high < start]
        after = [low for low, _ in self.taken if low > end]
        return max(before, default=0) + 1, min(after, default=int(self.ends[-1]) + 1) - 1

    def _definition(self, at: int, free: _Lines, matched: MatchedDefinition | None) -> _Lines | None:
        """The definition whose name was given, or the smallest one around the chunk, if it is short and free."""
        if matched and matched.named and _fits((matched.start, matched.end), free):
            return matched.start, matched.end
        return self._smallest_around(int(self.starts[at]), int(self.ends[at]), free)

    def _smallest_around(self, start: int, end: int, free: _Lines) -> _Lines | None:
        lengths = self.highs - self.lows + 1
        around = (self.lows <= start) & (self.highs >= end) & (lengths <= _MOST_LINES)
        rows = np.flatnonzero(around & (self.lows >= free[0]) & (self.highs <= free[1]))
        if not len(rows):
            return None
        smallest = rows[np.argmin(lengths[rows])]
        return int(self.lows[smallest]), int(self.highs[smallest])

    def _joined(self, at: int, free: _Lines, scores: NDArray[np.float32]) -> _Lines:
        """The chunk with the neighbours that score nearly as well, while that is short and free."""
        left, right = at, at
        enough = _WORTH_JOINING * float(scores[at])
        while right + 1 < len(scores) and scores[right + 1] >= enough and _fits(self._of(left, right + 1), free):
            right += 1
        while left and scores[left - 1] >= enough and _fits(self._of(left - 1, right), free):
            left -= 1
        return self._of(left, right)

    def _of(self, left: int, right: int) -> _Lines:
        return int(self.starts[left]), int(self.ends[right])


def _fits(lines: _Lines, free: _Lines) -> bool:
    return free[0] <= lines[0] and lines[1] <= free[1] and lines[1] - lines[0] < _MOST_LINES
