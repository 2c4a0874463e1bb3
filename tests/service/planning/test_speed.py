from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.service.planning.architecture import Architecture
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.layout import lay_out
from repoask.service.planning.memory import KvLayout
from repoask.service.planning.models import find_model
from repoask.service.planning.precision import KvPrecision, WeightPrecision
from repoask.service.planning.speed import Speed, attention_flops, host_s, linear_flops

SCOUT = find_model("scout").architecture


def speed(gpus: str = "8xH100", weights: WeightPrecision = WeightPrecision.BF16) -> Speed:
    machine = read_machine(gpus)
    kv = KvLayout.of(SCOUT, KvPrecision.BF16, is_hybrid=True)
    return Speed(SCOUT, machine, lay_out(SCOUT, machine), weights, kv)


def with_layers(global_layers: int, local_layers: int, *, is_chunked: bool = True) -> Architecture:
    attention = replace(
        SCOUT.attention, global_layers=global_layers, local_layers=local_layers, is_chunked=is_chunked, window=64
    )
    return replace(SCOUT, attention=attention)


def test_global_layers_cost_the_square_and_chunked_ones_the_length() -> None:
    assert attention_flops(with_layers(1, 0), 2_000) == 4 * attention_flops(with_layers(1, 0), 1_000)
    assert attention_flops(with_layers(0, 1), 64_000) == 10 * attention_flops(with_layers(0, 1), 6_400)


@pytest.mark.parametrize(("is_chunked", "pairs"), [(True, lambda i: i % 64 + 0.5), (False, lambda i: min(i + 0.5, 64))])
def test_local_pairs_are_those_that_a_count_finds(is_chunked: bool, pairs: object) -> None:
    counted = sum(pairs(i) for i in range(1_000))  # type: ignore[operator]
    flops = attention_flops(with_layers(0, 1, is_chunked=is_chunked), 1_000)
    assert flops / SCOUT.attention.flops_per_pair() == pytest.approx(counted, rel=0.001)


def test_compute_counts_the_active_parameters_without_the_head() -> None:
    assert SCOUT.parameters.head == 202_048 * 5_120
    assert linear_flops(SCOUT, 1) == 2 * (SCOUT.parameters.multiplied - SCOUT.parameters.head)
    assert SCOUT.parameters.multiplied < SCOUT.parameters.active < SCOUT.parameters.total / 6


@given(st.integers(1, 10**7), st.integers(0, 10**7))
def test_a_cached_prefix_and_the_rest_make_the_whole(tokens: int, cached: int) -> None:
    cached = min(cached, tokens)
    whole = speed().prefill_s(cached) + speed().prefill_s(tokens, cached=cached)
    assert whole == pytest.approx(speed().prefill_s(tokens), rel=1e-9)


def test_a_cached_pack_is_answered_in_a_fiftieth_of_the_time() -> None:
    assert speed().warm_s(1_000_000, new=1_000) < speed().cold_s(1_000_000) / 50


def test_the_host_works_for_cached_tokens_too() -> None:
    alone = speed().warm_s(1_000_000, new=1_000) - speed().prefill_s(1_000_000, cached=999_000)
    assert alone == pytest.approx(host_s(1_000_000) + 1 / speed().decode_tokens_s(1_000_000))
    assert speed("1xH100").cold_s(500) - speed("1xH100").prefill_s(500) == pytest.approx(host_s(500))


def test_fp8_halves_the_matrices_time_and_leaves_attention() -> None:
    short, long = 1_000, 10_000_000
    bf16, fp8 = speed(), speed(weights=WeightPrecision.FP8)
    assert fp8.prefill_s(short) == pytest.approx(bf16.prefill_s(short) / 2, rel=0.05)
    assert fp8.prefill_s(long) == pytest.approx(bf16.prefill_s(long), rel=0.05)


def test_fp8_gains_no_time_where_the_chip_has_no_units_for_it() -> None:
    assert speed("8xA100", WeightPrecision.FP8).prefill_s(1_000) == speed("8xA100").prefill_s(1_000)


def test_decoding_is_bound_by_what_is_read() -> None:
    read = SCOUT.parameters.active_bytes(WeightPrecision.BF16) + 1_000_000 * 48 * 1024 + 36 * 8192 * 4096
    assert speed().decode_tokens_s(1_000_000) == pytest.approx(8 * 3.35e12 * 0.6 / read)
    assert speed("8xH200").decode_tokens_s(1_000) > speed().decode_tokens_s(1_000) > speed().decode_tokens_s(100_000)


def test_stages_of_a_pipeline_share_no_bandwidth() -> None:
    assert speed("16xH100").decode_tokens_s(1_000) == speed("8xH100").decode_tokens_s(1_000)
    assert speed("16xH100").prefill_s(1_000) == pytest.approx(speed("8xH100").prefill_s(1_000) / 2)
