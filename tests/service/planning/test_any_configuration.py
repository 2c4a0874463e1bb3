"""Whatever a configuration says, a plan is made or the configuration is refused in one line."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repoask.errors import InputError
from repoask.service.planning.gpus import known_gpus, read_machine
from repoask.service.planning.models import Model, find_model
from repoask.service.planning.plan import PlannedPack
from repoask.service.planning.planner import make_plan
from repoask.service.planning.prices import read_prices
from repoask.service.planning.request import Request
from repoask.service.terminal.ink import PlainInk
from repoask.service.terminal.plan_text import render_plan

SIZES = st.sampled_from([1, 2, 3, 7, 8, 64, 128, 1000, 4096, 10_000, 100_000, 10_000_000])
ODD = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.integers(), st.lists(st.integers(0, 1)))
NEEDED = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
OTHER = (
    *("num_key_value_heads", "head_dim", "attention_chunk_size", "sliding_window", "sliding_window_pattern"),
    *("kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "num_experts"),
    *("num_experts_per_tok", "moe_intermediate_size", "n_shared_experts", "first_k_dense_replace", "moe_layer_freq"),
)
CONFIGS = st.builds(
    lambda needed, other, odd: needed | other | odd,
    st.fixed_dictionaries(dict.fromkeys((*NEEDED, "max_position_embeddings"), SIZES)),
    st.dictionaries(st.sampled_from(OTHER), SIZES, max_size=8),
    st.dictionaries(st.sampled_from((*NEEDED, *OTHER, "layer_types", "no_rope_layers")), ODD, max_size=1),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


def read(folder: Path) -> Model | None:
    """The model; None where it is refused in one line."""
    try:
        return find_model(str(folder))
    except InputError as error:
        if "\n" in str(error):
            raise
        return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    CONFIGS,
    st.sampled_from([gpu.name for gpu in known_gpus()]),
    st.sampled_from([1, 2, 3, 8, 12, 1024]),
    st.sampled_from([0, 1, 300_000, 10**12]),
)
def test_a_plan_is_made_or_the_configuration_is_refused(
    folder: Path, config: dict[str, Any], gpu: str, count: int, tokens: int
) -> None:
    (folder / "config.json").write_text(json.dumps(config))
    model = read(folder)
    if model is None:
        return
    pack = PlannedPack(source="x", files=1, tokens=tokens, counted_by="x", exact=True) if tokens else None
    machine = read_machine(f"{count}x{gpu}")
    plan = make_plan(Request(model=model, machine=machine, pack=pack, prices=read_prices(), tokens_per_day=1e9))
    json.loads(plan.line(), parse_constant=pytest.fail)  # no NaN, no Infinity
    assert plan.fits == bool(plan.choice.fits)
    assert all(0 < time.cold_s < math.inf and time.decode_tokens_s > 0 for time in plan.times)
    assert render_plan(plan, ink=PlainInk()).startswith("Fits: " if plan.fits else "Does not fit: ")
