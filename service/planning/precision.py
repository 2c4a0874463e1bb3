"""The precisions that weights and KV may be kept in, and what one number of each takes. Knows no model."""

from enum import StrEnum

__all__ = ["FULL_PRECISION_BYTES", "KvPrecision", "WeightPrecision"]

FULL_PRECISION_BYTES = 2
"""Of one bf16 number."""

# One bf16 scale for 128 weights, the usual group: 4 + 16/128 bits (compressed-tensors w4a16, GPTQ, AWQ).
_INT4_BYTES = (4 + 16 / 128) / 8


class WeightPrecision(StrEnum):
    """How the matrices of a model's layers are kept; embeddings, head, routers and vision stay bf16."""

    BF16 = "bf16"
    FP8 = "fp8"
    INT4 = "int4"

    @property
    def bytes_each(self) -> float:
        """Of one weight, its share of the scales included."""
        return {"bf16": FULL_PRECISION_BYTES, "fp8": 1.0, "int4": _INT4_BYTES}[self.value]


class KvPrecision(StrEnum):
    """How keys and values are kept."""

    BF16 = "bf16"
    FP8 = "fp8"

    @property
    def bytes_each(self) -> int:
        """Of one number."""
        return {"bf16": FULL_PRECISION_BYTES, "fp8": 1}[self.value]
