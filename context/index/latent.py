"""The default embedder: latent semantic analysis learned from the repository itself, with no weights and no network.

A sample of chunks gives a table of chunks by terms, weighted by tf-idf; a randomized SVD (Halko, Martinsson and Tropp
2011, algorithm 4.4) gives its first directions. A text's vector is its weighted terms along them. The basis has a
content id of its own, so that vectors are never compared across bases. Knows nothing of where vectors are kept.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import terms as term_rules
from ..storage.array_file import read_arrays, write_arrays
from ..types import Chunk
from .embedder import LATENT_PREFIX, unit_rows

__all__ = ["LEARNED_DIMENSIONS", "SAMPLE_CHUNKS", "LatentEmbedder", "learn"]

SAMPLE_CHUNKS = 4_000
"""A basis is learned from this many chunks, or from all when there are fewer."""

LEARNED_DIMENSIONS = 64
"""Of every learned basis; those that a small sample does not fill are zero."""

_VOCABULARY = 8_192
_MAX_SHARE = 0.5  # a term in more than half of all chunks tells none apart
_NOISE = 1e-10  # of a square: a hundred-thousandth of the strongest direction
_BLOCK_ROWS = 32
_OVERSAMPLING, _POWER_ITERATIONS = 10, 2  # the usual ones of the paper


@dataclass(frozen=True, slots=True)
class _Table:
    """Weighted terms of chunks as sparse rows.

    Attributes:
        columns, weights: Of each non-zero, row by row. Shape (n,).
        offsets: Where each row starts, and the end. Shape (rows + 1,).
    """

    columns: NDArray[np.int64]
    weights: NDArray[np.float32]
    offsets: NDArray[np.int64]

    def dot(self, dense: NDArray[np.float32]) -> NDArray[np.float32]:
        """This table times a dense one. Shape (rows, dense columns)."""
        result = np.zeros((len(self.offsets) - 1, dense.shape[1]), np.float32)
        # row by row: 2 us each, where one gather of all rows and `np.add.reduceat` take 35
        for row, (start, end) in enumerate(pairwise(self.offsets.tolist())):
            np.dot(self.weights[start:end], dense.take(self.columns[start:end], axis=0), out=result[row])
        return result

    def transposed(self, num_columns: int) -> "_Table":
        """Rows and columns exchanged."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        counts = np.bincount(self.columns, minlength=num_columns)
        return _Table(rows[order], self.weights[order], np.concatenate(([0], np.cumsum(counts))))


class LatentEmbedder:
    """Vectors along a learned basis.

    Attributes:
        id: Of the basis: a hash of its content.
        num_learned: From how many chunks it was learned.
        coverage: The share of those chunks' terms that the vocabulary holds.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - the protocol's word
        vocabulary: NDArray[np.uint64],
        idf: NDArray[np.float32],
        directions: NDArray[np.float32],
        num_learned: int,
        coverage: float,
    ) -> None:
        self._vocabulary, self._idf, self._directions = vocabulary, idf, directions
        self.id, self.num_learned, self.coverage = id, num_learned, coverage
        self.dimensions = directions.shape[1]

    def embed(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Unit rows, or zeros where no term is known. Shape (len(chunks), dimensions)."""
        return unit_rows(_weigh(chunks, self._vocabulary, self._idf).dot(self._directions))

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector, or zeros. Shape (dimensions,)."""
        terms, counts = term_rules.count(text)
        row: NDArray[np.float32] = self.embed([Chunk(1, 1, text, terms=terms, counts=counts)])[0]
        return row

    def known(self, chunks: Sequence[Chunk]) -> tuple[int, int]:
        """How many distinct terms of chunks the vocabulary holds, and how many there are."""
        terms, *_ = _concatenated(chunks)
        return int(_in_vocabulary(terms, self._vocabulary)[1].sum()), len(terms)

    def save(self, path: Path) -> None:
        """Writes the basis."""
        arrays: dict[str, NDArray[Any]] = {
            "vocabulary": self._vocabulary,
            "idf": self._idf,
            "directions": self._directions,
        }
        write_arrays(path, arrays, {"id": self.id, "num_learned": self.num_learned, "coverage": self.coverage})

    @classmethod
    def load(cls, path: Path) -> "LatentEmbedder":
        """A basis that `save` wrote.

        Raises:
            FileNotFoundError: There is none.
            DamagedFileError: It cannot be read.
        """
        arrays, meta = read_arrays(path)
        parts: dict[str, Any] = {**arrays, **meta}
        return cls(**parts)


def learn(chunks: Sequence[Chunk]) -> LatentEmbedder:
    """Learns a basis from a sample of chunks. The same chunks give the same basis."""
    vocabulary, idf, coverage = _vocabulary(chunks)
    table = _weigh(chunks, vocabulary, idf)
    directions = np.zeros((len(vocabulary), LEARNED_DIMENSIONS), np.float32)
    found = _right_singular_vectors(table, len(vocabulary))
    directions[:, : found.shape[1]] = found
    return LatentEmbedder(
        id=_content_id(vocabulary, idf, directions),
        vocabulary=vocabulary,
        idf=idf,
        directions=directions,
        num_learned=len(chunks),
        coverage=coverage,
    )


def _content_id(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"{LATENT_PREFIX}{digest.hexdigest()[:12]}"


def _vocabulary(chunks: Sequence[Chunk]) -> tuple[NDArray[np.uint64], NDArray[np.float32], float]:
    """The most frequent telling terms, ascending, their idf, and the share of all terms that they cover."""
    terms, *_ = _concatenated(chunks)
    distinct, frequencies = np.unique(terms, return_counts=True)
    telling = np.flatnonzero((frequencies > 1) & (frequencies <= max(_MAX_SHARE * len(chunks), 2)))
    # by frequency, then by hash, so that a tie does not depend on the machine
    chosen = telling[np.lexsort((distinct[telling], -frequencies[telling]))[:_VOCABULARY]]
    chosen.sort()
    idf = np.log(len(chunks) / frequencies[chosen]).astype(np.float32) + 1
    return distinct[chosen], idf, float(frequencies[chosen].sum() / max(len(terms), 1))


def _right_singular_vectors(table: _Table, num_columns: int) -> NDArray[np.float32]:
    rank = min(LEARNED_DIMENSIONS, len(table.offsets) - 1, num_columns)
    if rank == 0:
        return np.zeros((num_columns, 0), np.float32)
    transposed = table.transposed(num_columns)
    sketch = np.random.default_rng(0).standard_normal((num_columns, rank + _OVERSAMPLING), np.float32)
    basis = _orthonormal(table.dot(sketch))
    for _ in range(_POWER_ITERATIONS):
        basis = _orthonormal(table.dot(_orthonormal(transposed.dot(basis))))
    # the right vectors of basis.T @ table are the left ones of its transpose, which is tall and thin
    return _left_singular_vectors(transposed.dot(basis))[:, :rank]


def _orthonormal(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """An orthonormal basis of a tall matrix's columns, by the Cholesky factor of their products."""
    squares = _products(columns)
    # dependent columns, as few chunks give them, would have no factor
    squares[np.diag_indices_from(squares)] += _NOISE * max(np.trace(squares), 1.0)
    return _times(columns, np.linalg.inv(np.linalg.cholesky(squares)).T)


