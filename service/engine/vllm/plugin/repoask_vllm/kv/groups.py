"""Which KV groups are kept: those that a prefix cannot do without. Knows nothing of where they are kept.

A layer of chunked attention sees nothing before its chunk. Where every prefix that is loaded ends with a chunk, the
next token begins one, and those layers need nothing of what came before: vLLM gives them null blocks. A model as Llama
4's then keeps its global layers alone, a quarter of its KV, in host memory and on the disk.
"""

from collections.abc import Sequence

from vllm.v1.kv_cache_interface import ChunkedLocalAttentionSpec, KVCacheConfig
from vllm.v1.kv_offload.config import OffloadingConfig

__all__ = ["kept_groups"]


def kept_groups(config: OffloadingConfig, layers: KVCacheConfig) -> Sequence[int]:
    """The places of the groups that are kept, among those that could be: all, where not every prefix ends so."""
    chunked = [
        place
        for place, group in enumerate(config.groups)
        if isinstance(layers.kv_cache_groups[group.group_id].kv_cache_spec, ChunkedLocalAttentionSpec)
    ]
    places = range(len(config.groups))
    if len(chunked) == len(places) or not all(_ends_with_chunks(config, layers, place) for place in chunked):
        return places
    return [place for place in places if place not in chunked]


def _ends_with_chunks(config: OffloadingConfig, layers: KVCacheConfig, place: int) -> bool:
    group = config.groups[place]
    offloaded_tokens: int = group.tokens_per_block * config.cache.blocks_per_chunk
    attention_chunk: int = layers.kv_cache_groups[group.group_id].kv_cache_spec.attention_chunk_size
    return offloaded_tokens % attention_chunk == 0
