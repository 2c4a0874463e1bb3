"""How much disk and memory KV is kept in across restarts, and what vLLM is told of it."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError
from repoask.service.engine.vllm.kv_keeping import KvKeeping, adapters_in, keep_kv
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.models import find_model
from repoask.service.planning.serving import Serving, serving_on_cpu, serving_on_gpus

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")

_GB = 10**9
_CHUNK = 8192 * 48 * 1024  # Scout's 12 global layers in bf16


@pytest.fixture(scope="module")
def scout() -> Serving:
    return serving_on_gpus(find_model("scout"), read_machine("8xH200"))


def _keep(serving: Serving, folder: Path, **changes: Any) -> KvKeeping | None:
    asked: dict[str, Any] = {"disk_bytes": None, "memory_bytes": None, "free_bytes": 2000 * _GB, **changes}
    return keep_kv(serving, folder=folder, **asked)


def test_scouts_chunks_are_its_attentions_and_hold_the_global_layers_alone(scout: Serving, tmp_path: Path) -> None:
    keeping = _keep(scout, tmp_path, memory_bytes=_CHUNK)
    assert keeping is not None
    assert keeping.chunk_tokens == 8192 == keeping.restorable_tokens
    with pytest.raises(InputError, match=r"--kv-memory 403 MB: a chunk of 8,192 tokens takes 403 MB"):
        _keep(scout, tmp_path, memory_bytes=_CHUNK - 1)


def test_vllm_is_told_where_and_how_much(scout: Serving, tmp_path: Path) -> None:
    keeping = _keep(scout, tmp_path / "kv", disk_bytes=7 * _GB, memory_bytes=_GB, adapters=("/lora",))
    assert keeping is not None
    flag, value = keeping.flags
    assert flag == "--kv-transfer-config"
    told = json.loads(value)
    extra = told.pop("kv_connector_extra_config")
    assert told["kv_load_failure_policy"] == "recompute"
    (tier,) = extra.pop("secondary_tiers")
    assert (tier["root_dir"], tier["limit_bytes"]) == (str(tmp_path / "kv"), 7 * _GB)
    assert (extra["block_size"], extra["cpu_bytes_to_use"], extra["adapters"]) == (8192, _GB, ["/lora"])
    plugin = Path(__file__).parents[4] / "service" / "engine" / "vllm" / "plugin"
    for module in (told["kv_connector_module_path"], extra["spec_module_path"], tier["module_path"]):
        assert (plugin / (module.replace(".", "/") + ".py")).is_file()


def test_nothing_is_kept_where_none_is_wanted_or_no_chunk_has_room(scout: Serving, tmp_path: Path) -> None:
    assert _keep(scout, tmp_path, disk_bytes=0, memory_bytes=_GB) is None
    assert _keep(scout, tmp_path, free_bytes=_CHUNK) is None


def test_half_of_the_memory_that_the_server_leaves_is_taken_and_no_more_than_is_shared(tmp_path: Path) -> None:
    small = serving_on_cpu(find_model("scout"), free_bytes=300 * _GB)
    keeping = _keep(small, tmp_path, free_bytes=small.host_bytes + 2 * _GB)
    shared = shutil.disk_usage("/dev/shm").free
    if shared < 2 * _GB:
        pytest.skip("/dev/shm is too small here")
    assert keeping is not None
    assert keeping.memory_bytes == _GB


def test_memory_that_cannot_be_shared_is_refused(scout: Serving, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--kv-memory 1000 TB: /dev/shm has .* left; .*--shm-size"):
        _keep(scout, tmp_path, memory_bytes=10**15)


def test_a_disk_limit_under_a_chunk_is_refused(scout: Serving, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--kv-disk 1\.0 MB: a chunk of 8,192 tokens takes 403 MB; .*--kv-disk 0"):
        _keep(scout, tmp_path, disk_bytes=10**6, memory_bytes=_CHUNK)


def test_a_folder_that_cannot_be_made_is_refused(scout: Serving, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"--kv-dir .*/file/kv: cannot be made \(Not a directory\); .*--kv-disk 0"):
        _keep(scout, tmp_path / "file" / "kv", memory_bytes=_CHUNK)


def test_the_default_limit_is_a_share_of_the_disk_and_does_not_shrink_as_it_fills(
    scout: Serving, tmp_path: Path
) -> None:
    keeping = _keep(scout, tmp_path / "not" / "yet", memory_bytes=_CHUNK)
    assert keeping is not None
    assert keeping.disk_bytes == min(50 * _GB, shutil.disk_usage(tmp_path).total // 10)


def test_a_prompt_that_cannot_be_restored_whole_is_told(scout: Serving, tmp_path: Path) -> None:
    told = str(_keep(scout, tmp_path, disk_bytes=7 * _GB, memory_bytes=3 * _CHUNK))
    assert f"in {tmp_path}, at most 7.0 GB (--kv-disk)" in told
    assert "the first 24,576 tokens of a prompt: the rest is read anew" in told
    whole = serving_on_cpu(find_model("scout"), free_bytes=300 * _GB)
    chunks = whole.max_model_len // 8192
    if shutil.disk_usage("/dev/shm").free > chunks * _CHUNK:
        assert "read anew" not in str(_keep(whole, tmp_path, memory_bytes=chunks * _CHUNK))


def test_models_without_chunked_attention_keep_all_their_layers(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    config = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    facts = {"model_type": "llama", "vocab_size": 1000, "max_position_embeddings": 16_384, **config}
    (folder / "config.json").write_text(json.dumps(facts))
    serving = serving_on_cpu(find_model(str(folder)), free_bytes=8 * _GB)
    assert (serving.chunk_tokens, serving.kept_token_bytes) == (1024, 2 * 2 * 64 * 2)


def test_adapters_are_found_in_vllms_flags(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for folder in (one, two, three):
        folder.mkdir()
    flags = [
        "--seed",
        "1",
        "--lora-modules",
        f"a={one}",
        json.dumps({"name": "b", "path": str(two)}),
        "--dtype",
        "auto",
    ]
    assert [*adapters_in(flags)] == [str(one), str(two)]
    assert [*adapters_in([f"--lora-modules=c={three}", "d=org/on-the-hub", "{bad"])] == [str(three)]
