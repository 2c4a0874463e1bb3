"""Chooses the line spans to show: the best chunks of the best files, several of one file where they deserve it.

Files are ranked before this, since rules that order files well spoil the order of lines (127 questions: Hit@5 .638 with
file rules on chunks, .780 without). A span's own score decides inside a file, and between files that are near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .definitions import MatchedDefinition
from .features import Candidates
from .lexical import Lexical
from .question import Question

__all__ = ["Span", "choose_spans"]

_MOST_FILES = 40
_MOST_OF_FILE = 6
_MOST_LINES = 90  # a span that is widened to its whole definition stays readable

_WEIGHT_OF_FILE = 2.0
_WEIGHT_OF_SPAN = 1.0
_WEIGHT_OF_DEFINITION = 0.6
_WEIGHT_OF_SIMILARITY = 0.3
_WEIGHT_OF_USE = 0.4
_STEP_IN_FILE = 0.3  # each further span of one file must be that much better than the next file's


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of one file.

    Attributes:
        file: The file row.
        chunks: The chunk rows that it covers, ascending.
        start, end: First and last line.
        score: Higher is better; the order of the answer.
        definition: The matched definition that it shows, if any.
    """

    file: int
    chunks: tuple[int, ...]
    start: int
    end: int
    score: float
    definition: MatchedDefinition | None = None


def choose_spans(
    question: Question,
    candidates: Candidates,
    file_scores: NDArray[np.float32],
    lexical: Lexical,
    corpus: Corpus,
    *,
    limit: int,
) -> list[Span]:
    """At most `limit` spans, best first; ties go by path and line."""
    if not candidates.files:
        return []
    order = np.argsort(-file_scores, kind="stable")[:_MOST_FILES]
    best_chunk = float(lexical.chunk.max(initial=0.0)) or 1.0
    spans: list[Span] = []
    for at in order.tolist():
        file = candidates.files[at]
        base = _WEIGHT_OF_FILE * float(file_scores[at] - file_scores[order[0]])
        spans += _spans_of_file(question, file, base, candidates, lexical, corpus, best_chunk)
    spans.sort(key=lambda span: (-span.score, corpus.path(span.file), span.start))
    return spans[:limit]


def _spans_of_file(
    question: Question,
    file: int,
    base: float,
    candidates: Candidates,
    lexical: Lexical,
    corpus: Corpus,
    best_chunk: float,
) -> list[Span]:
    rows = corpus.chunks_of(file)
    if not rows:
        return []
    definitions = candidates.definitions.get(file, [])
    scores, shown = _chunk_scores(rows, definitions, candidates, lexical, corpus, best_chunk)
    best = [int(at) for at in np.argsort(-scores, kind="stable")[:_MOST_OF_FILE]]
    spans = []
    for rank, at in enumerate(best):
        if rank and scores[at] <= 0:
            break
        segment, row = corpus.chunk(rows[at])
        score = base + _WEIGHT_OF_SPAN * float(scores[at]) - _STEP_IN_FILE * rank
        start, end = int(segment.chunk_start[row]), int(segment.chunk_end[row])
        spans.append(Span(file, (rows[at],), start, end, score, shown.get(at)))
    return spans


def _chunk_scores(
    rows: range,
    definitions: Sequence[MatchedDefinition],
    candidates: Candidates,
    lexical: Lexical,
    corpus: Corpus,
    best_chunk: float,
) -> tuple[NDArray[np.float32], dict[int, MatchedDefinition]]:
    inside = slice(rows.start, rows.stop)
    scores = lexical.chunk[inside] / best_chunk
    if candidates.similarity is not None:
        scores = scores + _WEIGHT_OF_SIMILARITY * np.maximum(candidates.similarity[inside], 0)
    shown: dict[int, MatchedDefinition] = {}
    segment, first = corpus.chunk(rows.start)
    ends = segment.chunk_end[first : first + len(rows)]
    for definition in reversed(definitions):  # the best one is written last
        at = min(int(np.searchsorted(ends, definition.line)), len(rows) - 1)
        shown[at] = definition
    for at, definition in shown.items():
        scores[at] += _WEIGHT_OF_DEFINITION * definition.score
    return scores, shown