def _left_singular_vectors(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """The left singular vectors of a tall matrix, the strongest first, without those that are nothing but noise."""
    squares, directions = np.linalg.eigh(_products(columns))
    real = squares > squares.max(initial=0) * _NOISE
    return np.ascontiguousarray(_times(columns, directions[:, real] / np.sqrt(squares[real]))[:, ::-1])


# LAPACK's QR and SVD of the tall matrix, and BLAS on the whole of it, start threads that spin for the cores that other
# processes have: 2.3 s of CPU where these take 0.1. A block is too small for OpenBLAS to start any.
def _products(columns: NDArray[np.float32]) -> NDArray[np.float64]:
    """The products of all pairs of columns."""
    total = np.zeros((columns.shape[1], columns.shape[1]))
    for block in _blocks(columns):
        total += block.T @ block
    return total


def _times(columns: NDArray[np.float32], square: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.concatenate([(block @ square).astype(np.float32) for block in _blocks(columns)])


def _blocks(columns: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    return (columns[first : first + _BLOCK_ROWS].astype(np.float64) for first in range(0, len(columns), _BLOCK_ROWS))


def _weigh(chunks: Sequence[Chunk], vocabulary: NDArray[np.uint64], idf: NDArray[np.float32]) -> _Table:
    """Rows of (1 + log tf) * idf over the vocabulary, of length 1."""
    terms, counts, rows = _concatenated(chunks)
    columns, known = _in_vocabulary(terms, vocabulary)
    columns, rows = columns[known], rows[known]
    weights = (1 + np.log(counts[known].astype(np.float32))) * idf[columns]
    squares = np.bincount(rows, weights * weights, minlength=len(chunks))
    weights = (weights / np.sqrt(squares)[rows]).astype(np.float32)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(chunks)))))
    return _Table(columns, weights, offsets)


def _in_vocabulary(
    terms: NDArray[np.uint64], vocabulary: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The column of each term, and whether it is known."""
    if not len(vocabulary):
        return np.zeros(len(terms), np.int64), np.zeros(len(terms), np.bool_)
    columns = np.minimum(np.searchsorted(vocabulary, terms), len(vocabulary) - 1)
    return columns, vocabulary[columns] == terms


def _concatenated(chunks: Sequence[Chunk]) -> tuple[NDArray[np.uint64], NDArray[np.uint16], NDArray[np.int64]]:
    """Terms, counts and row numbers of all chunks. Shapes (t,)."""
    if not chunks:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint16), np.zeros(0, np.int64)
    rows = np.repeat(np.arange(len(chunks)), [len(chunk.terms) for chunk in chunks])
    return np.concatenate([chunk.terms for chunk in chunks]), np.concatenate([chunk.counts for chunk in chunks]), rows
