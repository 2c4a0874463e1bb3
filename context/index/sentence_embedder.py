"""Vectors from a sentence-transformers model in a local folder. Downloads nothing; knows nothing of stores.

The library is an extra; it is imported (with torch, in seconds) when something is embedded first.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigError
from ..local_model import load_model
from ..types import Chunk
from .embedder import unit_rows

__all__ = ["SentenceEmbedder"]

_SMALL_FILE_BYTES = 100_000


class SentenceEmbedder:
    """Embeds by a model in a folder."""

    def __init__(self, folder: Path) -> None:
        """Names the folder; the model is not loaded yet.

        Raises:
            ConfigError: It holds no sentence-transformers model.
        """
        if not (folder / "modules.json").is_file():
            raise ConfigError(f"{folder}: no sentence-transformers model (modules.json is missing)")
        self._folder = folder
        self.id = f"sentence-{_content_id(folder)}"

    @property
    def dimensions(self) -> int:
        """The length of every vector."""
        size: int = self._model.get_sentence_embedding_dimension()
        return size

    def embed(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Unit rows. Shape (len(chunks), dimensions)."""
        if not chunks:
            return np.zeros((0, self.dimensions), np.float32)
        return self._encode([chunk.text for chunk in chunks])

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector. Shape (dimensions,)."""
        row: NDArray[np.float32] = self._encode([text])[0]
        return row

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        return unit_rows(np.asarray(self._model.encode(texts, show_progress_bar=False), np.float32))

    @cached_property
    def _model(self) -> Any:
        return load_model("SentenceTransformer", self._folder, setting="embedder")


def _content_id(folder: Path) -> str:
    """Names a model by its small files' content and the names and sizes of its weights, without reading these."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(f"\n{path.relative_to(folder).as_posix()} {size}\n".encode("utf-8", "surrogateescape"))
        if size <= _SMALL_FILE_BYTES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
