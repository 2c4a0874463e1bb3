"""Vectors from a server that speaks `/v1/embeddings`, which the user has named: chunks are sent to it.

Importing this module is cheap; the client library (0.4 s) is imported with the first request. Knows nothing of stores.
"""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import EngineReplyError, EngineUnreachableError
from ..endpoint import OnFirstUse, read_endpoint
from ..types import Chunk
from .embedder import unit_rows

if TYPE_CHECKING:
    import openai

__all__ = ["EndpointEmbedder"]

_TEXTS_PER_REQUEST = 64
_TIMEOUT_S = 120.0
_MAX_RETRIES = 3  # after 429 and 5xx the client waits as Retry-After says


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
        # the client library adds the page by itself
        self._endpoint = read_endpoint(url.strip().rstrip("/").removesuffix("/embeddings"), setting="embedder")
        self._base_url, self._model, self._api_key = self._endpoint.url, model, api_key
        self._on_first_use = None if self._endpoint.is_loopback else on_first_use
        self.id = f"endpoint-{hashlib.sha256(f'{self._base_url}#{model}'.encode()).hexdigest()[:12]}"

    @cached_property
    def dimensions(self) -> int:
        """The length of every vector, learned by embedding one word."""
        return len(self._request(["dimensions"])[0])

    def embed(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Unit rows. Shape (len(chunks), dimensions)."""
        texts = [chunk.text for chunk in chunks]
        parts = [texts[first : first + _TEXTS_PER_REQUEST] for first in range(0, len(texts), _TEXTS_PER_REQUEST)]
        with self._announced(texts):
            rows = [self._request(part) for part in parts]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector. Shape (dimensions,)."""
        with self._announced([text]):
            row: NDArray[np.float32] = self._request([text])[0]
        return row

    def _announced(self, texts: Sequence[str]) -> AbstractContextManager[None]:
        announce = self._on_first_use if texts else None
        if announce is None:
            return nullcontext()
        self._on_first_use = None
        return announce(self._base_url, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))

    def _request(self, texts: list[str]) -> NDArray[np.float32]:
        import openai

        # an empty text is refused by some servers
        texts = [text if text.strip() else "." for text in texts]
        headers = None if self._api_key else {"Authorization": openai.Omit()}
        try:
            reply = self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float", extra_headers=headers
            )
            rows = np.array([item.embedding for item in sorted(reply.data, key=lambda item: item.index)], np.float32)
        except openai.APIStatusError as error:
            raise EngineReplyError(f"{self._base_url}: embeddings answered {error.status_code}") from error
        except openai.APIConnectionError as error:
            raise EngineUnreachableError(f"{self._base_url}: no connection for embeddings; is it running?") from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise self._unusable() from error
        if rows.ndim != 2 or len(rows) != len(texts) or not rows.size or not np.isfinite(rows).all():
            raise self._unusable()
        return unit_rows(rows)

    def _unusable(self) -> EngineReplyError:
        return EngineReplyError(f"{self._base_url}: what it answers to /embeddings is no list of vectors")

    @cached_property
    def _client(self) -> "openai.OpenAI":
        import openai

        return openai.OpenAI(
            base_url=self._base_url,
            api_key=self._api_key or "none",
            timeout=_TIMEOUT_S,
            max_retries=_MAX_RETRIES,
            # a proxy named in the environment must not see what was meant for this machine
            http_client=openai.DefaultHttpxClient(trust_env=not self._endpoint.is_loopback),
        )
