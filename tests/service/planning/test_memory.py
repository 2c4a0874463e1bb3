import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.service.planning.memory import KvLayout, longest_context
from repoask.service.planning.models import find_model
from repoask.service.planning.precision import KvPrecision

SCOUT = find_model("scout").architecture


@given(st.integers(-(10**12), 10**13), st.integers(1, 10**8), st.booleans())
def test_the_longest_context_is_the_longest_that_is_admitted(pool: int, limit: int, is_hybrid: bool) -> None:
    kv = KvLayout.of(SCOUT, KvPrecision.BF16, is_hybrid=is_hybrid)
    longest = longest_context(kv, pool, limit=limit)
    assert 0 <= longest <= limit
    assert longest == 0 or kv.reserved_bytes(longest) <= pool
    assert longest == limit or kv.reserved_bytes(longest + 1) > pool


def test_a_short_sequence_does_not_take_whole_windows() -> None:
    kv = KvLayout.of(SCOUT, KvPrecision.BF16, is_hybrid=True)
    assert kv.kept_bytes(1) == 48 * 4096
    assert kv.kept_bytes(8192) == 8192 * 48 * 4096
    assert kv.kept_bytes(8193) - kv.kept_bytes(8192) == 12 * 4096


def test_a_running_prefill_is_given_what_vllm_reserves() -> None:
    """`ChunkedLocalAttentionSpec.max_admission_blocks_per_request`: the chunk and two batches of 8,192 tokens."""
    kv = KvLayout.of(SCOUT, KvPrecision.BF16, is_hybrid=True)
    assert kv.reserved_bytes(10**6) - kv.bytes_per_token * 10**6 == 3 * 8192 * 36 * 4096
    assert kv.reserved_bytes(100) == kv.kept_bytes(100)


@pytest.mark.parametrize("copies", [1, 2, 8])
def test_copies_multiply_everything(copies: int) -> None:
    one = KvLayout.of(SCOUT, KvPrecision.FP8, is_hybrid=True)
    many = KvLayout.of(SCOUT, KvPrecision.FP8, is_hybrid=True, copies=copies)
    assert many.reserved_bytes(10**6) == copies * one.reserved_bytes(10**6)
