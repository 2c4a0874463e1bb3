import json
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError
from repoask.service.planning.adapters import Adapter, adapter_flags, read_adapter, with_adapters
from repoask.service.planning.models import find_model
from repoask.service.planning.precision import WeightPrecision


def _write(folder: Path, *, weights: str = "adapter_model.safetensors", **config: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 16} | config))
    (folder / weights).write_bytes(bytes(1000))
    return folder


def test_an_adapter_is_read_from_its_folder(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a=b, c", r=8, rank_pattern={"q_proj": 24})
    assert read_adapter(f"tuned={folder}") == Adapter("tuned", folder, 24, 1000)


def test_vllm_is_told_the_next_rank_that_it_knows(tmp_path: Path) -> None:
    adapters = [read_adapter(f"{rank}={_write(tmp_path / str(rank), r=rank)}") for rank in (8, 33)]
    flags = adapter_flags(adapters, model="base")
    assert flags[:6] == ("--enable-lora", "--max-loras", "2", "--max-lora-rank", "64", "--lora-modules")
    assert [json.loads(each) for each in flags[6:]] == [
        {"name": "8", "path": str(tmp_path / "8")},
        {"name": "33", "path": str(tmp_path / "33")},
    ]
    assert adapter_flags([], model="base") == ()


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (["q_proj", "v_proj"], ["model.layers.0.self_attn.o_proj"], ("o_proj", "q_proj", "v_proj")),
        (["q_proj"], ["q_proj", "down_proj"], ()),
        (["q_proj"], "all-linear", ()),
        (["q_proj"], None, ()),
        (["q_proj"], [7], ()),
    ],
)
def test_places_are_kept_for_the_attention_alone_where_nothing_else_is_changed(
    tmp_path: Path, first: Any, second: Any, told: tuple[str, ...]
) -> None:
    adapters = [
        read_adapter(f"{name}={_write(tmp_path / name, target_modules=modules)}")
        for name, modules in (("a", first), ("b", second))
    ]
    flags = adapter_flags(adapters, model="base")
    named = flags[flags.index("--lora-target-modules") + 1 : -3] if "--lora-target-modules" in flags else ()
    assert named == told


def test_their_memory_is_planned_with_the_rank_that_is_served() -> None:
    scout = find_model("scout")
    tuned = with_adapters(scout, [Adapter("a", Path("/a"), 8, 100_000_000), Adapter("b", Path("/b"), 16, 200_000_000)])
    added = (each.architecture.parameters.bytes(WeightPrecision.INT4) for each in (tuned, scout))
    assert next(added) - next(added) == 2 * 100_000_000 + 200_000_000
    assert with_adapters(scout, []) == scout


@pytest.mark.parametrize("written", ["", "name", "=folder", "name=", "a b=folder", "-x=folder"])
def test_what_is_written_otherwise_is_refused(written: str) -> None:
    with pytest.raises(InputError, match="write it as NAME=FOLDER"):
        read_adapter(written)


@pytest.mark.parametrize("rank", [0, -1, 513, "8", None, True, 1.5])
def test_a_rank_that_vllm_does_not_take_is_refused(tmp_path: Path, rank: Any) -> None:
    with pytest.raises(InputError, match="vLLM takes 1 to 512"):
        read_adapter(f"a={_write(tmp_path / 'a', r=rank)}")


def test_what_is_no_lora_adapter_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"adapter_config\.json: cannot be read"):
        read_adapter(f"a={tmp_path}")
    with pytest.raises(InputError, match="of the kind 'IA3'"):
        read_adapter(f"a={_write(tmp_path / 'ia3', peft_type='IA3')}")
    with pytest.raises(InputError, match=r"only adapter_model\.bin, which runs code when it is loaded"):
        read_adapter(f"a={_write(tmp_path / 'pickled', weights='adapter_model.bin')}")
    (_write(tmp_path / "b") / "adapter_config.json").write_text("[]")
    with pytest.raises(InputError, match="no JSON object"):
        read_adapter(f"a={tmp_path / 'b'}")


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    adapter = read_adapter(f"base={_write(tmp_path / 'a')}")
    with pytest.raises(InputError, match="--lora base: two would be asked by this name"):
        adapter_flags([adapter], model="base")
