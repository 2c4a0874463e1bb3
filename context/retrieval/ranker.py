"""Weighs the features of candidate files into one score. Knows nothing of how features come about."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigError
from .features import FEATURES

__all__ = ["LinearRanker", "Ranker", "load_ranker"]


class Ranker(Protocol):
    """Scores files by their features."""

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Higher is better. Shapes (files, features) and (files,)."""
        ...


# Fitted by softmax regression on the development questions, then rounded: file NDCG@10 0.874, and 0.873 when weights
# are fitted with the language asked about held out. Penalties that the questions hardly exercise are set by hand.
_WEIGHTS = {
    "chunk": 0.4,
    "chunks": 0.8,
    "file": 0.4,
    "head": 0.3,
    "path": 0.5,
    "stem": 0.1,
    "stem_whole": 0.7,
    "parent": 0.4,
    "definition": 0.4,
    "definitions": 0.2,
    "named": 0.5,
    "coverage_chunk": 0.1,
    "coverage_file": 0.1,
    "used": 0.1,
    "similarity": 0.5,
    "test": -1.0,
    "example": -0.5,
    "benchmark": -0.5,
    "compatibility": -0.4,
    "vendored": -0.5,
    "document": -0.8,
    "history": -0.4,
    "data": -0.4,
    "index": 0.1,
    "types_only": -0.3,
    "tooling": -0.3,
    "depth": -0.5,
    "length": 0.5,
}


class LinearRanker:
    """A weighted sum."""

    def __init__(self, weights: Mapping[str, float] = _WEIGHTS) -> None:
        self._weights = np.array([weights.get(name, 0.0) for name in FEATURES], np.float32)

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The weighted sum of each row."""
        return features @ self._weights


def load_ranker(path: Path) -> Ranker:
    """The ranker that a file describes: JSON, `{"weights": {feature: number}}`.

    Raises:
        ConfigError: It cannot be read, or describes no ranker.
    """
    try:
        weights = {str(name): float(weight) for name, weight in json.loads(path.read_bytes())["weights"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}: no ranker can be read from it ({type(error).__name__})") from error
    return LinearRanker(weights)
