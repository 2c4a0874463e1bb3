"""How much of a quantized model stays in full precision, told from the names of its modules. Knows no sizes."""

from collections.abc import Callable
from dataclasses import dataclass

from .quantization import Quantization

__all__ = ["NOTHING_KEPT", "KeptShares", "kept_shares"]

# one module stands for all of its kind, by the names that families give it
_ATTENTION = ("self_attn.o_proj", "self_attn.q_proj")
_EXPERTS = ("feed_forward.experts.0.down_proj", "mlp.experts.0.down_proj", "block_sparse_moe.experts.0.w2")
_MLPS = ("feed_forward.down_proj", "mlp.down_proj")
_SHARED = (
    "feed_forward.shared_expert.down_proj",
    "mlp.shared_expert.down_proj",
    "mlp.shared_experts.down_proj",
)
_ROOTS = ("model.layers", "language_model.model.layers", "model.language_model.layers")
# more layers than any model has are looked at by samples
_MOST_LAYERS = 256


@dataclass(frozen=True, slots=True)
class KeptShares:
    """Of each kind the share, from 0 to 1, that is not quantized.

    Attributes:
        attention: Of the projections of queries, keys, values and of what comes out.
        mlps: Of MLPs that are no routed experts.
        shared: Of the experts that every token takes.
        experts: Of the routed experts.
    """

    attention: float = 0.0
    mlps: float = 0.0
    shared: float = 0.0
    experts: float = 0.0


NOTHING_KEPT = KeptShares()


def kept_shares(quantization: Quantization | None, *, layers: int) -> KeptShares:
    """The shares of a checkpoint with so many layers."""
    if quantization is None or not quantization.kept:
        return NOTHING_KEPT
    is_kept = quantization.keeper()
    looked_at = range(0, layers, 1 + layers // _MOST_LAYERS)

    def share(kind: tuple[str, ...]) -> float:
        return sum(_is_kept(is_kept, layer, kind) for layer in looked_at) / len(looked_at)

    return KeptShares(share(_ATTENTION), share(_MLPS), share(_SHARED), share(_EXPERTS))


def _is_kept(is_kept: Callable[[str], bool], layer: int, kind: tuple[str, ...]) -> bool:
    return any(is_kept(f"{root}.{layer}.{module}") for root in _ROOTS for module in kind)
