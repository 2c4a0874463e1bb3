"""How a server is started: what fits, the flags that follow, and what is said where nothing does."""

from dataclasses import replace

import pytest
from repoask.errors import InputError
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.models import find_model
from repoask.service.planning.serving import serving_on_cpu, serving_on_gpus


def _flag(flags: tuple[str, ...], name: str) -> str:
    return flags[flags.index(name) + 1]


def test_scout_on_gpus_gets_its_layout_and_the_longest_prompt() -> None:
    serving = serving_on_gpus(find_model("scout"), read_machine("8xH200"))
    assert serving.checkpoint == "meta-llama/Llama-4-Scout-17B-16E-Instruct"
    assert _flag(serving.flags, "--tensor-parallel-size") == "8"
    assert _flag(serving.flags, "--max-model-len") == str(serving.max_model_len) == "10485760"
    assert "--no-disable-hybrid-kv-cache-manager" in serving.flags
    assert "--enable-prompt-tokens-details" in serving.flags
    assert not {"--kv-transfer-config", "--enforce-eager", "--kv-cache-memory-bytes"} & {*serving.flags}


def test_gpus_that_are_too_small_are_told_with_what_would_do() -> None:
    with pytest.raises(InputError, match=r"Llama 4 Scout does not fit on 1 x L40S: .* It fits on "):
        serving_on_gpus(find_model("scout"), read_machine("1xL40S"))


def test_a_cpu_gives_half_of_what_the_weights_leave_to_the_kv() -> None:
    serving = serving_on_cpu(find_model("scout"), free_bytes=300_000_000_000)
    weights = 2 * find_model("scout").architecture.parameters.total
    assert serving.kv_bytes == round((300_000_000_000 - 3_000_000_000 - weights) / 2)
    assert _flag(serving.flags, "--kv-cache-memory-bytes") == str(serving.kv_bytes)
    assert "--enforce-eager" in serving.flags
    assert "--gpu-memory-utilization" not in serving.flags
    assert 500_000 < serving.max_model_len < 1_000_000
    assert serving.max_model_len % 8192 == 0


def test_chunked_layers_are_kept_where_there_are_no_others() -> None:
    scout = find_model("scout")
    attention = scout.architecture.attention
    chunked = replace(attention, global_layers=0, local_layers=attention.layers)
    model = replace(scout, architecture=replace(scout.architecture, attention=chunked))
    kept, whole = (serving_on_cpu(each, free_bytes=300_000_000_000).kept_token_bytes for each in (scout, model))
    assert (kept, whole) == (12 * 4096, 48 * 4096)


def test_too_little_memory_is_told_with_what_would_do() -> None:
    with pytest.raises(InputError) as raised:
        serving_on_cpu(find_model("scout"), free_bytes=24_000_000_000)
    told = str(raised.value)
    assert "217 GB of bf16 weights" in told
    assert "the 24 GB of memory that is free here" in told
    assert "a model of up to 9.2B parameters in bf16 does, and this one fits on 1 x H100 with int4 weights" in told
