"""Vectors of words, in which what people say lies near what code calls it.

`word_vectors.txt` was learned by `benchmarks/train_word_vectors.py` from doc comments and the code below them, commits
and the names that they change, and the thesaurus. A text is the sum of its words: no order, no network. All is done in
whole numbers, so that the same text has the same vector, and two vectors the same product, on every machine and in any
order of summing. Knows nothing of chunks, files or ranking.
"""

import math
import re
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import terms
from .sorted_lines import SortedLines

__all__ = ["DIMENSIONS", "FULL", "VERSION", "CodeVectors", "question_vector"]

DIMENSIONS = 48
FULL = 127 * 127
"""The product of two vectors that point the same way."""

VERSION = "2-abb4e3f9"
"""Part of the name of what holds vectors: a number to raise when they are made otherwise from the same file, and the
beginning of the SHA-256 of `word_vectors.txt`, which a test checks."""

_LINES = SortedLines(Path(__file__).with_name("word_vectors.txt"))
_ZERO = 79  # the character that stands for 0; 31 below and above are printable and no spaces
_NONE = "-"
_WORD = re.compile(r"\w+")
_LENGTH = 127  # of every vector, to the nearest whole numbers
_ONCE = 8  # the weight of a term that stands once
_MOST_COUNTED = 255  # and so weighs 52: of 10,000 terms up to 31 a sum stays below 2^24, exact in 32-bit floats


def question_vector(text: str) -> NDArray[np.float32]:
    """The vector of a question: whole numbers up to 127, or zeros where no word is known. Shape (DIMENSIONS,)."""
    stems = dict.fromkeys(terms.join([part]) for word in _WORD.findall(text) for part in terms.split_identifier(word))
    vectors = [_decoded(said) for stem in stems if (said := _said(stem)) != _NONE]
    return _scaled(np.sum(vectors, axis=0, dtype=np.float32)) if vectors else np.zeros(DIMENSIONS, np.float32)


class CodeVectors:
    """The vectors of code's terms.

    Args:
        keys: The hashes of terms, ascending. Shape (n,).
        vectors: Of each. Shape (n, DIMENSIONS).
    """

    def __init__(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32]) -> None:
        self._keys, self._vectors = keys, vectors

    def of_terms(self, keys: NDArray[np.uint64], counts: NDArray[np.uint16]) -> NDArray[np.int8]:
        """The vector of a text given as its term hashes, and how often each stands there. Shape (DIMENSIONS,)."""
        at = self._keys.searchsorted(keys).clip(max=len(self._keys) - 1)
        known = self._keys[at] == keys
        weights = _weights()[np.minimum(counts[known], _MOST_COUNTED)]
        return _scaled(weights @ self._vectors[at[known]]).astype(np.int8)

    @staticmethod
    @cache
    def shipped() -> "CodeVectors":
        """Those of `word_vectors.txt`."""
        return CodeVectors.read(_LINES)

    @staticmethod
    def read(table: SortedLines) -> "CodeVectors":
        """Those of a table as `benchmarks/train_word_vectors.py` writes it."""
        lines = (line.split(" ") for line in table.data.decode("ascii").splitlines() if not line.startswith("#"))
        rows = sorted((terms.term_hash(stem), code) for stem, _, code in lines if code != _NONE)
        keys = np.array([key for key, _ in rows], np.uint64)
        return CodeVectors(keys, _decoded("".join(code for _, code in rows)).reshape(-1, DIMENSIONS))


@lru_cache(maxsize=10_000)
def _said(stem: str) -> str:
    line = next(_LINES.beginning_with(f"{stem} "), "")
    return line.split(" ")[1] if line else _NONE


@cache
def _weights() -> NDArray[np.float32]:
    """What a term weighs by how often it stands in a text: 1 + ln, in eighths."""
    counted = [0, *(round(_ONCE * (1 + math.log(times))) for times in range(1, _MOST_COUNTED + 1))]
    return np.array(counted, np.float32)


def _decoded(written: str) -> NDArray[np.float32]:
    return np.frombuffer(written.encode("ascii"), np.uint8).astype(np.float32) - _ZERO


def _scaled(total: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whole numbers of the same direction and the length that all have; zeros stay."""
    exact = total.astype(np.float64)  # of 32 bits the squares would be rounded, and the sum hang on its order
    length = math.sqrt(float(exact @ exact))
    return np.rint(exact * (_LENGTH / length)).astype(np.float32) if length else total
