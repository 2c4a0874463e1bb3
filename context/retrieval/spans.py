"""Chooses the line spans to show: the best chunks of the best files, each with the lines around it.

Files are ranked before this: a span's own score decides inside a file, and between files that are near. The weights
below are set by hand and checked on the 88 answerable questions with known lines: all on which they were ever looked
at, so that no figure here is one of questions held out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from ..index.segment import stem_of
from .corpus import Corpus
from .definitions import MatchedDefinition
from .extents import Extents
from .features import Candidates
from .forms.place import Place
from .lexical import Lexical

__all__ = ["Span", "choose_spans"]

_MOST_FILES = 30
_MOST_OF_FILE = 6  # Hit@5 .693; .659 with 3, the same with 10
# Two spans that touch are one place up to so many lines: Hit@5 .693 and 47 lines a span, .659 and 40 when they are not.
_MOST_MERGED = 100

_WEIGHT_OF_FILE = 2.5  # Hit@5 .545 without; with 2.0 Hit@5 is .705, but file NDCG@10 .867
_WEIGHT_OF_DEFINITION = 0.6  # Hit@5 the same without, MRR .515 and .514: for names that are given
_WEIGHT_OF_SIMILARITY = 0.7  # Hit@5 .682 without, .693 with
_WEIGHT_OF_COVERAGE = 0.8  # Hit@5 .670 without, .693 with
_WEIGHT_OF_PRESENCE = 0.6  # all words of a question together say more than each; the more so where the path says some
_HEAD = 0.3  # licences and imports at the start of a file name many things and answer little: Hit@1 .398 without
_TOP = 1.0  # but a document that is asked for by its name is read from its start
_NAMES_DOCUMENT = 0.5  # the share of the question that its name must be
_STEP_IN_FILE = 0.4  # each further span of one file must be that much better: Hit@5 .670 with 0, .659 with 0.8


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
        given: Why the question itself gives this place, or "".
        why: What it is to what was asked, in words: "calls `X`"; "" for what was found by its words.
    """

    file: int
    best: int
    chunks: range
    start: int
    end: int
    score: float
    definition: MatchedDefinition | None = None
    given: str = ""
    why: str = ""


def choose_spans(
    candidates: Candidates,
    file_scores: NDArray[np.float32],
    lexical: Lexical,
    corpus: Corpus,
    *,
    limit: int,
    places: Sequence[Place] = (),
) -> list[Span]:
    """At most `limit` spans without a common line, best first; ties go by path and line, given places before all."""
    extents: dict[int, Extents] = {}
    queue = _queue(candidates, file_scores, lexical, corpus, extents)
    spans = _given(places, corpus, extents, above=max((source.score for source in queue), default=0.0))[:limit]
    queue = [source for source in queue if source.has_more()]
    heapify(queue)
    while queue and len(spans) < limit:
        source = heappop(queue)
        _put(source.take(), spans)
        if source.has_more():
            heappush(queue, source)
    return spans


def _queue(
    candidates: Candidates,
    file_scores: NDArray[np.float32],
    lexical: Lexical,
    corpus: Corpus,
    extents: dict[int, Extents],
) -> "list[_Source]":
    best_chunk = float(lexical.chunk.max(initial=0.0)) or 1.0
    queue = []
    for at in np.argsort(-file_scores, kind="stable")[:_MOST_FILES].tolist():
        file = candidates.files[at]
        rows = corpus.chunks_of(file)
        if rows:
            scores, shown = _chunk_scores(rows, candidates, file, lexical, corpus, best_chunk)
            best = np.argsort(-scores, kind="stable").tolist()
            base = _WEIGHT_OF_FILE * float(file_scores[at] - file_scores.max())
            extents[file] = Extents.of(file, corpus)
            queue.append(_Source(corpus.path(file), file, rows, scores, shown, base, best, extents[file]))
    return queue


def _given(places: Sequence[Place], corpus: Corpus, extents: dict[int, Extents], *, above: float) -> list[Span]:
    spans: list[Span] = []
    for place in places:
        rows = corpus.chunks_of(place.file)
        known = extents.setdefault(place.file, Extents.of(place.file, corpus))
        lines = known.take_place(place) if rows else None
        if lines:
            touched = known.touched(lines)
            chunks = range(rows[touched.start], rows[touched.stop - 1] + 1)
            score = above + 1 - len(spans) / (1 + len(places))
            spans.append(Span(place.file, chunks.start, chunks, *lines, score, given=place.reason))
    return spans


