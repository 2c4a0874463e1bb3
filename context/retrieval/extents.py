"""Decides which lines to show for a chunk: the short definition around it, or the best part of a long one.

Spans of one file never share a line. Knows nothing of scores beyond those of a chunk and its neighbours.
"""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .definitions import MatchedDefinition
from .forms.place import Place

__all__ = ["Extents"]

_Lines = tuple[int, int]

# What is read as one place, joined from neighbours while they score nearly as well. Hit@5, answers within the first
# 300 lines shown, and lines a span, of 88 development questions and of 324 of our own:
#   100 lines and 2: .761 .773 57, .568 .586 56
#   120 lines and 3: .795 .784 76, .599 .593 72
#   140 lines, all that fits: .818 .716 108, .627 .562 98
_MOST_LINES = 120
_NEARLY = 3.0
_MOST_ASKED = 200  # of a range that the question gives


@dataclass
class Extents:
    """The lines of one file that are shown, and those that still can be.

    Attributes:
        starts, ends: First and last line of each of its chunks.
        lows, highs: First and last line of each of its definitions.
        taken: What is shown, in order of lines.
    """

    starts: list[int]
    ends: list[int]
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
            segment.chunk_start[inside].tolist(),
            segment.chunk_end[inside].tolist(),
            segment.definition_start[defined].astype(np.int64),
            segment.definition_end[defined].astype(np.int64),
        )

    def take(self, at: int, scores: NDArray[np.float32], matched: MatchedDefinition | None) -> _Lines:
        """The lines to show for a chunk of which nothing is shown yet; from now on they are."""
        chunk = self.starts[at], self.ends[at]
        free = self._free_around(*chunk)
        lines = self._definition(chunk, free, matched) or chunk
        lines = self._grown(lines, free, scores, least=float(scores[at]) - _NEARLY)
        insort(self.taken, lines)
        return lines

    def take_place(self, place: Place) -> _Lines | None:
        """The lines that were asked for, or what stands around the one that was; None when some are shown already."""
        if place.end is not None:
            lines = place.start, min(place.end, place.start + _MOST_ASKED - 1)
        else:
            at = min(bisect_left(self.ends, place.start), len(self.ends) - 1)
            chunk = self.starts[at], self.ends[at]
            lines = self._smallest_around(place.start, place.start, (1, self.ends[-1])) or chunk
        if any(start <= lines[1] and lines[0] <= end for start, end in self.taken):
            return None
        insort(self.taken, lines)
        return lines

    def touched(self, lines: _Lines) -> range:
        """The chunks that hold some of these lines."""
        return range(bisect_left(self.ends, lines[0]), bisect_right(self.starts, lines[1]))

    def _free_around(self, start: int, end: int) -> _Lines:
        before = [high for _, high in self.taken if high < start]
        after = [low for low, _ in self.taken if low > end]
        return max(before, default=0) + 1, min(after, default=self.ends[-1] + 1) - 1

    def _definition(self, chunk: _Lines, free: _Lines, matched: MatchedDefinition | None) -> _Lines | None:
        """The definition whose name was given, or the smallest one around the chunk, if it is short and free."""
        if matched and matched.named and _fits((matched.start, matched.end), free):
            return matched.start, matched.end
        return self._smallest_around(*chunk, free)

    def _smallest_around(self, start: int, end: int, free: _Lines) -> _Lines | None:
        lengths = self.highs - self.lows + 1
        around = (self.lows <= start) & (self.highs >= end) & (lengths <= _MOST_LINES)
        rows = np.flatnonzero(around & (self.lows >= free[0]) & (self.highs <= free[1]))
        if not len(rows):
            return None
        smallest = rows[np.argmin(lengths[rows])]
        return int(self.lows[smallest]), int(self.highs[smallest])

    def _grown(self, lines: _Lines, free: _Lines, scores: NDArray[np.float32], *, least: float) -> _Lines:
        """The lines with the chunks around them, the better one first, while these score well, fit and are free."""
        while True:
            inside = self.touched(lines)
            nearest = [
                row for row in (inside.start - 1, inside.stop) if 0 <= row < len(scores) and scores[row] >= least
            ]
            joined = [self._with(row, lines) for row in sorted(nearest, key=lambda row: -scores[row])]
            longer = next((each for each in joined if _fits(each, free)), None)
            if longer is None:
                return lines
            lines = longer

    def _with(self, row: int, lines: _Lines) -> _Lines:
        return min(lines[0], self.starts[row]), max(lines[1], self.ends[row])


def _fits(lines: _Lines, free: _Lines) -> bool:
    return free[0] <= lines[0] and lines[1] <= free[1] and lines[1] - lines[0] < _MOST_LINES
