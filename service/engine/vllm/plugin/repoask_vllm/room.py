"""The room for KV: how much of it the requests that were let in need, prefixes that they share counted once.

Reckons in tokens of one group of layers. What is cached and used by nobody counts as free, as vLLM counts it. Knows
requests that came through here alone: what others take, vLLM itself makes wait.
"""

from collections import Counter
from collections.abc import Sequence

from .demand import Demand
from .layers import LayerGroup

__all__ = ["Room"]


class Room:
    """A pool of KV blocks that all groups of layers share."""

    def __init__(
        self, *, num_blocks: int, block_size: int, groups: Sequence[LayerGroup], in_flight_tokens: int
    ) -> None:
        """All of it is free.

        Args:
            num_blocks: Of the pool.
            block_size: Tokens of a block.
            groups: Of the model's layers.
            in_flight_tokens: Whose KV local layers hold besides their window.
        """
        self._size = num_blocks * block_size
        self._block_size = block_size
        # a group of layers that see everything holds all tokens; one that sees a window, no more than that
        self._num_global = sum(len(group.ids) for group in groups if not group.window)
        self._local = [
            (len(group.ids), group.window + in_flight_tokens + block_size) for group in groups if group.window
        ]
        self._users: Counter[bytes] = Counter()
        self._used = 0

    def has(self, demand: Demand) -> bool:
        """Whether there is room for what the request needs beyond what is held already."""
        return self._used + self._needed(demand) <= self._size

    def could_have(self, demand: Demand) -> bool:
        """Whether there would be room if nobody else had any."""
        return self._global(demand.prompt_tokens) + self._own(demand) <= self._size

    def take(self, demand: Demand) -> None:
        """The request was let in."""
        self._used += self._needed(demand)
        self._users.update(prefix.key for prefix in demand.prefixes)

    def give_back(self, demand: Demand) -> None:
        """The request is done."""
        for prefix in demand.prefixes:
            self._users[prefix.key] -= 1
            if not self._users[prefix.key]:
                del self._users[prefix.key]
        self._used -= self._needed(demand)

    def _needed(self, demand: Demand) -> int:
        new = sum(prefix.num_tokens for prefix in demand.prefixes if prefix.key not in self._users)
        return self._global(new + demand.tail_tokens) + self._own(demand)

    def _own(self, demand: Demand) -> int:
        """What a request shares with none: its reply, the rest of its last block, the windows of its local layers."""
        whole = demand.prompt_tokens + demand.max_tokens
        local = sum(count * min(whole, window) for count, window in self._local)
        return self._global(demand.max_tokens + self._block_size) + local

    def _global(self, num_tokens: int) -> int:
        return self._num_global * num_tokens
