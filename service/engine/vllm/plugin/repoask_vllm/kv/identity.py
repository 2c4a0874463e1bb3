"""All that the bytes of a server's KV depend on. Knows nothing of files of KV."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from vllm.config import ModelConfig, VllmConfig
from vllm.platforms import current_platform
from vllm.v1.kv_offload.config import OffloadingConfig
from vllm.version import __version__

from .weights import identity_of

__all__ = ["facts_of"]


def facts_of(vllm: VllmConfig, kv: OffloadingConfig, *, row_bytes: int, adapters: Sequence[str]) -> dict[str, Any]:
    """Where one of these differs, KV is another's.

    Args:
        vllm: The server's configuration.
        kv: Of the KV that is kept.
        row_bytes: Of a chunk, of all workers.
        adapters: Folders of the LoRA adapters that questions may name.

    Raises:
        OSError: The weights are in no folder of this machine, or cannot be read.
    """
    model, parallel = vllm.model_config, kv.parallel
    return {
        "weights": identity_of(_folder_of(model, vllm.load_config.download_dir)),
        "adapters": {path: identity_of(Path(path)) for path in sorted(adapters)},
        # with what --hf-overrides changed
        "configuration": hashlib.sha256(model.hf_config.to_json_string(use_diff=False).encode("utf-8")).hexdigest(),
        "attention_temperature_tuning": getattr(model.hf_text_config, "attn_temperature_tuning", None),
        "quantization": str(model.quantization),
        "dtype": str(model.dtype),
        "kv_dtype": kv.model.dtype,
        "kv_layout": kv.kv_cache_layout,
        "attention_backend": str(vllm.attention_config.backend),
        "machine": _machine(),
        "block_tokens": kv.cache.tokens_per_hash,
        "chunk_blocks": kv.cache.blocks_per_chunk,
        "chunk_bytes": row_bytes,
        "groups": {str(group.group_id): [group.tokens_per_block, *group.layer_names] for group in kv.groups},
        "parallel": [parallel.tp_size, parallel.pp_size, parallel.pcp_size, parallel.dcp_size, parallel.world_size],
        "hash": [vllm.cache_config.prefix_caching_hash_algo, os.environ.get("PYTHONHASHSEED")],
        "vllm": __version__,
    }


def _folder_of(model: ModelConfig, download_folder: str | None) -> Path:
    folder = Path(model.model)
    if folder.is_dir():
        return folder
    # the model is loaded by now, so its files are here
    return Path(
        snapshot_download(model.model, revision=model.revision, cache_dir=download_folder, local_files_only=True)
    )


def _machine() -> Mapping[str, Any]:
    # attention on a CPU lays its keys out for the instructions that it finds (vllm/v1/attention/backends/cpu_attn.py)
    if current_platform.is_cpu():
        return {
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "amx": torch.cpu._is_amx_tile_supported(),  # noqa: SLF001 - as vLLM asks
        }
    return {"device": current_platform.get_device_name()}
