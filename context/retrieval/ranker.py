"""Weighs what is known of files and of chunks into one score each. Knows nothing of how features come about."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigError
from .features import FEATURES
from .passages import CHUNK_FEATURES

__all__ = ["LinearRanker", "Ranker", "default_ranker", "load_ranker"]

_MOST_WEIGHT = 1e6  # scores are sums of 32-bit floats, and the largest weight that was ever fitted is 6
_DATA = Path(__file__).with_name("ranker.json")


class Ranker(Protocol):
    """Scores files and chunks by their features."""

    def score_files(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Higher is better. Shapes (files, features) and (files,)."""
        ...

    def score_chunks(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Higher is better. Shapes (chunks, features) and (chunks,)."""
        ...


class LinearRanker:
    """Weighted sums; a feature without a weight does not count."""

    def __init__(self, files: Mapping[str, float], chunks: Mapping[str, float]) -> None:
        self._files = _in_order(files, FEATURES)
        self._chunks = _in_order(chunks, CHUNK_FEATURES)

    def score_files(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The weighted sum of each row."""
        return features @ self._files

    def score_chunks(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The weighted sum of each row."""
        return features @ self._chunks


def _in_order(weights: Mapping[str, float], names: Sequence[str]) -> NDArray[np.float32]:
    return np.array([weights.get(name, 0.0) for name in names], np.float32)


@cache
def default_ranker() -> Ranker:
    """The ranker that is shipped: `ranker.json`, written by `benchmarks/train_ranker.py`."""
    return load_ranker(_DATA)


def load_ranker(path: Path) -> Ranker:
    """The ranker that a file describes: JSON, `{"files": {feature: weight}, "chunks": {feature: weight}}`.

    Raises:
        ConfigError: It cannot be read, or describes no ranker.
    """
    try:
        read = json.loads(path.read_bytes())
        files, chunks = _weights(read["files"], FEATURES), _weights(read["chunks"], CHUNK_FEATURES)
    except OSError as error:
        raise ConfigError(f"{path}: no ranker can be read from it ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        told = f"there is no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"{path}: no ranker can be read from it ({told}); train one with benchmarks/train_ranker.py"
        ) from error
    return LinearRanker(files, chunks)


def _weights(read: Mapping[str, object], names: Sequence[str]) -> dict[str, float]:
    unknown = sorted(set(read) - set(names))
    if unknown:
        raise ValueError(f"there is no feature {unknown[0]}")
    weights = {name: float(str(weight)) for name, weight in read.items()}
    if any(not abs(weight) <= _MOST_WEIGHT for weight in weights.values()):
        raise ValueError(f"a weight is no number up to {_MOST_WEIGHT:,.0f}")
    return weights
