"""The figures of DESIGN.md, section 5, each from Scout's configuration."""

import json
from pathlib import Path

import pytest
from repoask.service.planning import models
from repoask.service.planning.architecture import Architecture
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.layout import lay_out
from repoask.service.planning.memory import KvLayout, longest_context, usable_bytes
from repoask.service.planning.model_config import architecture_of
from repoask.service.planning.precision import KvPrecision, WeightPrecision
from repoask.service.planning.speed import PRACTICE_FACTOR, Speed, reload_s

KIB = 1024
TEN_MILLION = 10 * 1024 * 1024  # Scout's context


@pytest.fixture(scope="module")
def scout() -> Architecture:
    rows = json.loads((Path(models.__file__).with_name("models.json")).read_text())["models"]
    return architecture_of(next(row["config"] for row in rows if row["name"] == "scout"))


def kv(scout: Architecture, precision: KvPrecision = KvPrecision.BF16, *, is_hybrid: bool = True) -> KvLayout:
    return KvLayout.of(scout, precision, is_hybrid=is_hybrid)


def on(scout: Architecture, gpus: str, precision: KvPrecision = KvPrecision.BF16) -> tuple[Speed, int]:
    machine = read_machine(gpus)
    layout = lay_out(scout, machine)
    pool = usable_bytes(machine, layout) - scout.parameters.bytes(WeightPrecision.BF16)
    return Speed(scout, machine, layout, WeightPrecision.BF16, kv(scout, precision)), pool


def test_every_fourth_of_48_layers_is_global(scout: Architecture) -> None:
    attention = scout.attention
    assert (attention.layers, attention.global_layers, attention.local_layers) == (48, 12, 36)
    assert (attention.kv_heads, attention.key_width, attention.window, attention.is_chunked) == (8, 128, 8192, True)


def test_a_layer_keeps_4096_bytes_a_token(scout: Architecture) -> None:
    assert scout.attention.kv_bytes_per_layer(KvPrecision.BF16) == 4096


def test_a_token_takes_48_kib_and_24_in_fp8(scout: Architecture) -> None:
    assert kv(scout).bytes_per_token == 48 * KIB
    assert kv(scout, KvPrecision.FP8).bytes_per_token == 24 * KIB


def test_without_the_hybrid_manager_it_takes_192_and_96(scout: Architecture) -> None:
    assert kv(scout, is_hybrid=False).bytes_per_token == 192 * KIB
    assert kv(scout, KvPrecision.FP8, is_hybrid=False).bytes_per_token == 96 * KIB
    assert kv(scout, is_hybrid=False).window_bytes == 0


def test_a_sequences_windows_take_about_1_2_gb(scout: Architecture) -> None:
    assert kv(scout).window_bytes / 1e9 == pytest.approx(1.2, abs=0.01)


def test_it_has_109b_parameters_of_which_17b_are_active(scout: Architecture) -> None:
    assert round(scout.parameters.total / 1e9) == 109
    assert round(scout.parameters.active / 1e9) == 17


def test_weights_take_218_109_and_55_to_60_gb(scout: Architecture) -> None:
    """MODELS.md multiplies 109B by the bytes; embeddings, head and vision stay bf16 here, which adds 3 GB to fp8."""
    sizes = [scout.parameters.bytes(each) / 1e9 for each in WeightPrecision]
    assert sizes == [pytest.approx(218, abs=1), pytest.approx(109, abs=3), pytest.approx(60, abs=1)]


@pytest.mark.parametrize(
    ("gpus", "precision", "fits"),
    [
        ("8xH200", KvPrecision.BF16, True),
        ("8xH100", KvPrecision.FP8, True),
        ("8xH100", KvPrecision.BF16, False),
    ],
)
def test_one_prompt_of_10m_fits_8_h200_or_8_h100_with_fp8_kv(
    scout: Architecture, gpus: str, precision: KvPrecision, fits: bool
) -> None:
    _, pool = on(scout, gpus, precision)
    assert (longest_context(kv(scout, precision), pool, limit=TEN_MILLION) == TEN_MILLION) is fits


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [
        (128 * KIB, pytest.approx(2, abs=0.2)),
        (KIB * KIB, pytest.approx(54, abs=0.5)),
        (10_400_000, pytest.approx(72 * 60, abs=30)),  # the length that DESIGN's own run had
        (TEN_MILLION, pytest.approx(73 * 60, abs=30)),  # the whole context takes a minute more
    ],
)
def test_prefill_on_8_h100(scout: Architecture, tokens: int, seconds: float) -> None:
    speed, _ = on(scout, "8xH100")
    assert speed.prefill_s(tokens) == seconds
    assert PRACTICE_FACTOR == 2


def test_10m_tokens_of_kv_take_490_gb_of_host_memory_and_20_s_to_come_back(scout: Architecture) -> None:
    kept = kv(scout).bytes_per_token * 10_000_000
    assert kept / 1e9 == pytest.approx(490, abs=2)
    assert reload_s(kept) == pytest.approx(20, abs=0.5)
