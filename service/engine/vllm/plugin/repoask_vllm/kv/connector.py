"""What vLLM loads (`--kv-transfer-config`): its own offloading, which keeps no more than it must and survives restarts.

    {"kv_connector": "KvConnector", "kv_connector_module_path": "repoask_vllm.kv.connector", "kv_role": "kv_both",
     "kv_load_failure_policy": "recompute", "kv_connector_extra_config": {
        "spec_name": "KvSpec", "spec_module_path": "repoask_vllm.kv.spec",
        "block_size": TOKENS, "cpu_bytes_to_use": BYTES, "adapters": [FOLDER, ...],
        "secondary_tiers": [{"type": "DiskTier", "module_path": "repoask_vllm.kv.disk_tier",
                             "root_dir": FOLDER, "limit_bytes": BYTES}]}}

`block_size` is a chunk's, the least that is stored: a multiple of a block, and of the model's attention chunks where
their KV shall not be kept.
"""

from vllm.config import VllmConfig
from vllm.distributed.kv_transfer.kv_connector.v1 import KVConnectorBase_V1, KVConnectorRole
from vllm.distributed.kv_transfer.kv_connector.v1.offloading.config import build_offloading_config
from vllm.distributed.kv_transfer.kv_connector.v1.offloading.scheduler import (
    OffloadingConnectorScheduler,
    get_sliding_window_size_in_chunks,
)
from vllm.distributed.kv_transfer.kv_connector.v1.offloading.worker import OffloadingConnectorWorker
from vllm.distributed.kv_transfer.kv_connector.v1.offloading_connector import OffloadingConnector
from vllm.v1.kv_cache_interface import KVCacheConfig
from vllm.v1.kv_offload.config import OffloadingConfig
from vllm.v1.request import Request

from .groups import kept_groups
from .identity import facts_of
from .spec import KvSpec

__all__ = ["KvConnector"]


class KvConnector(OffloadingConnector):  # type: ignore[misc] # vLLM is not installed where types are checked
    """vLLM's connector, for the groups that are kept; loads whole chunks alone."""

    def __init__(self, vllm_config: VllmConfig, role: KVConnectorRole, kv_cache_config: KVCacheConfig) -> None:
        """As vLLM's own (`OffloadingConnector.__init__` of 0.32), with a spec that knows the kinds of all groups."""
        KVConnectorBase_V1.__init__(self, vllm_config, role, kv_cache_config)
        config = build_offloading_config(vllm_config, kv_cache_config)
        self._canonical_layout = config.canonical_layout
        self._adapters = frozenset(map(str, config.extra_config.get("adapters", ())))
        kept = kept_groups(config, kv_cache_config)
        self._spec = KvSpec(
            config,
            kept=kept,
            facts=lambda kv, row_bytes: facts_of(vllm_config, kv, row_bytes=row_bytes, adapters=sorted(self._adapters)),
            windows=_windows(config, kv_cache_config),
        )
        self._keeps_all = len(kept) == len(config.groups)
        self.connector_scheduler: OffloadingConnectorScheduler | None = None
        self.connector_worker: OffloadingConnectorWorker | None = None
        if role == KVConnectorRole.SCHEDULER:
            self.connector_scheduler = OffloadingConnectorScheduler(self._spec, vllm_config, kv_cache_config)
        else:
            self.connector_worker = OffloadingConnectorWorker(self._spec, vllm_config, kv_cache_config)

    def on_new_request(self, request: Request) -> None:
        """Leaves out what is answered with an adapter whose content nobody has looked at: it may change under its name.

        vLLM's hashes of blocks hold an adapter's name and path, and no more.
        """
        adapter = request.lora_request
        if adapter is not None and adapter.lora_path not in self._adapters:
            request.kv_transfer_params = {
                **(request.kv_transfer_params or {}),
                "max_offload_tokens": 0,
                "max_load_tokens": 0,
            }
        super().on_new_request(request)

    def _max_loadable_tokens(self, request: Request, num_computed_tokens: int) -> int | None:
        """At most what host memory has room for, so that a longer prefix is loaded in part instead of not at all.

        Where chunked layers are left out a load ends with a chunk, and before the last token, which is always computed:
        a prompt of whole chunks would else end one token short of one, amid what those layers lack.
        """
        most = self._spec.restorable_tokens
        if not self._keeps_all:
            most = min(most, (request.num_tokens - 1) // self._spec.chunk_tokens * self._spec.chunk_tokens)
        bound = super()._max_loadable_tokens(request, num_computed_tokens)
        loadable = max(0, most - num_computed_tokens)
        return loadable if bound is None else min(bound, loadable)


def _windows(config: OffloadingConfig, layers: KVCacheConfig) -> dict[int, int]:
    windows = {}
    for group in config.groups:
        spec = layers.kv_cache_groups[group.group_id].kv_cache_spec
        many = get_sliding_window_size_in_chunks(spec, group.tokens_per_block * config.cache.blocks_per_chunk)
        if many is not None:
            windows[group.group_id] = many
    return windows
