"""Finds what the best chunks call: who asks how a thing is done is often answered a call further.

Knows nothing of how chunks come to be the best.
"""

from collections.abc import Sequence

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
    names, callers = corpus.names_referred_to(chunks)
    definitions, of = corpus.definitions_of_names(names)
    count = np.bincount(of, minlength=len(names))[of]
    few = count <= _MOST_DEFINITIONS
    return definitions[few], np.array(chunks, np.int64)[callers[of[few]]], _SHARES // count[few]
