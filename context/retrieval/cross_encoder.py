"""Scores from a cross-encoder of sentence-transformers in a local folder. Downloads nothing.

Knows nothing of what is ranked.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConfigError
from ..local_model import load_model

__all__ = ["CrossEncoderReranker"]


class CrossEncoderReranker:
    """Reranks by a model in a folder."""

    def __init__(self, folder: Path) -> None:
        """Names the folder; the model is not loaded yet.

        Raises:
            ConfigError: It holds no cross-encoder.
        """
        if not folder.is_dir():
            raise ConfigError(f"{folder}: no such folder; a reranker is one, or the URL of a server as URL#MODEL")
        # the library loads any other model as well, with a head of random weights
        if not _is_cross_encoder(folder):
            raise ConfigError(f"{folder}: no cross-encoder (config.json names no model for sequence classification)")
        self._folder = folder

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """One number for each text.

        Raises:
            MissingExtraError: The library is not installed.
            ConfigError: The folder cannot be loaded, or its model gives something else than one finite number.
        """
        pairs = [(question, text) for text in texts]
        scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float64)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise ConfigError(f"{self._folder}: this cross-encoder does not give one finite score for each text")
        return [float(score) for score in scores]

    @cached_property
    def _model(self) -> Any:
        return load_model("CrossEncoder", self._folder, setting="reranker")


def _is_cross_encoder(folder: Path) -> bool:
    architectures = _read(folder / "config.json").get("architectures")
    if _read(folder / "config_sentence_transformers.json").get("model_type") == "CrossEncoder":
        return True
    return isinstance(architectures, list) and any(
        str(name).endswith("ForSequenceClassification") for name in architectures
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
