"""Pulling from an imitation of the hub (see tests/service/model_hub.py for what it stands for)."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import ModelError, OfflineError
from repoask.service.weights.hub import Hub
from repoask.service.weights.pulling import Pull, plan_pull, pull
from repoask.service.weights.record import ModelRecord
from repoask.service.weights.store import WeightsStore

NAME = "org/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "models")


def _ignore(*_: object) -> None:
    pass


def _pull(hub: Any, store: WeightsStore, progress: Any = _ignore, **options: Any) -> ModelRecord:
    client = hub.client(token=options.pop("token", None))
    return pull(client, store, plan_pull(client, store, NAME, **options), progress=progress)


def _contents(record: ModelRecord) -> dict[str, bytes]:
    return {file.path: Path(record.folder, file.path).read_bytes() for file in record.files}


def test_a_model_is_found_by_its_name_once_it_is_whole(hub: Any, store: WeightsStore) -> None:
    assert store.find(NAME) is None
    record = _pull(hub, store)
    assert _contents(record) == hub.repository.files
    assert store.find(NAME) == store.find("Org/Tiny@0123456") == record
    assert record.is_whole()
    assert (record.revision, record.licence.name) == (COMMIT, "apache-2.0")
    assert not [file for file in Path(record.folder).rglob("*") if file.suffix == ".part"]


def test_progress_tells_all_bytes_once(hub: Any, store: WeightsStore) -> None:
    told: list[tuple[str, int, int]] = []
    hub.repository.break_after = [1_500_000]
    _pull(hub, store, progress=lambda *step: told.append(step))
    assert told[-1] == ("model.safetensors", 3, 3)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_broken_connection_goes_on_where_it_ended(hub: Any, store: WeightsStore) -> None:
    hub.repository.break_after = [1_000_000, 500_000]
    record = _pull(hub, store)
    assert _contents(record) == hub.repository.files
    begins = [headers.get("range") for headers in hub.asked("large:/model.safetensors")]
    assert begins[0] is None
    assert len(begins) == 3
    # what the kernel had not handed on when the connection broke is asked for again
    assert all(begin and 0 < int(begin[6:-1]) <= 1_500_000 for begin in begins[1:])


def test_a_pull_that_was_ended_is_gone_on_with_by_the_next(hub: Any, store: WeightsStore) -> None:
    def interrupt(_: str, done: int, __: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _pull(hub, store, progress=interrupt)
    with pytest.raises(ModelError, match=f"org/tiny: is pulled in part; go on with: repoask model pull {NAME}"):
        store.find(NAME)
    planned = plan_pull(hub.client(), store, NAME)
    assert 0 < planned.here < planned.size
    record = _pull(hub, store)
    assert _contents(record) == hub.repository.files
    assert int(hub.asked("large:/model.safetensors")[-1]["range"][6:-1]) >= 1 << 20
    # files that were whole are not fetched again
    assert len(hub.asked(f"/{NAME}/resolve/{COMMIT}/config.json")) == 1


def test_a_server_without_ranges_begins_anew(hub: Any, store: WeightsStore) -> None:
    hub.repository.break_after = [1_000_000]
    hub.repository.knows_ranges = False
    assert _contents(_pull(hub, store)) == hub.repository.files


def test_what_breaks_off_for_ever_ends(hub: Any, store: WeightsStore) -> None:
    hub.repository.break_after = [0] * 20
    with pytest.raises(ModelError, match=r"model\.safetensors breaks off again and again"):
        _pull(hub, store)
    assert len(hub.asked("large:")) < 10


def test_a_file_with_another_hash_is_never_in_place(hub: Any, store: WeightsStore) -> None:
    content = hub.repository.files["model.safetensors"]
    lfs = {"size": len(content), "sha256": "0" * 64, "pointerSize": 134}
    hub.repository.announced["model.safetensors"] = {"lfs": lfs}
    with pytest.raises(ModelError, match=f"its sha256 is {hashlib.sha256(content).hexdigest()}, not 0000"):
        _pull(hub, store)
    with pytest.raises(ModelError, match="in part"):
        store.find(NAME)
    assert not list(store.folder.rglob("model.safetensors*"))


def test_a_small_file_is_checked_by_gits_hash(hub: Any, store: WeightsStore) -> None:
    hub.repository.announced["config.json"] = {"blobId": "0" * 40}
    with pytest.raises(ModelError, match=r"config\.json is not what the hub has announced: its sha1"):
        _pull(hub, store)


def test_a_file_that_was_damaged_on_disk_is_fetched_again(hub: Any, store: WeightsStore) -> None:
    weights = Path(_pull(hub, store).folder, "model.safetensors")
    weights.write_bytes(bytes(weights.stat().st_size))
    asked = len(hub.asked("large:"))
    assert _contents(_pull(hub, store)) == hub.repository.files
    assert len(hub.asked("large:")) == asked + 1


def test_a_model_that_is_whole_is_checked_and_not_fetched(hub: Any, store: WeightsStore) -> None:
    first = _pull(hub, store)
    asked = len(hub.asked(f"/{NAME}/"))
    again = _pull(hub, store)
    assert len(hub.asked(f"/{NAME}/")) == asked
    assert again.files == first.files


def test_a_file_that_is_gone_makes_it_incomplete(hub: Any, store: WeightsStore) -> None:
    Path(_pull(hub, store).folder, "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="in part"):
        store.find(NAME)


def test_the_token_goes_to_the_hub_and_not_to_where_it_sends(hub: Any, store: WeightsStore) -> None:
    _pull(hub, store, token="hf_secret")
    assert hub.asked(f"/{NAME}/resolve")[0]["authorization"] == "Bearer hf_secret"
    assert all("hf_secret" not in str(headers) for headers in hub.asked("large:"))


@pytest.mark.parametrize("status", [401, 403])
def test_a_licence_that_is_not_accepted_is_told_with_its_page(hub: Any, store: WeightsStore, status: int) -> None:
    hub.repository.gated = "manual"
    hub.repository.card = {"license": "other", "license_name": "llama4", "license_link": "LICENSE"}
    hub.repository.refuses = (status, "GatedRepo")
    planned = plan_pull(hub.client(), store, NAME)
    assert planned.model.licence.is_gated
    assert planned.model.licence.link == f"{hub.url}/{NAME}/blob/main/LICENSE"
    with pytest.raises(ModelError) as caught:
        _pull(hub, store)
    assert str(caught.value) == (
        f"{NAME}: its licence (llama4) must be accepted first: do so at {hub.url}/{NAME}, then give your token by "
        "HF_TOKEN or `hf auth login` and pull again"
    )


def test_a_model_that_is_not_there_is_one_line(hub: Any, store: WeightsStore) -> None:
    with pytest.raises(ModelError, match=r"^org/other: not on the hub, or private; check the name, or give your token"):
        plan_pull(hub.client(), store, "org/other")
    with pytest.raises(ModelError, match="has no such revision"):
        plan_pull(hub.client(), store, NAME, revision="v9")
    with pytest.raises(ModelError, match="no name of a model on the hub; write it as ORG/NAME"):
        plan_pull(hub.client(), store, "tiny")


def test_offline_asks_nobody(hub: Any, store: WeightsStore) -> None:
    with pytest.raises(OfflineError, match="--offline forbids asking the hub"):
        plan_pull(hub.client(is_offline=True), store, NAME)
    assert not hub.repository.asked


@pytest.mark.parametrize(
    "name",
    ["../../x.json", "/etc/x.json", "a/../../x.json", "a\\..\\x.json", "c:x.json", "a//x.json", "./x.json", "x\n.json"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused_before_anything_is_fetched(
    hub: Any, store: WeightsStore, name: str
) -> None:
    hub.repository.files[name] = b"{}"
    with pytest.raises(ModelError, match="cannot be taken: Value error, no path inside a model's folder") as caught:
        plan_pull(hub.client(), store, NAME)
    assert "\n" not in str(caught.value)
    assert not hub.asked(f"/{NAME}/")


@pytest.mark.parametrize("size", [-1, 10**16, "12", 1.5, None, True])
def test_a_size_that_no_file_has_is_refused(hub: Any, store: WeightsStore, size: Any) -> None:
    hub.repository.announced["config.json"] = {"size": size}
    with pytest.raises(ModelError, match=r"'config\.json' cannot be taken"):
        plan_pull(hub.client(), store, NAME)


def test_a_file_without_a_hash_is_refused(hub: Any, store: WeightsStore) -> None:
    hub.repository.announced["config.json"] = {"blobId": None}
    with pytest.raises(ModelError, match="the hub tells no hash of it"):
        plan_pull(hub.client(), store, NAME)


def test_what_is_longer_than_announced_is_not_taken(hub: Any, store: WeightsStore) -> None:
    hub.repository.too_much = b"x" * 5_000_000
    with pytest.raises(ModelError, match=r"longer than the 3,000,\d+ bytes that the hub has announced"):
        _pull(hub, store)
    kept = sum(file.stat().st_size for file in store.folder.rglob("model.safetensors*"))
    assert kept <= len(hub.repository.files["model.safetensors"])


def test_too_little_room_is_told_before_anything_is_fetched(hub: Any, store: WeightsStore) -> None:
    lfs = {"size": 9 * 10**14, "sha256": "0" * 64, "pointerSize": 134}
    hub.repository.announced["model.safetensors"] = {"lfs": lfs}
    with pytest.raises(ModelError, match=r"org/tiny: 900 TB to fetch, and .* are free at .*; make room"):
        plan_pull(hub.client(), store, NAME)
    assert not hub.asked(f"/{NAME}/")


def test_pickles_and_programs_are_left_out(hub: Any, store: WeightsStore) -> None:
    hub.repository.files |= {
        "pytorch_model.bin": b"x",
        "modeling.py": b"x",
        "original/a.safetensors": b"x",
        ".x.json": b"x",
    }
    hub.repository.files |= {"consolidated.safetensors": b"x"}
    taken = {file.path for file in plan_pull(hub.client(), store, NAME).files}
    assert taken == {"config.json", "tokenizer.json", "LICENSE", "model.safetensors"}


def test_pickled_weights_are_taken_on_demand_alone(hub: Any, store: WeightsStore) -> None:
    del hub.repository.files["model.safetensors"]
    hub.repository.files["pytorch_model.bin"] = b"pickle"
    with pytest.raises(ModelError, match="pickled, which run code when they are loaded; add --pickled"):
        plan_pull(hub.client(), store, NAME)
    assert _pull(hub, store, takes_pickled=True).is_whole()


@pytest.mark.parametrize(
    ("more", "why"),
    [({"model-q4.gguf": b"x"}, "holds GGUF files"), ({}, "the hub has no weights in it")],
)
def test_what_vllm_cannot_load_is_told(hub: Any, store: WeightsStore, more: dict[str, bytes], why: str) -> None:
    del hub.repository.files["model.safetensors"]
    hub.repository.files |= more
    with pytest.raises(ModelError, match=why):
        plan_pull(hub.client(), store, NAME)


def test_shards_that_the_hub_lacks_are_told_before_weights_are_fetched(hub: Any, store: WeightsStore) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    hub.repository.files["model.safetensors.index.json"] = json.dumps(index).encode()
    with pytest.raises(ModelError, match=r"model-2\.safetensors of the 2 weights in its index missing"):
        _pull(hub, store)
    assert not hub.asked("large:")


def test_another_folder_is_used_and_remembered(hub: Any, store: WeightsStore, tmp_path: Path) -> None:
    record = _pull(hub, store, folder=tmp_path / "elsewhere")
    assert record.folder == str(tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "model.safetensors").is_file()
    assert store.find(NAME) == record


def test_two_pulls_of_one_model_do_not_mix(hub: Any, store: WeightsStore) -> None:
    with store.held(NAME), pytest.raises(ModelError, match="another repoask is pulling it"):
        _pull(hub, store)


def test_what_is_no_hub_is_told(store: WeightsStore, serve: Any) -> None:
    server = serve()
    with pytest.raises(ModelError, match=r"^org/tiny: not found .*; check the name, and HF_ENDPOINT$"):
        plan_pull(Hub(endpoint=server.base_url.removesuffix("/v1")), store, NAME)


@pytest.mark.skipif(not shutil.which("mount") or os.geteuid() != 0, reason="needs a small disk of its own")
def test_a_disk_that_fills_up_keeps_what_was_fetched(hub: Any, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        store = WeightsStore(disk / "models")
        planned = plan_pull(hub.client(), WeightsStore(tmp_path / "models"), NAME)
        there = Pull(planned.model, planned.files, store.place_of(NAME, COMMIT), 0)
        with pytest.raises(ModelError, match="the disk is full; make room, and pull again to go on"):
            pull(hub.client(), store, there, progress=_ignore)
        assert list(disk.rglob("model.safetensors.part"))
    finally:
        subprocess.run(["umount", disk], check=True)
