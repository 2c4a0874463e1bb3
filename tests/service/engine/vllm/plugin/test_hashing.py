"""Blocks are named alike however a prompt is cut into segments, and a prefix is hashed once."""

import hashlib
from array import array
from collections.abc import Sequence

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.demand import prefixes
from repoask.service.engine.vllm.plugin.repoask_vllm.hashing import BlockHasher

IDS = list(range(1000))


class Counting:
    """Hashes, and counts how often."""

    def __init__(self) -> None:
        self.num_calls = 0

    def __call__(self, parent: bytes | None, ids: Sequence[int], is_first: bool) -> bytes:
        self.num_calls += 1
        assert len(ids) == 16
        return hashlib.sha256(repr((parent, list(ids), is_first)).encode()).digest()


def cut(*ends: int) -> tuple[list[tuple[str, int]], list[bytes]]:
    parts = [array("I", IDS[begin:end]).tobytes() for begin, end in zip((0, *ends), ends, strict=False)]
    return [(hashlib.sha256(part).hexdigest(), len(part) // 4) for part in parts], parts


def hashes(hasher: BlockHasher, hashed: Counting, *ends: int, space: str = "") -> list[bytes]:
    named, parts = cut(*ends)
    return hasher.hashes(prefixes(space, named), parts, IDS[ends[-1] if ends else 0 :], hash_block=hashed)


@pytest.mark.parametrize("ends", [(16,), (5, 9, 100), (7, 500, 501, 999), (992,)])
def test_cuts_change_no_name(ends: tuple[int, ...]) -> None:
    whole = hashes(BlockHasher(block_size=16, max_blocks=999), Counting())
    assert len(whole) == 62
    assert hashes(BlockHasher(block_size=16, max_blocks=999), Counting(), *ends) == whole


def test_what_was_hashed_is_not_hashed_again() -> None:
    hasher, hashed = BlockHasher(block_size=16, max_blocks=999), Counting()
    hashes(hasher, hashed, 800)
    before = hashed.num_calls
    hashes(hasher, hashed, 800, 900)
    assert hashed.num_calls - before == 62 - 50
    hashes(hasher, hashed, 800, space="another tenant")
    assert hashed.num_calls - before == 62 - 50 + 62


def test_the_longest_unused_is_forgotten_first() -> None:
    hasher, hashed = BlockHasher(block_size=16, max_blocks=100), Counting()
    for space in ("a", "b", "a", "c"):
        hashes(hasher, hashed, 800, space=space)
    before = hashed.num_calls
    hashes(hasher, hashed, 800, space="a")
    assert hashed.num_calls - before == 12
