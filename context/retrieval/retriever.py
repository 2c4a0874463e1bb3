"""Answers a question with ranked spans.

The stages: the places that it hands over, words and definitions that match, files ranked, spans chosen in them. Knows
the stages, not what they do; knows nothing of stores, snapshots or models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..index.segment import LiveSegment
from ..types import Evidence, SearchResult
from .absence import Verdict, judge
from .corpus import Corpus, corpus_of
from .definitions import match_definitions
from .features import Candidates, describe
from .lexical import Lexical, match
from .passages import Passages, describe_chunks, with_calls
from .places import Given, find_places
from .question import Question, read_question
from .ranker import Ranker, default_ranker
from .reasons import explain
from .reranker import Reranker
from .reranking import NUM_RERANKED, rerank
from .spans import Span, choose_spans
from .synonyms import Synonyms
from .uses import add_uses

__all__ = ["Matched", "QuestionEmbedder", "match_all", "score_passages", "search"]

_MATCHES_WELL = 0.5
_NEARLY = 0.75  # as the chunker names a chunk


class QuestionEmbedder(Protocol):
    """The part of an embedder that a question needs."""

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector, or zeros. Shape (d,)."""
        ...


@dataclass(frozen=True)
class Matched:
    """A question, and all that matches it before anything is weighed.

    Attributes:
        given: The places and strings that the question hands over.
        question: The rest of it.
        lexical: How well everything matches its words.
        candidates: The files that may answer.
    """

    given: Given
    question: Question
    lexical: Lexical
    candidates: Candidates


def match_all(question: str, corpus: Corpus, embedder: QuestionEmbedder | None) -> Matched:
    """The stages before the ranker, which training takes as well.

    Raises:
        InputError: A pattern in the question is none, or takes too long.
    """
    given = find_places(question, corpus)
    asked = read_question(given.words)
    lexical = match(asked, corpus)
    definitions = match_definitions(asked, lexical, corpus)
    similarity = None if embedder is None else corpus.similarities(embedder.embed_question(given.words))
    return Matched(given, asked, lexical, describe(asked, lexical, definitions, similarity, corpus))


def score_passages(matched: Matched, ranker: Ranker, corpus: Corpus) -> tuple[Passages, NDArray[np.float32]]:
    """The chunks of the best files, and the score of each, by what the best of them call as well."""
    file_scores = ranker.score_files(matched.candidates.features)
    passages = describe_chunks(matched.question, matched.candidates, file_scores, matched.lexical, corpus)
    passages = with_calls(passages, ranker.score_chunks(passages.features), corpus)
    return passages, ranker.score_chunks(passages.features)


def search(
    view_segments: Sequence[LiveSegment],
    question: str,
    *,
    limit: int = 10,
    under: str = "",
    embedder: QuestionEmbedder | None = None,
    revisions: Mapping[str, str] | None = None,
    ranker: Ranker | None = None,
    reranker: Reranker | None = None,
) -> SearchResult:
    """The spans that may answer a question, best first, or the word that there is nothing.

    Args:
        view_segments: What can be searched.
        question: As the person asked it.
        limit: The most spans to give.
        under: A folder to stay in; "" for everything.
        embedder: Made the segments' vectors; without it they are not used.
        revisions: The revision to cite for each path.
        ranker: Scores files and chunks; the one that is shipped by default.
        reranker: Orders the best spans anew; asked only where there is an answer, on which it has no say.

    Raises:
        InputError: A pattern in the question is none, or takes too long.
    """
    corpus = corpus_of(tuple(view_segments), under)
    matched = match_all(question, corpus, embedder)
    given, asked, lexical = matched.given, matched.question, matched.lexical
    ranker = ranker or default_ranker()
    passages, scores = score_passages(matched, ranker, corpus)
    depth = limit if reranker is None else max(limit, NUM_RERANKED)
    spans = choose_spans(passages, scores, matched.candidates, lexical, corpus, limit=depth, places=given.places)
    verdict = _judge(given, asked, lexical, spans[:limit], corpus)  # who uses a thing speaks less of it
    if asked.about_uses and not given.places:
        spans = add_uses(asked, spans, lexical, corpus, limit=depth)
    synonyms = Synonyms(asked, lexical, corpus)
    evidence = tuple(_evidence(span, lexical, synonyms, corpus, revisions or {}) for span in spans)
    if reranker is not None and verdict.found:
        evidence = rerank(question, evidence, reranker, num_given=sum(bool(span.given) for span in spans))
    evidence = evidence[:limit]
    note = verdict.note
    if not evidence and not lexical.words and not given.missing:
        note = "The question holds no word that can be looked for; a single letter or an emoji is none."
    elif not evidence and not note:
        note = "No word of the question stands anywhere here."
    return SearchResult(verdict.found and bool(evidence), evidence, verdict.missing, note)


