from pathlib import Path

import pytest
from repoask.errors import InputError
from repoask.service.planning.models import find_model
from repoask.service.planning.precision import WeightPrecision

TINY = (
    '{"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "max_position_embeddings": 4096,'
    ' "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 100%s}'
)


@pytest.mark.parametrize(
    "name", ["scout", "Scout", "llama4:scout", "llama-4-scout", "meta-llama/Llama-4-Scout-17B-16E-Instruct"]
)
def test_scout_is_known_by_its_names(name: str) -> None:
    assert find_model(name).title == "Llama 4 Scout"


def test_maverick_has_its_card_s_parameters() -> None:
    parameters = find_model("maverick").architecture.parameters
    assert (round(parameters.total / 1e9, -1), round(parameters.active / 1e9)) == (400, 17)
    assert find_model("maverick").architecture.context == 1_048_576


@pytest.mark.parametrize("name", ["behemoth", "Llama-4-Behemoth"])
def test_behemoth_is_not_public(name: str) -> None:
    with pytest.raises(InputError, match=r"Llama 4 Behemoth is not public: .* plan scout or maverick"):
        find_model(name)


def test_an_unknown_model_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean maverick\?"):
        find_model("maverik")
    with pytest.raises(InputError, match=r"zzz: .* known: scout, maverick, the name of a pulled model, or the path"):
        find_model("zzz")


def test_a_configuration_on_disk_is_a_model(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(TINY % "")
    for named in (folder, folder / "config.json"):
        model = find_model(str(named))
        assert (model.title, model.checkpoints) == ("tiny", {WeightPrecision.BF16: str(folder)})
        assert model.precisions == tuple(WeightPrecision)


def test_files_that_are_quantized_already_have_one_precision(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(TINY % ', "quantization_config": {"quant_method": "fp8"}')
    model = find_model(str(tmp_path))
    assert model.precisions == (WeightPrecision.FP8,)
    assert model.checkpoints == {WeightPrecision.FP8: str(tmp_path)}


def test_a_path_that_is_not_there_is_told_as_a_path() -> None:
    with pytest.raises(InputError, match=r"gone/model.*cannot be read"):
        find_model("gone/model")
