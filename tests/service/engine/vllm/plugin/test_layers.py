"""What is cached of a prompt, by the rules of each kind of layer."""

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.layers import Kind, LayerGroup, cached_tokens

ALL = LayerGroup(Kind.ALL, (0,))
CHUNK = LayerGroup(Kind.CHUNK, (1, 2), window=64)
WINDOW = LayerGroup(Kind.WINDOW, (1,), window=33)
KEYS = list(range(100, 120))


def cached(groups: list[LayerGroup], *held: list[int], num_tokens: int = 320) -> int:
    return cached_tokens(KEYS, num_tokens=num_tokens, block_size=16, groups=groups, held=[set(each) for each in held])


def test_layers_that_see_everything_need_every_block_from_the_first() -> None:
    assert cached([ALL], KEYS[:5]) == 80
    assert cached([ALL], KEYS[1:5]) == 0
    assert cached([ALL], KEYS[:3] + KEYS[4:]) == 48


def test_the_last_token_is_always_computed() -> None:
    assert cached([ALL], KEYS) == 304
    assert cached([ALL], KEYS, num_tokens=321) == 320


def test_layers_that_see_a_chunk_need_what_their_last_chunk_holds_in_all_groups() -> None:
    # 10 blocks are 2 chunks of 4 and half of the third
    assert cached([CHUNK, ALL], KEYS[:10], KEYS[8:10], KEYS[8:10]) == 160
    assert cached([CHUNK, ALL], KEYS[:10], KEYS[8:10], KEYS[8:9]) == 144
    assert cached([CHUNK, ALL], KEYS[:10], [], []) == 128
    assert cached([CHUNK, ALL], [], KEYS, KEYS) == 0


def test_layers_that_see_a_window_need_a_run_that_fills_it() -> None:
    assert cached([WINDOW, ALL], KEYS[:10], KEYS[8:10]) == 160
    assert cached([WINDOW, ALL], KEYS[:10], KEYS[5:7] + KEYS[9:10]) == 112
    assert cached([WINDOW, ALL], KEYS[:10], KEYS[:1]) == 16


@pytest.mark.parametrize("groups", [[ALL], [ALL, CHUNK], [CHUNK]])
def test_a_prompt_shorter_than_a_block_finds_nothing(groups: list[LayerGroup]) -> None:
    assert cached_tokens([], num_tokens=9, block_size=16, groups=groups, held=[set(KEYS)] * 3) == 0
