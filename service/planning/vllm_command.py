"""The command line that starts vLLM for a plan; flags as vLLM 0.32 takes them (`vllm/engine/arg_utils.py`).

Starts nothing: the engine that does takes these words.
"""

import json
from collections.abc import Iterator

from .layout import Layout
from .memory import GPU_MEMORY_UTILIZATION, MAX_BATCHED_TOKENS
from .models import Model
from .precision import KvPrecision, WeightPrecision

__all__ = ["KV_FOLDER", "offloaded_tokens", "vllm_command"]

KV_FOLDER = "/var/tmp/repoask-kv"  # noqa: S108 - of a command that a person reads before running it
"""Where the command keeps KV across restarts."""

_OFFLOADED_BLOCK_TOKENS = 1024


def vllm_command(
    model: Model,
    *,
    weights: WeightPrecision,
    kv: KvPrecision,
    layout: Layout,
    max_model_len: int,
    is_hybrid: bool,
    host_bytes: int = 0,
    cpu_kv_bytes: int = 0,
) -> tuple[str, ...]:
    """The words of the command.

    Args:
        model: What is served.
        weights: The precision of its weights.
        kv: The precision of the KV.
        layout: How it lies on the GPUs.
        max_model_len: Tokens of the longest prompt with its answer.
        is_hybrid: Local layers keep their window alone.
        host_bytes: Host memory for KV that leaves the GPUs; 0 for none.
        cpu_kv_bytes: Memory for KV where a CPU does it all; 0 on GPUs.
    """
    return (
        "vllm",
        "serve",
        *_weights(model, weights),
        *_parallel(layout),
        *("--max-model-len", str(max_model_len)),
        *_memory(cpu_kv_bytes),
        *("--max-num-batched-tokens", str(MAX_BATCHED_TOKENS)),
        *(("--kv-cache-dtype", "fp8") if kv is KvPrecision.FP8 else ()),
        *("--enable-prefix-caching", "--enable-prompt-tokens-details"),
        *_hybrid(model, is_hybrid=is_hybrid),
        *(("--language-model-only",) if model.architecture.has_vision else ()),
        *(("--kv-transfer-config", _tier(model, host_bytes)) if host_bytes else ()),
    )


def offloaded_tokens(model: Model) -> int:
    """Tokens of a chunk of KV that leaves the GPUs: at a chunk's boundary a hit needs nothing of the chunked layers."""
    attention = model.architecture.attention
    return attention.window if attention.is_chunked else _OFFLOADED_BLOCK_TOKENS


def _weights(model: Model, weights: WeightPrecision) -> Iterator[str]:
    if weights in model.checkpoints:
        yield model.checkpoints[weights]
        return
    # from the full files: FP8 can be made at start, as llm-compressor's FP8_DYNAMIC would; 4 bits must be made before
    yield next(iter(model.checkpoints.values()))
    if weights is WeightPrecision.FP8:
        yield from ("--quantization", "fp8_per_channel")


def _memory(cpu_kv_bytes: int) -> Iterator[str]:
    if cpu_kv_bytes:
        # compiling takes a CPU minutes at every start, and gains it little
        yield from ("--kv-cache-memory-bytes", str(cpu_kv_bytes), "--enforce-eager")
    else:
        yield from ("--gpu-memory-utilization", str(GPU_MEMORY_UTILIZATION))


def _parallel(layout: Layout) -> Iterator[str]:
    yield from ("--tensor-parallel-size", str(layout.tensor))
    if layout.pipeline > 1:
        yield from ("--pipeline-parallel-size", str(layout.pipeline))
    if layout.is_expert_parallel:
        yield "--enable-expert-parallel"


def _hybrid(model: Model, *, is_hybrid: bool) -> Iterator[str]:
    if model.architecture.attention.local_layers:
        # said outright, so that vLLM fails where it would else drop the manager, and most of the context, silently
        yield "--no-disable-hybrid-kv-cache-manager" if is_hybrid else "--disable-hybrid-kv-cache-manager"


def _tier(model: Model, host_bytes: int) -> str:
    """Host memory first, files behind it (`vllm/v1/kv_offload/tiering/spec.py`).

    vLLM's own files, for who starts vLLM alone; `repoask model serve` has checked ones (`engine/vllm/kv_keeping.py`).
    """
    return json.dumps(
        {
            "kv_connector": "OffloadingConnector",
            "kv_role": "kv_both",
            "kv_connector_extra_config": {
                "spec_name": "TieringOffloadingSpec",
                "cpu_bytes_to_use": host_bytes,
                "block_size": offloaded_tokens(model),
                "secondary_tiers": [{"type": "fs", "root_dir": KV_FOLDER}],
            },
        },
        separators=(",", ":"),
    )
