import json
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError, ModelError
from repoask.service.planning.precision import WeightPrecision
from repoask.service.weights.lookup import list_models, lookup_model
from repoask.service.weights.pulling import register
from repoask.service.weights.record import is_model_name
from repoask.service.weights.store import WeightsStore


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "models")


def test_a_folder_is_registered_by_its_name_and_stays_as_it_is(
    store: WeightsStore, model_hub: Any, tmp_path: Path
) -> None:
    folder = model_hub.write_model(tmp_path / "my-model")
    before = sorted(folder.iterdir())
    record = register(store, folder)
    assert store.find("My-Model") == record
    assert (record.name, record.folder, record.revision) == ("my-model", str(folder), "")
    assert sorted(folder.iterdir()) == before
    assert register(store, folder, name="org/other").name == "org/other"
    assert store.find("my-model") == record


def test_a_folder_whose_files_have_changed_must_be_registered_anew(
    store: WeightsStore, model_hub: Any, tmp_path: Path
) -> None:
    folder = model_hub.write_model(tmp_path / "my-model")
    register(store, folder)
    (folder / "model.safetensors").write_bytes(model_hub.safetensors(1000))
    with pytest.raises(ModelError, match=r"files have changed or gone from .*my-model; register it anew"):
        store.find("my-model")
    register(store, folder)
    assert store.find("my-model")


def test_weights_that_are_cut_short_are_told_by_their_head(store: WeightsStore, model_hub: Any, tmp_path: Path) -> None:
    folder = model_hub.write_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1])
    with pytest.raises(
        ModelError, match=rf"model\.safetensors: {len(whole) - 1:,} bytes of {len(whole):,}; it is damaged"
    ):
        register(store, folder)
    for content in (b"", b"\xff" * 8, b"\x02" + bytes(7) + b"[]", whole[:20]):
        weights.write_bytes(content)
        with pytest.raises(ModelError, match="no safetensors file, or cut short in its head"):
            register(store, folder)


@pytest.mark.parametrize("content", ["{}", "[]", "", '{"weight_map": {"a": 1}}', '{"weight_map": 1}'])
def test_an_index_that_is_none_is_told(store: WeightsStore, model_hub: Any, tmp_path: Path, content: str) -> None:
    folder = model_hub.write_model(tmp_path / "model", {"model.safetensors.index.json": content.encode()})
    with pytest.raises(ModelError, match=r"index\.json: no index of weights|1 weights in its index|1 of the 1"):
        register(store, folder)


def test_the_index_of_pickled_weights_counts_where_there_are_no_others(
    store: WeightsStore, model_hub: Any, tmp_path: Path
) -> None:
    index = {
        "pytorch_model.bin.index.json": b'{"weight_map": {"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"}}'
    }
    folder = model_hub.write_model(tmp_path / "model", index)
    assert register(store, folder).is_whole()
    (folder / "model.safetensors").rename(folder / "pytorch_model-1.bin")
    with pytest.raises(ModelError, match=r"pytorch_model-2\.bin of the 2 weights in its index missing"):
        register(store, folder)


def test_what_holds_no_whole_model_is_told(store: WeightsStore, model_hub: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no folder; name one with a model's files"):
        register(store, tmp_path / "none")
    folder = model_hub.write_model(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="holds no weights"):
        register(store, folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json: cannot be read"):
        register(store, folder)


def test_a_pulled_model_is_planned_by_its_name(store: WeightsStore, model_hub: Any, tmp_path: Path) -> None:
    folder = model_hub.write_model(tmp_path / "my-model")
    register(store, folder, name="org/mine")
    model = lookup_model("org/Mine", store)
    assert (model.name, model.title, model.folder) == ("org/mine", "org/mine", folder)
    assert lookup_model(str(folder), store).folder == folder


def test_a_built_in_model_is_served_from_where_it_was_pulled_to(
    store: WeightsStore, model_hub: Any, tmp_path: Path
) -> None:
    folder = model_hub.write_model(tmp_path / "scout-files")
    hub_name = lookup_model("scout", store).checkpoints[WeightPrecision.BF16]
    register(store, folder, name=hub_name)
    for name in ("scout", hub_name):
        model = lookup_model(name, store)
        assert model.title == "Llama 4 Scout"
        assert model.checkpoints[WeightPrecision.BF16] == str(folder)
    scout = next(each for each in list_models(store) if each.name == "scout")
    assert (scout.is_built_in, scout.is_complete, scout.folder) == (True, True, str(folder))


def test_a_model_of_the_hub_that_is_not_here_is_told_with_how_to_fetch_it(store: WeightsStore) -> None:
    with pytest.raises(ModelError, match="org/none: not on this machine; fetch it with: repoask model pull org/none"):
        lookup_model("org/none", store)
    with pytest.raises(InputError, match="maverik: no model that is known; did you mean maverick"):
        lookup_model("maverik", store)


def test_a_damaged_record_is_passed_over_and_told(
    store: WeightsStore, model_hub: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register(store, model_hub.write_model(tmp_path / "one"))
    register(store, model_hub.write_model(tmp_path / "two"))
    (store.folder / "one" / "local.json").write_text('{"version": 2}')
    assert [each.name for each in store.records()] == ["two"]
    assert "one/local.json is damaged and passed over" in caplog.text


def test_a_list_of_models_says_how_they_are_quantized(store: WeightsStore, model_hub: Any, tmp_path: Path) -> None:
    config = model_hub.CONFIG | {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
    register(store, model_hub.write_model(tmp_path / "small", {"config.json": json.dumps(config).encode()}))
    listed = list_models(store)
    assert [each.name for each in listed] == ["small", "scout", "maverick"]
    assert (listed[0].precision, listed[0].is_complete, listed[0].is_built_in) == ("INT4 (AWQ)", True, False)
    assert listed[0].size > 3_000_000
    assert listed[1].folder == ""


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("org/name", True),
        ("Llama-4.1_x", True),
        ("a", True),
        ("../x", False),
        ("a/b/c", False),
        ("a--b", False),
        ("a/..", False),
        (".a", False),
        ("", False),
        ("a b", False),
        ("x" * 97, False),
    ],
)
def test_names_are_those_of_the_hub(name: str, is_one: bool) -> None:
    assert is_model_name(name) is is_one
