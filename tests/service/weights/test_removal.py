from pathlib import Path
from typing import Any

import pytest
from repoask.errors import ModelError
from repoask.service.weights.pulling import plan_pull, pull, register
from repoask.service.weights.removal import remove
from repoask.service.weights.store import WeightsStore

NAME = "org/tiny"


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "models")


def _pull(hub: Any, store: WeightsStore, folder: Path | None = None) -> Path:
    client = hub.client()
    record = pull(client, store, plan_pull(client, store, NAME, folder=folder), progress=lambda *_: None)
    return Path(record.folder)


def test_a_pulled_model_is_gone_with_its_folder(hub: Any, store: WeightsStore) -> None:
    hub.repository.files["sub/vocab.txt"] = b"x"
    folder = _pull(hub, store)
    assert [each.name for each in remove(store, "Org/Tiny")] == [NAME]
    assert not folder.exists()
    assert store.records() == ()


def test_other_files_in_its_folder_stay(hub: Any, store: WeightsStore, tmp_path: Path) -> None:
    folder = _pull(hub, store, tmp_path / "mine")
    (folder / "notes.md").write_text("mine")
    remove(store, f"{NAME}@0123")
    assert [file.name for file in folder.iterdir()] == ["notes.md"]


def test_what_was_pulled_in_part_is_gone_too(hub: Any, store: WeightsStore) -> None:
    hub.repository.break_after = [100_000] + [0] * 20
    with pytest.raises(ModelError, match="breaks off"):
        _pull(hub, store)
    remove(store, NAME)
    assert not list(store.folder.rglob("*.part"))


def test_a_registered_folder_stays(store: WeightsStore, model_hub: Any, tmp_path: Path) -> None:
    folder = model_hub.write_model(tmp_path / "mine")
    register(store, folder)
    remove(store, "mine")
    assert (folder / "model.safetensors").is_file()
    assert store.find("mine") is None


def test_a_model_that_is_not_there_is_told(store: WeightsStore) -> None:
    with pytest.raises(ModelError, match="org/none: no such model on this machine"):
        remove(store, "org/none")