def _judge(given: Given, asked: Question, lexical: Lexical, spans: Sequence[Span], corpus: Corpus) -> Verdict:
    """The verdict, to which a place that was given is an answer, and a string that stands nowhere a remark at least."""
    if given.places:
        return Verdict(True, given.missing)
    if given.missing and given.is_all:
        return Verdict(False, given.missing, given.note)
    verdict = judge(_beside(given.missing, asked), lexical, [span.chunks for span in spans], corpus)
    return replace(verdict, missing=tuple(dict.fromkeys([*given.missing, *verdict.missing])))


def _beside(missing: Sequence[str], asked: Question) -> Question:
    """The question without the strings that stand nowhere: what they speak of need not stand here either."""
    text = asked.text
    for string in missing:
        text = text.replace(string, " ")
    names = tuple(name for name in asked.names if not any(name.text in string for string in missing))
    return replace(asked, text=text, names=names)


def _evidence(
    span: Span, lexical: Lexical, synonyms: Synonyms, corpus: Corpus, revisions: Mapping[str, str]
) -> Evidence:
    path = corpus.path(span.file)
    symbol, kind = _symbol(span, corpus)
    text = _text(span, corpus)
    return Evidence(
        path=path,
        start=span.start,
        end=span.start + text.count("\n"),
        symbol=symbol,
        kind=kind,
        language=corpus.language(span.file),
        revision=revisions.get(path, ""),
        score=round(span.score, 4),
        reasons=explain(span, lexical, synonyms, corpus),
        text=text,
    )


def _symbol(span: Span, corpus: Corpus) -> tuple[str, str]:
    """The definition that matched, or the smallest around the span, or the one that most of it belongs to."""
    matched = span.definition
    if matched and (matched.named or matched.precision >= _MATCHES_WELL):
        return matched.qualified_name, matched.kind
    segment, file = corpus.file(span.file)
    rows = segment.definitions_of(file)
    if not rows:
        return "", ""
    starts = segment.definition_start[rows.start : rows.stop].astype(np.int64)
    ends = segment.definition_end[rows.start : rows.stop].astype(np.int64)
    shared = np.minimum(ends, span.end) - np.maximum(starts, span.start) + 1
    if shared.max() <= 0:
        return "", ""
    # a blank line behind a method is its class's: of those that share nearly as many lines, the smallest
    nearly = np.flatnonzero(shared >= _NEARLY * shared.max())
    best = int(nearly[np.argmin((ends - starts)[nearly])])
    row = rows.start + best
    return segment.qualified_names[row], segment.kinds[int(segment.definition_kind[row])]


def _text(span: Span, corpus: Corpus) -> str:
    segment, first = corpus.chunk(span.chunks.start)
    lines = "\n".join(segment.texts[first + at] for at in range(len(span.chunks))).split("\n")
    skipped = span.start - int(segment.chunk_start[first])
    shown = lines[skipped : skipped + span.end - span.start + 1]
    while len(shown) > 1 and not shown[-1].strip():
        shown.pop()  # blank lines belong to the chunk before them, and say nothing
    return "\n".join(shown)