def _put(span: Span, spans: list[Span]) -> None:
    """Adds a span, or lengthens the one that it continues: two halves of a place are one place."""
    for at, earlier in enumerate(spans):
        if _continues(earlier, span):
            spans[at] = replace(
                earlier,
                chunks=range(min(earlier.chunks.start, span.chunks.start), max(earlier.chunks.stop, span.chunks.stop)),
                start=min(earlier.start, span.start),
                end=max(earlier.end, span.end),
                definition=earlier.definition or span.definition,
            )
            return
    spans.append(span)


def _continues(earlier: Span, span: Span) -> bool:
    if earlier.file != span.file or earlier.given:
        return False
    touch = earlier.end + 1 == span.start or span.end + 1 == earlier.start
    return touch and max(earlier.end, span.end) - min(earlier.start, span.start) < _MOST_MERGED


@dataclass
class _Source:
    """A file from which spans are taken, best chunk first. Orders by the score of the next one."""

    path: str
    file: int
    rows: range
    scores: NDArray[np.float32]
    shown: dict[int, MatchedDefinition]
    base: float
    best: list[int]  # its chunks, best first; those that are shown are passed over
    extents: Extents
    taken: int = 0

    def __lt__(self, other: "_Source") -> bool:
        return (-self.score, self.path) < (-other.score, other.path)

    @property
    def score(self) -> float:
        """Of the next span: each further one of a file must be better than the next file's."""
        return self.base + float(self.scores[self.best[0]]) - _STEP_IN_FILE * self.taken

    def take(self) -> Span:
        """The next span; the chunks that it covers are not taken again."""
        at = self.best[0]
        score = self.score
        lines = self.extents.take(at, self.scores, self.shown.get(at))
        touched = self.extents.touched(lines)
        chunks = range(self.rows[touched.start], self.rows[touched.stop - 1] + 1)
        self.taken += 1
        return Span(self.file, self.rows[at], chunks, *lines, score, self.shown.get(at))

    def has_more(self) -> bool:
        shown = {at for lines in self.extents.taken for at in self.extents.touched(lines)}
        self.best = [at for at in self.best if at not in shown]
        return bool(self.best) and self.taken < _MOST_OF_FILE and self.scores[self.best[0]] > 0


def _chunk_scores(
    rows: range, candidates: Candidates, file: int, lexical: Lexical, corpus: Corpus, best_chunk: float
) -> tuple[NDArray[np.float32], dict[int, MatchedDefinition]]:
    """The score of each chunk of a file, and the best definition that begins in each."""
    inside = slice(rows.start, rows.stop)
    scores = lexical.chunk[inside] / best_chunk + _WEIGHT_OF_COVERAGE * lexical.coverage(inside)
    present = lexical.mass @ lexical.chunk_present[:, inside] / lexical.total_mass
    scores += _WEIGHT_OF_PRESENCE * present**2 * (1 + lexical.path[file])
    scores[0] += _TOP if _is_document_asked_for(file, lexical, corpus) else -_HEAD
    if candidates.similarity is not None:
        scores = scores + _WEIGHT_OF_SIMILARITY * np.maximum(candidates.similarity[inside], 0)
    shown = _definitions_by_chunk(candidates.definitions.get(file, []), rows, corpus)
    for at, definition in shown.items():
        scores[at] += _WEIGHT_OF_DEFINITION * definition.score
    return scores.astype(np.float32), shown


def _is_document_asked_for(file: int, lexical: Lexical, corpus: Corpus) -> bool:
    roles = corpus.roles(file)
    is_of_project = roles.history or stem_of(corpus.path(file)).lower() == "readme"
    return bool(is_of_project and lexical.stem[file] >= _NAMES_DOCUMENT)


def _definitions_by_chunk(
    definitions: Sequence[MatchedDefinition], rows: range, corpus: Corpus
) -> dict[int, MatchedDefinition]:
    segment, first = corpus.chunk(rows.start)
    ends = segment.chunk_end[first : first + len(rows)]
    shown: dict[int, MatchedDefinition] = {}
    for definition in definitions:  # best first
        shown.setdefault(min(int(np.searchsorted(ends, definition.line)), len(rows) - 1), definition)
    return shown
