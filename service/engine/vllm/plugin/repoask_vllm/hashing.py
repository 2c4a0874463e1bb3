"""The names that vLLM's prefix cache gives to the blocks of a prompt, computed from its ids, and remembered.

A block's name covers all before it, so what was hashed for a prefix holds for every prompt that begins with it: at a
million tokens hashing takes 0.1 s the first time and next to nothing afterwards. How a block is hashed is handed in.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .demand import Prefix

__all__ = ["BlockHasher", "HashBlock"]

HashBlock = Callable[[bytes | None, Sequence[int], bool], bytes]
"""The hash of a block from that of the block before it (None for the first), its ids, and whether it is the first."""


@dataclass(frozen=True, slots=True)
class _Link:
    """What is known after a prefix.

    Attributes:
        hashes: Of the blocks that its last segment completes.
        rest: The ids behind the last whole block.
    """

    hashes: tuple[bytes, ...]
    rest: tuple[int, ...]


class BlockHasher:
    """Hashes prompts block by block. Not to be used by two threads at once."""

    def __init__(self, *, block_size: int, max_blocks: int) -> None:
        """Remembers nothing yet.

        Args:
            block_size: Tokens of a block.
            max_blocks: So many hashes are remembered; the longest unused go first.
        """
        self._block_size = block_size
        self._max_blocks = max_blocks
        self._links: OrderedDict[bytes, _Link] = OrderedDict()
        self._num_blocks = 0

    def hashes(
        self, prefixes: Sequence[Prefix], segments: Sequence[bytes], tail: Sequence[int], *, hash_block: HashBlock
    ) -> list[bytes]:
        """The hashes of a prompt's whole blocks, in order.

        Args:
            prefixes: That the prompt is made of.
            segments: The ids that each of them adds, as they were sent.
            tail: The ids behind them.
            hash_block: Knows the tenant, the adapter and the algorithm; the same for the same prefixes.
        """
        found: list[bytes] = []
        rest: tuple[int, ...] = ()
        for prefix, segment in zip(prefixes, segments, strict=True):
            link = self._links.get(prefix.key)
            if link is None:
                link = self._hashed(found, rest, memoryview(segment).cast("I").tolist(), hash_block)
                self._remember(prefix.key, link)
            self._links.move_to_end(prefix.key)
            found += link.hashes
            rest = link.rest
        return [*found, *self._hashed(found, rest, tail, hash_block).hashes]

    def _hashed(self, before: Sequence[bytes], rest: Sequence[int], ids: Sequence[int], hash_block: HashBlock) -> _Link:
        size = self._block_size
        ids = [*rest, *ids]
        end = len(ids) // size * size
        parent = before[-1] if before else None
        hashes: list[bytes] = []
        for begin in range(0, end, size):
            parent = hash_block(parent, ids[begin : begin + size], parent is None)
            hashes.append(parent)
        return _Link(tuple(hashes), tuple(ids[end:]))

    def _remember(self, key: bytes, link: _Link) -> None:
        self._links[key] = link
        self._num_blocks += len(link.hashes)
        while self._num_blocks > self._max_blocks and len(self._links) > 1:
            _, oldest = self._links.popitem(last=False)
            self._num_blocks -= len(oldest.hashes)
