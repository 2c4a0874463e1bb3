"""What turns chunks and questions into vectors: a protocol, since the outside begins here. Knows no implementation."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..types import Chunk

__all__ = ["NO_EMBEDDER", "Embedder", "unit_rows"]

NO_EMBEDDER = "none"
"""Stands where the id of an embedder would, and is no id of one."""


class Embedder(Protocol):
    """Makes vectors whose dot product says how alike two texts are."""

    @property
    def id(self) -> str:
        """Names whatever decides the vectors, in lower-case letters, digits and "-": stored vectors are kept by it."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of every vector."""
        ...

    def embed(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Unit rows, or zero rows where there is nothing to say. Shape (len(chunks), dimensions)."""
        ...

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector, or zeros. Shape (dimensions,)."""
        ...


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows scaled to length 1; zero rows stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
