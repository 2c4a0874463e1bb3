"""Chooses the line spans to show: the best chunks of the best files, each with the lines around it.

Chunks were scored before this, their files' scores included: a span's score is that of its best chunk. Knows nothing of
how scores come about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
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
from .passages import Passages

__all__ = ["Span", "choose_spans"]

_MOST_OF_FILE = 6
# Each further span of one file must be that much better. Of ten spans, file NDCG@10 is .866 with .3, .876 with 1, .879
# with 2; lines Hit@5 .795, .795 and .761. Since vectors of words rank, 1.5 gives .022 more than 1 on these lines, and
# the same on 1,365 questions about 91 repositories (.588), where 2 gives .584.
_STEP_IN_FILE = 1.5
_SIMILAR = 0.25  # a chunk without a word of the question may still be about it
_TOP = 0.5  # a document that is asked for by its name is read from its start
_NAMES_DOCUMENT = 0.5  # the share of the question that its name must be


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
    passages: Passages,
    scores: NDArray[np.float32],
    candidates: Candidates,
    lexical: Lexical,
    corpus: Corpus,
    *,
    limit: int,
    places: Sequence[Place] = (),
) -> list[Span]:
    """At most `limit` spans without a common line, best first; ties go by path and line, given places before all.

    Args:
        passages: The chunks that may be shown.
        scores: Of each of them. Shape (n,).
        candidates: The files, with their matching definitions.
        lexical: How well words match.
        corpus: What is searched.
        limit: The most spans.
        places: What the question gives outright.
    """
    reader = _Reader(scores, candidates, lexical, corpus, cache(lambda file: Extents.of(file, corpus)))
    queue = reader.sources(passages)
    best = max((float(source.scores.max()) for source in queue), default=0.0) if places else 0.0
    spans = _given(places, corpus, reader.extents_of, above=best)[:limit]
    given = {place.file for place in places}
    queue = [source for source in queue if (source.has_more() if source.file in given else source.matches is not None)]
    heapify(queue)
    while queue and len(spans) < limit:
        source = heappop(queue)
        spans.append(source.take())
        if source.has_more():
            heappush(queue, source)
    return spans


@dataclass(frozen=True)
class _Reader:
    """What the files from which spans are taken are read from.

    Attributes:
        scores: Of each chunk that may be shown.
        extents_of: The one account of what is shown of a file row; made when first asked for, as few files are.
    """

    scores: NDArray[np.float32]
    candidates: Candidates
    lexical: Lexical
    corpus: Corpus
    extents_of: Callable[[int], Extents]

    def sources(self, passages: Passages) -> list["_Source"]:
        """The chunks of each file, the best first; what holds nothing of the question is only shown beside others."""
        matches = self.lexical.chunk[passages.rows] > 0
        if self.candidates.similarity is not None:
            matches |= self.candidates.similarity[passages.rows] > _SIMILAR
        starts = passages.offsets[:-1]
        scores = self._as_documents(passages)
        tops = np.maximum.reduceat(np.where(matches, scores, -np.inf), starts).tolist() if len(starts) else []
        bounds = passages.offsets.tolist()
        return [
            _Source(
                self.corpus.path(file),
                file,
                self.corpus.chunks_of(file),
                scores[start:stop],
                matches[start:stop] if top > -np.inf else None,
                top,
                self,
            )
            for file, start, stop, top in zip(passages.files, bounds[:-1], bounds[1:], tops, strict=True)
        ]

    def _as_documents(self, passages: Passages) -> NDArray[np.float32]:
        """The scores, where a document that is asked for by its name is read from its start."""
        scores = self.scores.copy()
        named = np.flatnonzero(self.lexical.stem[passages.files] >= _NAMES_DOCUMENT)
        for at in named.tolist():
            if _is_document(passages.files[at], self.corpus):
                start, stop = passages.offsets[at : at + 2].tolist()
                scores[start] = scores[start:stop].max() + _TOP
        return scores


def _given(
    places: Sequence[Place], corpus: Corpus, extents_of: Callable[[int], Extents], *, above: float
) -> list[Span]:
    spans: list[Span] = []
    for place in places:
        rows = corpus.chunks_of(place.file)
        known = extents_of(place.file)
        lines = known.take_place(place) if rows else None
        if lines:
            touched = known.touched(lines)
            chunks = range(rows[touched.start], rows[touched.stop - 1] + 1)
            score = above + 1 - len(spans) / (1 + len(places))
            spans.append(Span(place.file, chunks.start, chunks, *lines, score, given=place.reason))
    return spans


@dataclass
class _Source:
    """A file from which spans are taken, best chunk first. Orders by the score of the next one."""

    path: str
    file: int
    rows: range
    scores: NDArray[np.float32]
    matches: NDArray[np.bool_] | None  # which of its chunks may be chosen; None where none may
    top: float  # the score of the next of these
    reader: _Reader
    taken: int = 0

    def __lt__(self, other: "_Source") -> bool:
        return (-self.score, self.path) < (-other.score, other.path)

    @property
    def score(self) -> float:
        """Of the next span: each further one of a file must be better than the next file's."""
        return self.top - _STEP_IN_FILE * self.taken

    @cached_property
    def best(self) -> list[int]:
        """Its chunks, best first; those that are shown are passed over. Of most files none is ever asked for."""
        if self.matches is None:
            return []
        order = (-self.scores).argsort(kind="stable")
        best: list[int] = order[self.matches[order]].tolist()
        return best

    @cached_property
    def extents(self) -> Extents:
        """What is shown of it."""
        return self.reader.extents_of(self.file)

    @cached_property
    def shown(self) -> dict[int, MatchedDefinition]:
        """The best matching definition whose name stands in each chunk."""
        definitions = self.reader.candidates.definitions.get(self.file, [])
        return _definitions_by_chunk(definitions, self.rows)

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
        self.top = float(self.scores[self.best[0]]) if self.best else self.top
        return bool(self.best) and self.taken < _MOST_OF_FILE


def _is_document(file: int, corpus: Corpus) -> bool:
    return corpus.roles(file).history or stem_of(corpus.path(file)).lower() == "readme"


def _definitions_by_chunk(definitions: Sequence[MatchedDefinition], rows: range) -> dict[int, MatchedDefinition]:
    shown: dict[int, MatchedDefinition] = {}
    for definition in definitions:  # best first
        shown.setdefault(definition.chunk - rows.start, definition)
    return shown
