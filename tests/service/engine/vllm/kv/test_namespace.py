"""KV of one server is never another's."""

import json
import os
from pathlib import Path

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.namespace import namespace_name, note_facts
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.weights import identity_of

_FACTS = {"weights": "w", "kv_dtype": "bfloat16", "chunk_blocks": 8, "parallel": [1, 1], "vllm": "0.32.0"}


def test_each_fact_makes_a_namespace_of_its_own(tmp_path: Path) -> None:
    names = {namespace_name("org/scout", _FACTS)}
    for fact in _FACTS:
        names.add(namespace_name("org/scout", {**_FACTS, fact: "another"}))
    assert len(names) == 1 + len(_FACTS)


def test_the_same_facts_in_another_order_are_the_same() -> None:
    assert namespace_name("m", dict(reversed(_FACTS.items()))) == namespace_name("m", _FACTS)


@pytest.mark.parametrize("model", ["../..", "", "/", "a\0b", "x" * 500, ".hidden", "org/na me"])
def test_no_name_of_a_model_leads_elsewhere(model: str) -> None:
    name = namespace_name(model, _FACTS)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name) < 100


def test_what_it_stands_for_is_written_for_people(tmp_path: Path) -> None:
    name = namespace_name("org/scout", _FACTS)
    for _ in range(2):
        note_facts(tmp_path, name, _FACTS)
    assert [file.name for file in (tmp_path / name).iterdir()] == ["namespace.json"]
    told = json.loads((tmp_path / name / "namespace.json").read_text())
    assert told == {"format": 1, **_FACTS}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"hidden_size": 64}')
    (folder / "model.safetensors").write_bytes(bytes(1000))
    return folder


def test_a_copy_of_small_weights_is_the_same(model: Path, tmp_path: Path) -> None:
    before = identity_of(model)
    os.utime(model / "model.safetensors", ns=(0, 0))
    (model / "README.md").write_text("about")
    (model / ".cache").mkdir()
    (model / ".cache" / "state.json").write_text("{}")
    model.rename(tmp_path / "moved")
    assert identity_of(tmp_path / "moved") == before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_changed_byte_is_another_revision(model: Path, name: str) -> None:
    before = identity_of(model)
    content = bytearray((model / name).read_bytes())
    content[-1] ^= 1
    (model / name).write_bytes(content)
    assert identity_of(model) != before


def test_a_large_file_is_known_by_its_samples_and_its_time(model: Path) -> None:
    large = model / "model-00001.safetensors"
    with large.open("wb") as stream:
        stream.truncate(40 << 20)
    os.utime(large, ns=(1, 1))
    before = identity_of(model)
    with large.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"x")
    os.utime(large, ns=(1, 1))
    changed = identity_of(model)
    os.utime(large, ns=(2, 2))
    assert len({before, changed, identity_of(model)}) == 3


def test_a_file_of_the_hubs_cache_is_known_by_its_hash(model: Path, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    linked = model / "model-00001.safetensors"
    identities = set()
    for blob in ("0" * 64, "1" * 64):
        (blobs / blob).write_bytes(b"of the same size, and never read")
        (blobs / blob).chmod(0)
        linked.unlink(missing_ok=True)
        linked.symlink_to(blobs / blob)
        identities.add(identity_of(model))
    assert len(identities) == 2


def test_a_folder_without_weights_has_no_identity(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no weights"):
        identity_of(tmp_path)
