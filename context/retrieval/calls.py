"""Finds what the best chunks call: who asks how a thing is done is often answered a call further.

Knows nothing of how chunks come to be the best.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus

__all__ = ["MOST_CALLED", "called_by", "files_called_by"]

_MOST_DEFINITIONS = 3  # of a name: what more have, such as `get`, tells nothing
_SHARES = 6  # what a call counts, so that a third of it is whole and sums do not hang on their order

MOST_CALLED = np.log1p(64)
"""What `files_called_by` gives for a file that 64 chunks call."""


def called_by(chunks: Sequence[int], corpus: Corpus) -> NDArray[np.float32]:
    """How surely each chunk row defines what others call: 1 / definitions of the name, 0 for most. Shape (chunks,)."""
    called = np.zeros(len(corpus.chunk_file), np.float32)
    definitions, callers, shares = _calls(chunks, corpus)
    defining = corpus.chunks_of_definitions(definitions)[0]
    others = defining != callers  # a chunk that calls its own is no news
    np.maximum.at(called, defining[others], (shares[others] / _SHARES).astype(np.float32))
    return called


def files_called_by(chunks: Sequence[int], corpus: Corpus) -> NDArray[np.float32]:
    """The logarithm of 1 and how many of these chunks call what each file row defines; its own are not counted."""
    definitions, callers, shares = _calls(chunks, corpus)
    files = corpus.files_of_definitions(definitions)
    others = files != corpus.chunk_file[callers]
    files, callers, shares = files[others], callers[others], shares[others]
    pairs = files * len(corpus.chunk_file) + callers
    order = np.lexsort((shares, pairs))  # of all that a chunk calls of a file the surest counts
    surest = order[np.diff(pairs[order], append=-1) != 0]
    totals = np.bincount(files[surest], shares[surest], corpus.size)
    return np.log1p(totals / _SHARES).astype(np.float32)


def _calls(chunks: Sequence[int], corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The definition rows that chunks call, the chunk row that calls each, and how surely, in sixths."""
    rows = np.array(chunks, np.int64)
    at, of = corpus.references.of_chunks(rows)
    defined, of = _definitions_of(corpus).at(at), rows[of]
    some = defined[:, 0] > 0
    defined, of = defined[some], of[some]
    caller, place = np.nonzero(defined)
    counts = np.count_nonzero(defined, axis=1)
    return defined[caller, place].astype(np.int64) - 1, of[caller], _SHARES // counts[caller]


class _Definitions:
    """What each reference of a corpus calls, where it tells something: looked up when it is first asked for.

    The best chunks refer to a thousand names a question, most of which are defined nowhere or too often.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        # One more than a definition's row; 0 for none. Zeros take no memory before they are written.
        self._called = np.zeros((len(corpus.references), _MOST_DEFINITIONS), np.int32)
        self._known = np.zeros(len(corpus.references), np.bool_)

    def at(self, references: NDArray[np.int64]) -> NDArray[np.int32]:
        """What these call: one more than definition rows, first those that are there. Shape (n, _MOST_DEFINITIONS)."""
        unknown = references[~self._known[references]]
        if len(unknown):
            self._look_up(unknown)
        called: NDArray[np.int32] = self._called[references]
        return called

    def _look_up(self, references: NDArray[np.int64]) -> None:
        definitions, of = self._corpus.definitions_of_names(self._corpus.references.names(references))
        order = np.argsort(of, kind="stable")
        definitions, of = definitions[order], of[order]
        counts = np.bincount(of, minlength=len(references))
        place = np.arange(len(of)) - (np.cumsum(counts) - counts)[of]
        few = counts[of] <= _MOST_DEFINITIONS
        self._called[references[of[few]], place[few]] = definitions[few] + 1
        self._known[references] = True


@lru_cache(maxsize=2)
def _definitions_of(corpus: Corpus) -> _Definitions:
    return _Definitions(corpus)
