"""What vLLM's offloading is made of here: its own tiers of host memory and files, for the groups that are kept.

On a GPU the copies are vLLM's own, on a CPU `cpu_worker`'s. Knows nothing of files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vllm.platforms import current_platform
from vllm.v1.kv_offload.base import CanonicalKVCaches, OffloadingWorker
from vllm.v1.kv_offload.config import OffloadingConfig
from vllm.v1.kv_offload.cpu.shared_offload_region import SharedOffloadRegion
from vllm.v1.kv_offload.tiering.spec import TieringOffloadingSpec

from .cpu_worker import CpuWorker

__all__ = ["KvSpec"]


class KvSpec(TieringOffloadingSpec):  # type: ignore[misc] # vLLM is not installed where types are checked
    """vLLM's tiers for some of its KV groups."""

    def __init__(
        self,
        config: OffloadingConfig,
        *,
        kept: Sequence[int],
        facts: Callable[[OffloadingConfig, int], Mapping[str, Any]],
        windows: Mapping[int, int],
    ) -> None:
        """Reserves nothing yet.

        Args:
            config: Of all groups.
            kept: The places of those that are kept.
            facts: What their KV belongs to, from their configuration and the bytes of a chunk; may raise OSError.
            windows: How many chunks a prefix needs of a group, by its id; of others it needs all.
        """
        super().__init__(replace(config, groups=tuple(config.groups[place] for place in kept)))
        self._kept, self._facts, self.windows = kept, facts, windows
        self._worker: OffloadingWorker | None = None

    @property
    def chunk_tokens(self) -> int:
        """Tokens of a chunk."""
        return int(self.tokens_per_block[0] * self.blocks_per_chunk)

    @property
    def restorable_tokens(self) -> int:
        """The longest prefix that host memory has room for, through which all that is loaded must go."""
        windows = [self.windows[group.group_id] for group in self.config.groups if group.group_id in self.windows]
        whole = len(self.config.groups) - len(windows)
        return max(0, int(self.num_chunks) - sum(windows)) // max(1, whole) * self.chunk_tokens

    def facts(self) -> Mapping[str, Any]:
        """What the KV belongs to.

        Raises:
            OSError: The weights cannot be read.
        """
        return self._facts(self.config, self.kv_bytes_per_chunk)

    def get_worker(self, kv_caches: CanonicalKVCaches) -> OffloadingWorker:
        """Copies for the groups that are kept."""
        refs = kv_caches.group_data_refs
        kv_caches = replace(kv_caches, group_data_refs=[refs[place] for place in self._kept])
        if not current_platform.is_cpu():
            return super().get_worker(kv_caches)
        if self._worker is None:
            region = SharedOffloadRegion(
                engine_id=self._engine_id,
                num_chunks=self.num_chunks,
                rank=self.config.parallel.rank,
                kv_bytes_per_chunk=self.kv_bytes_per_chunk,
                cpu_page_size=self.cpu_page_size_per_worker,
            )
            self._worker = CpuWorker(kv_caches, blocks_per_chunk=self.blocks_per_chunk, region=region)
        return self._worker
