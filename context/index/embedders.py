"""Finds the embedder that a setting names. Knows nothing of how any of them works."""

from pathlib import Path

from ...errors import ConfigError
from ..endpoint import OnFirstUse
from .embedder import Embedder

__all__ = ["LATENT", "embedder_for"]

LATENT = "latent"
"""The default: learned from each source by the index itself."""


def embedder_for(
    setting: str, *, api_key: str | None = None, on_first_use: OnFirstUse | None = None
) -> Embedder | None:
    """The embedder to hand to `open_view`: None for the learned one.

    Args:
        setting: `latent`, a sentence-transformers folder, or `URL#MODEL` of a `/v1/embeddings` server.
        api_key: For the server; None sends none.
        on_first_use: Told the server and the bytes before the first text is sent; see `EndpointEmbedder`.

    Raises:
        ConfigError: It names none of these.
    """
    if setting == LATENT:
        return None
    if setting.startswith(("http://", "https://")):
        from .endpoint_embedder import EndpointEmbedder

        url, _, model = setting.partition("#")
        if not model:
            raise ConfigError(f"embedder {setting}: the model is missing; write it as URL#MODEL")
        return EndpointEmbedder(url, model, api_key=api_key, on_first_use=on_first_use)
    from .sentence_embedder import SentenceEmbedder

    return SentenceEmbedder(Path(setting).expanduser())
