"""Chooses the line spans to show: the best chunks of the best files, grown to whole definitions.

Files are ranked before this, since rules that order files well spoil the order of lines (127 questions: Hit@5 .638 with
file rules on chunks, .780 without). A span's own score decides inside a file, and between files that are near.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from ..index.segment import Segment
from .corpus import Corpus
from .definitions import MatchedDefinition
from .features import Candidates
from .lexical import Lexical

__all__ = ["Span", "choose_spans"]

_MOST_FILES = 30
_MOST_OF_FILE = 6
_MOST_LINES = 120  # what a reader takes in as one place; a larger definition is shown by its best chunks

_WEIGHT_OF_FILE = 2.5
_WEIGHT_OF_DEFINITION = 0.6
_WEIGHT_OF_SIMILARITY = 0.7
_WEIGHT_OF_COVERAGE = 0.8
_WEIGHT_OF_USE = 0.5  # to a question that asks who uses what it names
_HEAD = 0.3  # licences and imports at the start of a file name many things and answer little
_STEP_IN_FILE = 0.4  # each further span of one file must be that much better than the next file's
_WORTH_JOINING = 0.5  # a neighbour with this share of a chunk's score is part of the same place


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of one file.

    Attributes:
        file: The file row.
        best: The chunk row for which it was chosen.
        chunks: The chunk rows that it covers, ascending, some in part.
        start, end: First and last line.
        score: Higher is better; the order of the answer.
        definition: The matched definition that it shows, if any.
        uses: The name that was asked for and is used in `best`, or "".
    """

    file: int
    best: int
    chunks: range
    start: int
    end: int
    score: float
    definition: MatchedDefinition | None = None
    uses: str = ""


def choose_spans(
    candidates: Candidates, file_scores: NDArray[np.float32], lexical: Lexical, corpus: Corpus, *, limit: int
) -> list[Span]:
    """At most `limit` spans, best first; ties go by path and line."""
    best_chunk = float(lexical.chunk.max(initial=0.0)) or 1.0
    queue: list[_Place] = []
    for at in np.argsort(-file_scores, kind="stable")[:_MOST_FILES].tolist():
        behind = float(file_scores[at] - file_scores.max())
        file = candidates.files[at]
        rows = corpus.chunks_of(file)
        if rows:
            scores, shown = _chunk_scores(rows, candidates, file, lexical, corpus, best_chunk)
            best = np.argsort(-scores, kind="stable").tolist()
            used = {at: candidates.users[row] for at, row in enumerate(rows) if row in candidates.users}
            queue.append(_Place(corpus.path(file), file, rows, scores, shown, used, _WEIGHT_OF_FILE * behind, best))
    heapify(queue)
    spans: list[Span] = []
    while queue and len(spans) < limit:
        place = heappop(queue)
        spans.append(place.take(corpus))
        if place.has_more():
            heappush(queue, place)
    return spans


@dataclass
class _Place:
    """A file from which spans are taken, best chunk first. Orders by the score of the next one."""

    path: str
    file: int
    rows: range
    scores: NDArray[np.float32]
    shown: dict[int, MatchedDefinition]
    used: dict[int, str]
    base: float
    left: list[int]  # what was not taken yet, best first
    taken: int = 0

    def __lt__(self, other: "_Place") -> bool:
        return (-self.score, self.path) < (-other.score, other.path)

    @property
    def score(self) -> float:
        """Of the next span: each further one of a file must be better than the next file's."""
        return self.base + float(self.scores[self.left[0]]) - _STEP_IN_FILE * self.taken

    def take(self, corpus: Corpus) -> Span:
        """The next span; the chunks that it covers are not taken again."""
        at = self.left[0]
        span = Span(self.file, self.rows[at], range(0), 0, 0, self.score, self.shown.get(at), self.used.get(at, ""))
        span = _grown(span, at, self.rows, self.scores, corpus)
        self.left = [other for other in self.left if self.rows[other] not in span.chunks]
        self.taken += 1
        return span

    def has_more(self) -> bool:
        return bool(self.left) and self.taken < _MOST_OF_FILE and self.scores[self.left[0]] > 0


def _chunk_scores(
    rows: range, candidates: Candidates, file: int, lexical: Lexical, corpus: Corpus, best_chunk: float
) -> tuple[NDArray[np.float32], dict[int, MatchedDefinition]]:
    """The score of each chunk of a file, and the best definition that begins in each."""
    inside = slice(rows.start, rows.stop)
    scores = lexical.chunk[inside] / best_chunk + _WEIGHT_OF_COVERAGE * lexical.coverage(inside)
    scores[0] -= _HEAD
    if candidates.similarity is not None:
        scores = scores + _WEIGHT_OF_SIMILARITY * np.maximum(candidates.similarity[inside], 0)
    shown = _definitions_by_chunk(candidates.definitions.get(file, []), rows, corpus)
    for at, row in enumerate(rows):
        if row in candidates.users:
            scores[at] += _WEIGHT_OF_USE
    for at, definition in shown.items():
        scores[at] += _WEIGHT_OF_DEFINITION * definition.score
    return scores, shown


def _definitions_by_chunk(
    definitions: Sequence[MatchedDefinition], rows: range, corpus: Corpus
) -> dict[int, MatchedDefinition]:
    segment, first = corpus.chunk(rows.start)
    ends = segment.chunk_end[first : first + len(rows)]
    shown: dict[int, MatchedDefinition] = {}
    for definition in definitions:  # best first
        shown.setdefault(min(int(np.searchsorted(ends, definition.line)), len(rows) - 1), definition)
    return shown


def _grown(span: Span, at: int, rows: range, scores: NDArray[np.float32], corpus: Corpus) -> Span:
    """The span widened to the definition around its chunk, or to neighbours that score nearly as well."""
    segment, first = corpus.chunk(rows.start)
    starts = segment.chunk_start[first : first + len(rows)].astype(np.int64)
    ends = segment.chunk_end[first : first + len(rows)].astype(np.int64)
    low, high = _enclosing(segment, corpus.file(span.file)[1], int(starts[at]), int(ends[at]))
    left, right = at, at
    while left and starts[left] > low:
        left -= 1
    while right + 1 < len(rows) and ends[right] < high:
        right += 1
    if (left, right) == (at, at):
        left, right = _joined(at, starts, ends, scores)
        low, high = int(starts[left]), int(ends[right])
    return replace(span, chunks=range(rows[left], rows[right] + 1), start=low, end=high)


def _enclosing(segment: Segment, file: int, start: int, end: int) -> tuple[int, int]:
    """The lines of the smallest definition around some lines, if it can be read as one; else the lines themselves."""
    definitions = slice(int(segment.file_definitions[file]), int(segment.file_definitions[file + 1]))
    lows = segment.definition_start[definitions].astype(np.int64)
    highs = segment.definition_end[definitions].astype(np.int64)
    lengths = highs - lows + 1
    around = np.flatnonzero((lows <= start) & (highs >= end) & (lengths <= _MOST_LINES))
    if not len(around):
        return start, end
    smallest = around[np.argmin(lengths[around])]
    return int(lows[smallest]), int(highs[smallest])


def _joined(
    at: int, starts: NDArray[np.int64], ends: NDArray[np.int64], scores: NDArray[np.float32]
) -> tuple[int, int]:
    left, right = at, at
    enough = _WORTH_JOINING * float(scores[at])
    while right + 1 < len(scores) and scores[right + 1] >= enough and ends[right + 1] - starts[left] < _MOST_LINES:
        right += 1
    while left and scores[left - 1] >= enough and ends[right] - starts[left - 1] < _MOST_LINES:
        left -= 1
    return left, right
