"""Vectors from a server that speaks `/v1/embeddings`, which the user has named: chunks are sent to it.

Knows nothing of HTTP or of stores.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..endpoint import OnFirstUse
from ..endpoint_client import EndpointClient
from ..types import Chunk
from .embedder import unit_rows

__all__ = ["EndpointEmbedder"]

_TEXTS_PER_REQUEST = 64
_TIMEOUT_S = 120.0


class EndpointEmbedder:
    """Embeds by a server. Connects to nothing before something is embedded.

    Raises:
        EngineUnreachableError: From any method, when there is no connection.
        EngineReplyError: From any method, when the answer cannot be used.
    """

    def __init__(
        self, url: str, model: str, *, api_key: str | None = None, on_first_use: OnFirstUse | None = None
    ) -> None:
        """Names the server.

        Args:
            url: Up to and with `/v1`, or with the page `/v1/embeddings` itself.
            model: As the server names it.
            api_key: Sent as bearer token; None sends none.
            on_first_use: Gets the endpoint and the bytes of the texts that are at hand first.

        Raises:
            ConfigError: `url` is no http(s) URL, or holds credentials.
        """
        self._client = EndpointClient(
            url, "/embeddings", setting="embedder", api_key=api_key, on_first_use=on_first_use, timeout_s=_TIMEOUT_S
        )
        self._model = model
        self.id = f"endpoint-{hashlib.sha256(f'{self._client.url}#{model}'.encode()).hexdigest()[:12]}"

    @cached_property
    def dimensions(self) -> int:
        """The length of every vector, learned by embedding one word."""
        return len(self._request(["dimensions"])[0])

    def embed(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Unit rows. Shape (len(chunks), dimensions)."""
        texts = [chunk.text for chunk in chunks]
        parts = [texts[first : first + _TEXTS_PER_REQUEST] for first in range(0, len(texts), _TEXTS_PER_REQUEST)]
        with self._client.announced(texts):
            rows = [self._request(part) for part in parts]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector. Shape (dimensions,)."""
        with self._client.announced([text]):
            row: NDArray[np.float32] = self._request([text])[0]
        return row

    def _request(self, texts: list[str]) -> NDArray[np.float32]:
        # an empty text is refused by some servers
        texts = [text if text.strip() else "." for text in texts]
        reply: Any = self._client.post({"model": self._model, "input": texts, "encoding_format": "float"})
        try:
            items = sorted(reply["data"], key=lambda item: item["index"])
            with np.errstate(over="ignore"):  # refused below
                rows = np.array([item["embedding"] for item in items], np.float32)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise self._client.unusable("no list of vectors") from error
        if rows.ndim != 2 or len(rows) != len(texts) or not rows.size or not np.isfinite(rows).all():
            raise self._client.unusable("no list of vectors")
        return unit_rows(rows)
