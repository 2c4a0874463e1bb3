"""How long: prefill cold and with a cached prefix, decoding, reloading KV. Computed from peaks, not measured.

Knows nothing of memory limits or money.
"""

from dataclasses import dataclass

from .architecture import Architecture
from .gpus import Machine
from .layout import Layout
from .memory import KvLayout
from .precision import WeightPrecision

__all__ = [
    "COMPUTE_SHARE",
    "HOST_LINK_BYTES_S",
    "PRACTICE_FACTOR",
    "Speed",
    "attention_flops",
    "linear_flops",
    "reload_s",
]

COMPUTE_SHARE = 0.4
"""Of the peak FLOPS, what a good prefill reaches: DESIGN.md's 2 s, 54 s and 72 min for Scout on 8 x H100 follow."""

PRACTICE_FACTOR = 2
"""So much longer a prefill takes in practice (DESIGN.md, section 5)."""

HOST_LINK_BYTES_S = 25e9
"""From host memory to the GPUs (DESIGN.md, section 5): a PCIe 4.0 x16 link, or half of a 5.0 one."""

_BANDWIDTH_SHARE = 0.6
"""Of the peak bandwidth, what decoding reaches; 50 to 60% is usual (Databricks, LLM Inference Performance, 2023)."""


def linear_flops(architecture: Architecture, tokens: int) -> float:
    """Of all matrices for so many tokens: 2 x active parameters x tokens (Kaplan et al., 2020, section 2.1)."""
    return 2.0 * architecture.parameters.multiplied * tokens


def attention_flops(architecture: Architecture, tokens: int, *, cached: int = 0) -> float:
    """Of attention for the tokens after a cached prefix, causal masks skipped.

    Global layers pair each with all before it: (tokens² - cached²) / 2 pairs. Chunked ones pair it with those of its
    own chunk, half a window on average; sliding ones with a whole window.
    """
    attention = architecture.attention
    pairs = attention.global_layers * (tokens**2 - cached**2) / 2
    if attention.local_layers:
        pairs += attention.local_layers * (_local_pairs(attention.window, tokens, is_chunked=attention.is_chunked)
            - _local_pairs(attention.window, cached, is_chunked=attention.is_chunked))  # fmt: skip
    return attention.flops_per_pair() * pairs


def _local_pairs(window: int, tokens: int, *, is_chunked: bool) -> float:
    if tokens <= window:
        return tokens**2 / 2
    if is_chunked:
        whole, rest = divmod(tokens, window)
        return (whole * window**2 + rest**2) / 2
    return tokens * window - window**2 / 2


@dataclass(frozen=True, slots=True)
class Speed:
    """The speed of one model on one machine."""

    architecture: Architecture
    machine: Machine
    layout: Layout
    weights: WeightPrecision
    kv: KvLayout

    def prefill_s(self, tokens: int, *, cached: int = 0) -> float:
        """Seconds to read a prompt whose first `cached` tokens have their KV already.

        Matrices run at the peak of their precision, attention at that of bf16, also over an FP8 cache: not every kernel
        multiplies in FP8.
        """
        gpu = self.machine.gpu
        fp8 = gpu.fp8_tflops if self.weights is WeightPrecision.FP8 else None
        peak = self.layout.gpus * 1e12 * COMPUTE_SHARE
        linear = linear_flops(self.architecture, tokens - cached) / (fp8 or gpu.bf16_tflops)
        return (linear + attention_flops(self.architecture, tokens, cached=cached) / gpu.bf16_tflops) / peak

    def warm_s(self, tokens: int, *, new: int) -> float:
        """Seconds to the first token where all but the last `new` tokens are cached: the rest, and one decoding."""
        return self.prefill_s(tokens, cached=max(0, tokens - new)) + 1 / self.decode_tokens_s(tokens)

    def decode_tokens_s(self, tokens: int) -> float:
        """Tokens a second of one answer behind such a prompt: each needs the active weights and all KV to be read.

        Stages of a pipeline work in turn, so only one of them reads at a time (Pope et al., 2022, section 2.1).
        """
        return 1 / (self.architecture.parameters.active_bytes(self.weights) / self._bytes_s() + self.kv_read_s(tokens))

    def kv_read_s(self, tokens: int) -> float:
        """Seconds to read the KV of such a prompt once, as each token of an answer does."""
        return self.kv.kept_bytes(tokens) / self._bytes_s()

    def _bytes_s(self) -> float:
        return self.layout.tensor * self.machine.gpu.bandwidth_gb_s * 1e9 * _BANDWIDTH_SHARE


def reload_s(kept_bytes: int) -> float:
    """Seconds to bring so much KV back from host memory."""
    return kept_bytes / HOST_LINK_BYTES_S
