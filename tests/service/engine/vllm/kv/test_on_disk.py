"""Another process can tell how much of a prompt would come back from the disk."""

from pathlib import Path

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.folder import chunk_path
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.on_disk import KvOnDisk, announce, kv_on_disk

_HASHES = [bytes([number]) * 32 for number in range(12)]


def _kv(namespace: Path, **changes: object) -> KvOnDisk:
    # chunks of four blocks
    facts = {"block_tokens": 128, "chunk_blocks": 4, "prefix_groups": (3,), "window_groups": (), "most_tokens": 10_000}
    return KvOnDisk(namespace=str(namespace), **{**facts, **changes})  # type: ignore[arg-type]


def _put(namespace: Path, block: int, group: int) -> None:
    path = chunk_path(namespace, _HASHES[block] + group.to_bytes(4, "big"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_whole_chunks_from_the_beginning_count(tmp_path: Path) -> None:
    kv = _kv(tmp_path)
    assert kv.on_disk(_HASHES) == 0
    _put(tmp_path, 7, 3)
    assert kv.on_disk(_HASHES) == 0
    _put(tmp_path, 3, 3)
    assert kv.on_disk(_HASHES) == 8
    assert kv.on_disk(_HASHES[:7]) == 4
    assert kv.on_disk([]) == 0


def test_every_group_must_be_there(tmp_path: Path) -> None:
    for block in (3, 7):
        _put(tmp_path, block, 0)
    _put(tmp_path, 3, 1)
    assert _kv(tmp_path, prefix_groups=(0, 1)).on_disk(_HASHES) == 4


def test_of_a_window_the_last_chunks_are_needed(tmp_path: Path) -> None:
    for block in (3, 7, 11):
        _put(tmp_path, block, 0)
    _put(tmp_path, 7, 1)
    kv = _kv(tmp_path, prefix_groups=(0,), window_groups=((1, 1),))
    assert kv.on_disk(_HASHES) == 8
    assert _kv(tmp_path, prefix_groups=(0,), window_groups=((1, 2),)).on_disk(_HASHES) == 0


def test_what_the_engine_holds_is_not_loaded_nor_less_than_a_chunk_beyond_it(tmp_path: Path) -> None:
    for block in (7, 11):
        _put(tmp_path, block, 3)
    kv = _kv(tmp_path)
    assert [kv.on_disk(_HASHES, held=held) for held in (0, 3, 4, 6, 8, 9, 12)] == [0, 3, 12, 12, 12, 9, 12]
    assert kv.on_disk(_HASHES[:8], held=6) == 6


def test_no_more_than_host_memory_has_room_for(tmp_path: Path) -> None:
    for block in (3, 7, 11):
        _put(tmp_path, block, 3)
    assert _kv(tmp_path, most_tokens=2 * 4 * 128 + 500).on_disk(_HASHES) == 8


def test_an_engine_is_found_by_its_id_while_it_runs(tmp_path: Path) -> None:
    kv = _kv(tmp_path / "model-1", window_groups=((1, 1),))
    with announce(tmp_path, "engine-1", kv):
        assert kv_on_disk(tmp_path, "engine-1") == kv
        assert kv_on_disk(tmp_path, "engine-2") is None
    assert kv_on_disk(tmp_path, "engine-1") is None


def test_what_a_killed_engine_told_goes_at_the_next_start(tmp_path: Path) -> None:
    kv = _kv(tmp_path / "model-1")
    left = tmp_path / "running" / "killed.json"
    left.parent.mkdir()
    left.write_text("{}")
    with announce(tmp_path, "engine-1", kv), announce(tmp_path, "engine-2", kv):
        assert not left.exists()
        assert kv_on_disk(tmp_path, "engine-1") == kv


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"namespace": 1}', b"\xff"])
def test_nonsense_tells_nothing(tmp_path: Path, told: bytes) -> None:
    (tmp_path / "running").mkdir()
    (tmp_path / "running" / "engine-1.json").write_bytes(told)
    assert kv_on_disk(tmp_path, "engine-1") is None
