"""Chooses the files that may answer: the best by each way of looking, which the ranker then orders.

Knows nothing of weights, and of features only what it looks by.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .definitions import MatchedDefinition
from .highest import highest
from .lexical import Lexical

__all__ = ["choose_files"]

_MOST_BY_FIELD = 40  # recall of the right file among the best 50 of BM25 alone is 0.99


def choose_files(
    lexical: Lexical,
    definitions: Mapping[int, Sequence[MatchedDefinition]],
    similarity: NDArray[np.float32] | None,
    corpus: Corpus,
) -> list[int]:
    """The file rows that may answer, ascending by path.

    Args:
        lexical: How well words match.
        definitions: The matching ones of each file row, the files with the best first.
        similarity: The similarity of each chunk row by an embedder's vectors, or None. Shape (chunks,).
        corpus: What is searched.
    """
    fields = [_best_of_files(lexical.chunk, corpus), lexical.file, lexical.path * corpus.live]
    fields.append(_best_of_files(lexical.meaning, corpus))
    fields += [] if similarity is None else [_best_of_files(similarity, corpus)]
    chosen = {file for scores in fields for file in _highest(scores, corpus)}
    chosen.update(list(definitions)[:_MOST_BY_FIELD])
    rows = np.array(list(chosen), np.int64)
    by_path: list[int] = rows[np.argsort(corpus.file_order[rows])].tolist()
    return by_path


def _best_of_files(scores: NDArray[np.float32], corpus: Corpus) -> NDArray[np.float32]:
    """The best score of a chunk of each file row; 0 for dead ones."""
    best = np.zeros(corpus.size, np.float32)
    if len(scores):
        firsts = corpus.first_chunks
        best[corpus.chunk_file[firsts]] = np.maximum.reduceat(scores, firsts)
    return np.where(corpus.live, best, np.float32(0))


def _highest(scores: NDArray[np.float32], corpus: Corpus) -> list[int]:
    """The files with the highest scores, in no order."""
    positive = scores[scores > 0]  # few of many: the rest need not be put in order
    if len(positive) > _MOST_BY_FIELD:
        # ties at the end are all taken, so that the choice does not hang on row numbers
        rows = np.flatnonzero(scores >= np.partition(positive, -_MOST_BY_FIELD)[-_MOST_BY_FIELD])
    else:
        rows = np.flatnonzero(scores > 0)
    if len(rows) > 4 * _MOST_BY_FIELD:
        rows = rows[highest(scores[rows], corpus.file_order[rows], most=4 * _MOST_BY_FIELD)]
    best: list[int] = rows.tolist()
    return best
