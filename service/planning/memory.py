"""What fits: weights, KV, context, packs. Every formula is for one copy of a model on one machine.

Bytes are of all GPUs together. Knows nothing of time or money.
"""

from dataclasses import dataclass

from .architecture import Architecture
from .gpus import Machine
from .layout import Layout
from .precision import KvPrecision, WeightPrecision

__all__ = [
    "CONTEXT_STEP",
    "GPU_MEMORY_UTILIZATION",
    "MAX_BATCHED_TOKENS",
    "RUNTIME_SHARE",
    "KvLayout",
    "longest_context",
    "served_length",
    "usable_bytes",
    "weights_bytes",
]

GPU_MEMORY_UTILIZATION = 0.92
"""The share of a GPU that vLLM takes: its default (`CacheConfig.gpu_memory_utilization`, vLLM 0.32)."""

RUNTIME_SHARE = 0.05
"""Of a GPU, for activations, CUDA graphs and communication: an allowance, since vLLM measures it only at start."""

MAX_BATCHED_TOKENS = 8192
"""Tokens of prompts that a step reads: vLLM's default for a server on GPUs of 70 GB and more; the plan sets it."""

CONTEXT_STEP = 8192
"""A context that is not the model's own is given in whole steps of so many tokens."""

# While a step runs the next is prepared (`VllmConfig.max_concurrent_batches`): their tokens are kept beside the window.
_BATCHES_IN_FLIGHT = 2


def usable_bytes(machine: Machine, layout: Layout) -> int:
    """What the GPUs in use have for weights and KV."""
    share = GPU_MEMORY_UTILIZATION - RUNTIME_SHARE
    return round(layout.gpus * machine.gpu.memory_gb * 1e9 * share)


@dataclass(frozen=True, slots=True)
class KvLayout:
    """How the KV of a sequence grows with its length.

    Attributes:
        bytes_per_token: Of every token for as long as the sequence lives.
        window_bytes: Of the local layers' window, once it is full.
        window: In tokens.
        in_flight_bytes: Of the local layers' tokens that a running prefill holds beside the window.
    """

    bytes_per_token: int
    window_bytes: int
    window: int
    in_flight_bytes: int

    @classmethod
    def of(
        cls, architecture: Architecture, precision: KvPrecision, *, is_hybrid: bool, copies: float = 1
    ) -> "KvLayout":
        """The layout of a model's KV.

        With the hybrid manager local layers keep their window alone; without it they keep everything, as global ones
        do (vLLM 0.32, `unify_hybrid_kv_cache_specs`). Scout in bf16: 12 global layers x 4,096 B = 48 KiB a token, 36
        local ones x 8,192 tokens x 4,096 B = 1.2 GB a sequence; without it 48 x 4,096 B = 192 KiB a token (DESIGN.md,
        section 5).
        """
        attention = architecture.attention
        layer = attention.kv_bytes_per_layer(precision) * copies
        if not is_hybrid or not attention.local_layers:
            return cls(round(layer * attention.layers), 0, 0, 0)
        local = layer * attention.local_layers
        return cls(
            bytes_per_token=round(layer * attention.global_layers),
            window_bytes=round(local * attention.window),
            window=attention.window,
            in_flight_bytes=round(local * MAX_BATCHED_TOKENS * _BATCHES_IN_FLIGHT),
        )

    def kept_bytes(self, tokens: int) -> int:
        """What a sequence of so many tokens keeps."""
        return self.bytes_per_token * tokens + self._of_window(tokens)

    def reserved_bytes(self, tokens: int) -> int:
        """What vLLM wants to be free before it reads such a sequence.

        `max_admission_blocks_per_request` of a chunked or sliding spec: its window and the tokens in flight.
        """
        per_token = self.window_bytes // self.window if self.window else 0
        local = min(self.window_bytes + self.in_flight_bytes, per_token * tokens)
        return self.bytes_per_token * tokens + local

    def _of_window(self, tokens: int) -> int:
        return self.window_bytes * min(tokens, self.window) // self.window if self.window else 0


def longest_context(kv: KvLayout, pool_bytes: int, *, limit: int) -> int:
    """The longest sequence that vLLM would admit into so many bytes, at most `limit` tokens."""
    if kv.reserved_bytes(limit) <= pool_bytes:
        return limit
    low, high = 0, limit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if kv.reserved_bytes(middle) <= pool_bytes else (low, middle)
    return low


def served_length(context: int, *, limit: int) -> int:
    """A context as a server is told it: in full where it is the model's own, else in whole steps."""
    return context if context >= limit else max(1, context // CONTEXT_STEP) * min(context, CONTEXT_STEP)


def weights_bytes(architecture: Architecture, precision: WeightPrecision) -> int:
    """What all weights take: total parameters, not active ones, for any expert may be the next."""
    return architecture.parameters.bytes(precision)
