from repoask.service.planning.model_config import architecture_of
from repoask.service.planning.models import find_model
from shape_engine import scout_config


def test_all_layers_are_the_scout_that_is_planned_for() -> None:
    scout = find_model("scout").architecture
    shape = architecture_of(scout_config(layers=48, context=scout.context))

    assert shape.attention == scout.attention
    assert shape.experts == scout.experts
    assert shape.parameters.multiplied == scout.parameters.multiplied


def test_fewer_layers_keep_one_global_in_four() -> None:
    attention = architecture_of(scout_config(layers=12, context=131_072)).attention

    assert (attention.global_layers, attention.local_layers) == (3, 9)
