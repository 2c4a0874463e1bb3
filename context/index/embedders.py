"""Finds the embedder that a setting names. Knows nothing of how any of them works."""

from pathlib import Path

from ..endpoint import OnFirstUse, split_model
from .embedder import NO_EMBEDDER, Embedder

__all__ = ["embedder_for"]


def embedder_for(
    setting: str, *, api_key: str | None = None, on_first_use: OnFirstUse | None = None
) -> Embedder | None:
    """The embedder to hand to `open_view`, or None for none.

    Args:
        setting: `none`, a sentence-transformers folder, or `URL#MODEL` of a `/v1/embeddings` server.
        api_key: For the server; None sends none.
        on_first_use: Told the server and the bytes before the first text is sent; see `EndpointEmbedder`.

    Raises:
        ConfigError: It names none of these.
    """
    if setting == NO_EMBEDDER:
        return None
    if named := split_model(setting, setting="embedder"):
        from .endpoint_embedder import EndpointEmbedder

        return EndpointEmbedder(*named, api_key=api_key, on_first_use=on_first_use)
    from .sentence_embedder import SentenceEmbedder

    return SentenceEmbedder(Path(setting).expanduser())
