"""Copies KV between vLLM's blocks and the memory that is shared with the scheduler, on a CPU, where vLLM has no worker.

Knows nothing of what becomes of that memory.
"""

import time
from collections.abc import Collection
from typing import Any

import numpy as np
from vllm.v1.kv_offload.base import (
    CanonicalKVCaches,
    GPULoadStoreSpec,
    LoadStoreSpec,
    OffloadingWorker,
    TransferResult,
)
from vllm.v1.kv_offload.cpu.common import CPULoadStoreSpec
from vllm.v1.kv_offload.cpu.shared_offload_region import SharedOffloadRegion

__all__ = ["CpuWorker"]


class CpuWorker(OffloadingWorker):  # type: ignore[misc] # vLLM is not installed where types are checked
    """Copies at once, between two steps of the model: nothing else touches the blocks then."""

    def __init__(self, kv_caches: CanonicalKVCaches, *, blocks_per_chunk: int, region: SharedOffloadRegion) -> None:
        """Takes the region over, and gives it up in `shutdown`."""
        self._region, self._blocks_per_chunk = region, blocks_per_chunk
        self._groups = kv_caches.group_data_refs
        self._blocks = [tensor.tensor.numpy() for tensor in kv_caches.tensors]
        self._chunks = [
            region.create_next_worker_view(tensor.page_size_bytes * blocks_per_chunk)
            .unflatten(1, (blocks_per_chunk, tensor.page_size_bytes))
            .numpy()
            for tensor in kv_caches.tensors
        ]
        self._done: list[TransferResult] = []

    def submit_store(self, job_id: int, src_spec: GPULoadStoreSpec, dst_spec: LoadStoreSpec) -> bool:
        """From blocks into chunks."""
        return self._copy(job_id, blocks=src_spec, chunks=dst_spec, is_store=True)

    def submit_load(self, job_id: int, src_spec: LoadStoreSpec, dst_spec: GPULoadStoreSpec) -> bool:
        """From chunks into blocks."""
        return self._copy(job_id, blocks=dst_spec, chunks=src_spec, is_store=False)

    def get_finished(self) -> list[TransferResult]:
        """The copies since the last call."""
        done, self._done = self._done, []
        return done

    def wait(self, job_ids: Collection[int]) -> None:
        """No copy is ever under way."""

    def shutdown(self) -> None:
        """Gives the memory back."""
        self._chunks.clear()
        self._region.cleanup()

    def _copy(self, job_id: int, *, blocks: GPULoadStoreSpec, chunks: CPULoadStoreSpec, is_store: bool) -> bool:
        begin, copied, block, chunk = time.monotonic(), 0, 0, 0
        for refs, size, first in zip(self._groups, blocks.group_sizes, blocks.block_indices, strict=True):
            if not size:
                continue
            # a group's first block may lie inside its first chunk
            places = first % self._blocks_per_chunk + np.arange(size)
            ids = blocks.block_ids[block : block + size]
            homes = chunks.block_ids[chunk + places // self._blocks_per_chunk]
            block, chunk = block + size, chunk + int(places[-1]) // self._blocks_per_chunk + 1
            for ref in refs:
                copied += size * self._copy_blocks(ref, ids, homes, places % self._blocks_per_chunk, is_store=is_store)
        self._done.append(TransferResult(job_id, True, copied, time.monotonic() - begin))
        return True

    def _copy_blocks(self, ref: Any, ids: Any, homes: Any, slots: Any, *, is_store: bool) -> int:
        size: int = ref.page_size_bytes
        of_blocks, of_chunks = self._blocks[ref.tensor_idx][:, :size], self._chunks[ref.tensor_idx][:, :, :size]
        if is_store:
            of_chunks[homes, slots] = of_blocks[ids]
        else:
            of_blocks[ids] = of_chunks[homes, slots]
        return size
