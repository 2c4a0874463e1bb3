"""Counts the parameters of a model from its shape: all of them, and those that one token uses.

Every MLP is taken to be gated (three matrices), as those of all models for long prompts are. Knows no file.
"""

from dataclasses import dataclass

from .architecture import Attention, Experts, Parameters
from .kept_shares import NOTHING_KEPT, KeptShares

__all__ = ["Mlps", "Vision", "count_parameters"]


@dataclass(frozen=True, slots=True)
class Mlps:
    """What of the MLPs is no routed expert.

    Attributes:
        dense_layers: Layers with an MLP and no experts.
        width: Of their hidden layer.
        shared_width: Of the expert that every token of a mixture's layer takes besides; 0 where there is none.
    """

    dense_layers: int
    width: int
    shared_width: int


@dataclass(frozen=True, slots=True)
class Vision:
    """A vision transformer, whose MLP has two matrices."""

    layers: int
    hidden: int
    width: int


def count_parameters(
    attention: Attention,
    *,
    hidden: int,
    vocabulary: int,
    is_tied: bool,
    mlps: Mlps,
    experts: Experts | None,
    vision: Vision | None,
    query_rank: int = 0,
    latent: tuple[int, int] = (0, 0),
    kept: KeptShares = NOTHING_KEPT,
    quantized_bytes: float | None = None,
) -> Parameters:
    """The parameters of the whole.

    Scout: 48 x (62.9M attention + 17 x 125.8M experts) + 2.07B embeddings + 0.8B vision = 108.6B, of which a token
    uses 17.2B: the model card's 109B and 17B.

    Args:
        attention: The attention of all layers.
        hidden: Width of the residual stream.
        vocabulary: Rows of the embedding table.
        is_tied: The head is the embedding table.
        mlps: The MLPs that are no routed experts.
        experts: The routed experts.
        vision: Its images' encoder.
        query_rank: Of MLA's compressed queries; 0 where they are not compressed.
        latent: MLA's rank of the KV and its rotary width; zeros for plain attention.
        kept: Of a model that is quantized already, what beside embeddings, head, routers and vision is not.
        quantized_bytes: Of one of its quantized numbers.
    """
    attending = attention.layers * _attention(attention, hidden, query_rank, latent)
    dense = 3 * hidden * mlps.dense_layers * mlps.width
    common = 3 * hidden * (experts.layers if experts else 0) * mlps.shared_width
    shared = attending + dense + common
    expert = 3 * hidden * experts.width * experts.layers if experts else 0
    routers = hidden * experts.count * experts.layers if experts else 0
    table = vocabulary * hidden
    images = vision.layers * (4 * vision.hidden**2 + 2 * vision.hidden * vision.width) if vision else 0
    multiplied = shared + (experts.active if experts else 0) * expert + routers + table
    lookup = 0 if is_tied else table
    left = attending * kept.attention + dense * kept.mlps + common * kept.shared
    left_of_expert = expert * kept.experts
    return Parameters(
        total=shared + (experts.count if experts else 0) * expert + routers + table + lookup + images,
        active=multiplied + lookup,
        multiplied=multiplied,
        head=table,
        full_precision=routers
        + table
        + lookup
        + images
        + round(left + (experts.count if experts else 0) * left_of_expert),
        active_full_precision=routers + table + round(left + (experts.active if experts else 0) * left_of_expert),
        quantized_bytes=quantized_bytes,
    )


def _attention(attention: Attention, hidden: int, query_rank: int, latent: tuple[int, int]) -> int:
    """Of one layer: the projections of queries, keys, values and of what comes out."""
    heads, keys, values = attention.heads, attention.key_width, attention.value_width
    queries = query_rank * (hidden + heads * keys) if query_rank else hidden * heads * keys
    out = heads * values * hidden
    rank, rope = latent
    if rank:
        return queries + hidden * (rank + rope) + rank * heads * (keys - rope + values) + out
    return queries + hidden * attention.kv_values + out
