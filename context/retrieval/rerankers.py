"""Finds the reranker that a setting names. Knows nothing of how any of them works."""

from pathlib import Path

from ..endpoint import OnFirstUse, split_model
from .reranker import Reranker

__all__ = ["reranker_for"]


def reranker_for(
    setting: str, *, timeout_s: float, api_key: str | None = None, on_first_use: OnFirstUse | None = None
) -> Reranker | None:
    """The reranker to hand to `search`; None where none is named.

    Args:
        setting: A folder with a cross-encoder, `URL#MODEL` of a `/v1/rerank` server, or "".
        timeout_s: How long a server may take for one reply.
        api_key: For the server; None sends none.
        on_first_use: Told the server and the bytes before the first text is sent; see `EndpointReranker`.

    Raises:
        ConfigError: It names none of these.
    """
    if not setting:
        return None
    if named := split_model(setting, setting="reranker"):
        from .endpoint_reranker import EndpointReranker

        return EndpointReranker(*named, timeout_s=timeout_s, api_key=api_key, on_first_use=on_first_use)
    from .cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(Path(setting).expanduser())
