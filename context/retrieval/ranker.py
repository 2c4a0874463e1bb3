"""Weighs the features of candidate files into one score. Knows nothing of how features come about."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .features import FEATURES

__all__ = ["LinearRanker", "Ranker"]


class Ranker(Protocol):
    """Scores files by their features."""

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Higher is better. Shapes (files, features) and (files,)."""
        ...


_WEIGHTS = {
    "chunk": 1.0,
    "chunks": 1.0,
    "file": 1.0,
    "head": 0.3,
    "path": 0.5,
    "stem": 1.5,
    "stem_whole": 0.7,
    "parent": 0.3,
    "definition": 1.0,
    "definitions": 0.3,
    "named": 1.5,
    "coverage_chunk": 0.5,
    "coverage_file": 0.3,
    "used": 0.2,
    "similarity": 0.5,
    "test": -1.0,
    "example": -0.5,
    "benchmark": -0.7,
    "compatibility": -0.5,
    "vendored": -0.5,
    "document": -0.3,
    "history": -0.6,
    "data": -0.5,
    "index": -0.3,
    "types_only": -0.5,
    "tooling": -0.4,
}


class LinearRanker:
    """A weighted sum."""

    def __init__(self) -> None:
        self._weights = np.array([_WEIGHTS.get(name, 0.0) for name in FEATURES], np.float32)

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The weighted sum of each row."""
        return features @ self._weights
