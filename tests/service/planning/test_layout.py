from dataclasses import replace

import pytest
from repoask.service.planning.architecture import Architecture
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.layout import lay_out
from repoask.service.planning.models import find_model


def scout(**attention: int) -> Architecture:
    found = find_model("scout").architecture
    return replace(found, attention=replace(found.attention, **attention))


@pytest.mark.parametrize(
    ("gpus", "tensor", "pipeline", "idle"),
    [
        ("1xH100", 1, 1, 0),
        ("2xH100", 2, 1, 0),
        ("8xH100", 8, 1, 0),
        ("3xH100", 1, 3, 0),
        ("6xH100", 2, 3, 0),
        ("16xH100", 8, 2, 0),
        ("100xH100", 4, 25, 0),
        ("1024xH100", 8, 48, 640),
    ],
)
def test_heads_decide_how_layers_are_shared_and_stages_take_the_rest(
    gpus: str, tensor: int, pipeline: int, idle: int
) -> None:
    layout = lay_out(scout(), read_machine(gpus))
    assert (layout.tensor, layout.pipeline, layout.idle) == (tensor, pipeline, idle)


def test_kv_is_repeated_where_there_are_more_gpus_than_kv_heads() -> None:
    assert lay_out(scout(), read_machine("8xH100")).kv_copies == 1
    assert lay_out(scout(kv_heads=2), read_machine("8xH100")).kv_copies == 4


def test_experts_stay_whole_where_their_slices_would_be_narrow() -> None:
    wide = scout()
    assert wide.experts is not None
    narrow = replace(wide, experts=replace(wide.experts, width=2048))
    assert not lay_out(wide, read_machine("8xH100")).is_expert_parallel
    assert lay_out(narrow, read_machine("8xH100")).is_expert_parallel
    assert not lay_out(narrow, read_machine("1xH100")).is_expert_parallel
    assert not lay_out(replace(wide, experts=None), read_machine("8xH100")).is_expert_parallel
