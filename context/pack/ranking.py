"""The order in which files may answer a question, and of each of the best the lines that may answer best.

Takes both from the ranker that search uses. Knows nothing of tokens or budgets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..retrieval.corpus import Corpus
from ..retrieval.ranker import Ranker, default_ranker
from ..retrieval.retriever import QuestionEmbedder, match_all, score_passages
from .parts import Lines

__all__ = ["Ranking", "rank_files"]

_ABOVE_ALL = 100.0  # more than anything that a choice weighs beside the score


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a question makes of a corpus.

    Attributes:
        scores: Of each file that may answer; higher is better, on the ranker's scale.
        chunks: The lines of each chunk of the best files, best first; they cover the file.
    """

    scores: Mapping[str, float]
    chunks: Mapping[str, tuple[Lines, ...]]


def rank_files(
    question: str, corpus: Corpus, *, embedder: QuestionEmbedder | None = None, ranker: Ranker | None = None
) -> Ranking:
    """Scores the files that may answer.

    Args:
        question: As the person asked it.
        corpus: Where to look.
        embedder: Made the corpus' vectors; without it they are not used.
        ranker: Scores files and chunks; the one that is shipped by default.

    Raises:
        InputError: A pattern in the question is none, or takes too long.
    """
    ranker = ranker or default_ranker()
    matched = match_all(question, corpus, embedder)
    passages, chunk_scores = score_passages(matched, ranker, corpus)
    files = matched.candidates.files
    scores = np.round(ranker.score_files(matched.candidates.features).astype(np.float64), 3).tolist()
    chunks = {}
    for file, (start, stop) in zip(passages.files, pairwise(passages.offsets.tolist()), strict=True):
        best = np.argsort(-chunk_scores[start:stop], kind="stable")
        chunks[corpus.path(file)] = tuple(_lines(row, corpus) for row in passages.rows[start + best].tolist())
    told = {corpus.path(file): score for file, score in zip(files, scores, strict=True)}
    # places that the question names stand first, whatever the words say
    above = max(scores, default=0.0) + _ABOVE_ALL + len(matched.given.places)
    for at, place in enumerate(matched.given.places):
        path = corpus.path(place.file)
        told[path] = max(told.get(path, above - at), above - at)
    return Ranking(told, chunks)


def _lines(row: int, corpus: Corpus) -> Lines:
    segment, at = corpus.chunk(row)
    return int(segment.chunk_start[at]), int(segment.chunk_end[at])
