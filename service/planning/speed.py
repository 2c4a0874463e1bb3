"""How long: prefill cold and with a cached prefix, decoding, reloading KV. Computed from the peaks of data sheets.

What share of these peaks a prefill reaches, and what the host adds, is chosen to come near one measurement
(benchmarks/RESULTS.md, "Scout's shape on one GPU", 2026-11-26): one H100 SXM, 12 of Scout's 48 layers in bf16, vLLM
0.32 run eagerly, prompts of 8,192 to 1,048,576 tokens one at a time. Not measured: more GPUs and what they tell each
other, other cards, FP8 and 4-bit weights, FP8 KV, decoding.

Knows nothing of memory limits or money.
"""

from dataclasses import dataclass

from .architecture import Architecture
from .gpus import Gpu, Machine
from .layout import Layout
from .memory import KvLayout
from .precision import WeightPrecision

__all__ = [
    "COMPUTE_SHARE",
    "DISK_BYTES_S",
    "PRACTICE_FACTOR",
    "Speed",
    "attention_flops",
    "disk_reload_s",
    "host_s",
    "linear_flops",
    "reload_s",
]

COMPUTE_SHARE = 0.5
"""Of the peak FLOPS, what a prefill reaches, at any length: with `host_s` the measured prompts come out 10 to 18% too
fast at 8,192 tokens, right at 43,000, and by and by 11% too slow at 1,048,576, where it was 0.55. DESIGN.md had 0.4."""

PRACTICE_FACTOR = 1.5
"""So much longer a prefill may take than computed, for what was not measured. The one GPU that was needed 1.2 at most.
Scout over 8 H100 sums up twice a layer, 1.7 MB a token over NVLink: 4 us at 400 of its 450 GB/s, computed, beside 8 us
for the matrices. Experts that are chosen unevenly, other requests and other cards are in it too. DESIGN.md had 2, on
top of a lower share."""

DISK_BYTES_S = 1.4e9
"""Of the one disk that was measured (1.3 and 1.5 GB/s past the page cache, 16 readers); other disks differ."""

_HOST_S = 0.05
_HOST_S_PER_TOKEN = 0.5e-6

_BANDWIDTH_SHARE = 0.6
"""Of the peak bandwidth, what decoding reaches; 50 to 60% is usual (Databricks, LLM Inference Performance, 2023)."""


def linear_flops(architecture: Architecture, tokens: int) -> float:
    """Of all matrices for so many tokens: 2 x active parameters x tokens (Kaplan et al., 2020, section 2.1).

    Without the head, 6% of Scout's: it is computed for a prompt's last token alone, which is nothing beside the rest.
    """
    return 2.0 * (architecture.parameters.multiplied - architecture.parameters.head) * tokens


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
        """Seconds of the GPUs to read a prompt whose first `cached` tokens have their KV already.

        Matrices run at the peak of their precision, attention at that of bf16, also over an FP8 cache: not every kernel
        multiplies in FP8.
        """
        gpu = self.machine.gpu
        fp8 = gpu.fp8_tflops if self.weights is WeightPrecision.FP8 else None
        peak = self.layout.gpus * 1e12 * COMPUTE_SHARE
        linear = linear_flops(self.architecture, tokens - cached) / (fp8 or gpu.bf16_tflops)
        return (linear + attention_flops(self.architecture, tokens, cached=cached) / gpu.bf16_tflops) / peak

    def cold_s(self, tokens: int) -> float:
        """Seconds to read a prompt of which nothing is cached, the host's part included."""
        return host_s(tokens) + self.prefill_s(tokens)

    def warm_s(self, tokens: int, *, new: int) -> float:
        """Seconds to the first token where all but the last `new` tokens are cached: the rest, and one decoding."""
        read_s = self.prefill_s(tokens, cached=max(0, tokens - new))
        return host_s(tokens) + read_s + 1 / self.decode_tokens_s(tokens)

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


def host_s(tokens: int) -> float:
    """Seconds before and between the GPU's work, cached tokens included: 0.05, and 0.5 us a token.

    A second question of 64 tokens behind a cached prompt took 0.051 s at 8,192 tokens, 0.155 at 131,072 and 0.476 at
    1,048,576, of which 0.006 to 0.02 are computed as the GPU's. The rest is checks of ids, hashes and tables of blocks,
    kernels started one by one, and experts that a few tokens read and hardly use. How it divides was not measured, nor
    whether 48 layers or more GPUs make it longer.
    """
    return _HOST_S + _HOST_S_PER_TOKEN * tokens


def reload_s(kept_bytes: int, gpu: Gpu) -> float:
    """Seconds to bring so much KV back from host memory, over one GPU's link: several at once were not measured."""
    return kept_bytes / (gpu.host_gb_s * 1e9)


def disk_reload_s(kept_bytes: int) -> float:
    """The same from disk, whose rate it was that reloading after a restart went at."""
    return kept_bytes / DISK_BYTES_S
