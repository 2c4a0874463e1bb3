"""Groups of a model's layers whose KV is kept alike, and what each needs to be cached for a prompt to begin after it.

The rules of vLLM's prefix cache (`vllm/v1/core/single_type_kv_cache_manager.py`, `kv_cache_coordinator.py`) for layers
that see everything, a chunk, or a sliding window. Knows no engine and no hashes: blocks go by their keys.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import Enum

__all__ = ["Held", "Kind", "LayerGroup", "cached_tokens"]

Held = Sequence[Container[int]]
"""The keys of the blocks that are held, of each group by its number."""


class Kind(Enum):
    """What layers see of the tokens before them."""

    ALL = "all"
    CHUNK = "chunk"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """Groups of layers of one kind: all of them have to hold a block for it to be cached.

    Attributes:
        kind: What the layers see.
        ids: Numbers of vLLM's groups.
        window: Tokens of the chunk, or of the sliding window; 0 for layers that see everything.
    """

    kind: Kind
    ids: tuple[int, ...]
    window: int = 0


def cached_tokens(
    keys: Sequence[int], *, num_tokens: int, block_size: int, groups: Sequence[LayerGroup], held: Held
) -> int:
    """How many tokens of a prompt need not be computed.

    Args:
        keys: Of its full blocks, in order.
        num_tokens: Of the prompt; the last one is always computed.
        block_size: Tokens of a block.
        groups: Of the model.
        held: What is cached.
    """
    ordered = sorted(groups, key=lambda group: group.kind is not Kind.ALL)
    is_simple = len(ordered) == 2 and ordered[0].kind is Kind.ALL  # vLLM looks once
    length = min(num_tokens - 1, len(keys) * block_size)
    while True:
        found = length
        for group in ordered:
            found = _leading(group, keys, found, block_size, held)
        if found >= length or is_simple or len(ordered) == 1:
            return found
        length = found


def _leading(group: LayerGroup, keys: Sequence[int], length: int, block_size: int, held: Held) -> int:
    num_blocks = length // block_size
    sets = [held[number] for number in group.ids]

    def has(index: int) -> bool:
        return all(keys[index] in blocks for blocks in sets)

    if group.kind is Kind.WINDOW:
        return block_size * _before_window(num_blocks, -(-(group.window - 1) // block_size), has=has)
    # of the chunks before the last one nothing is needed any more
    begin = length // group.window * group.window // block_size if group.kind is Kind.CHUNK else 0
    for index in range(begin, num_blocks):
        if not has(index):
            return index * block_size
    return max(begin, num_blocks) * block_size


def _before_window(num_blocks: int, wanted: int, *, has: Callable[[int], bool]) -> int:
    """Blocks up to the end of the last run that fills a window; where none does, those of one at the beginning."""
    run = 0
    for index in range(num_blocks - 1, -1, -1):
        run = run + 1 if has(index) else 0
        if run and run >= wanted:
            return index + run
    return run
