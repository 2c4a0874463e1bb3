import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from repoask.context.storage.row_cache import RowCache


def rows(*keys, length=10):
    return {key: np.arange(length, dtype=np.uint32) + len(key) for key in keys}


def shards(folder):
    return sorted(folder.glob("*.rows"))


def test_rows_come_back_and_others_are_left_out(tmp_path):
    RowCache(tmp_path, np.uint32).put({**rows("a", "bb"), "empty": np.zeros(0, np.uint32), "\udcff": np.ones(3)})
    found = RowCache(tmp_path, np.uint32).get(["a", "bb", "empty", "\udcff", "nothing"])
    assert set(found) == {"a", "bb", "empty", "\udcff"}
    assert found["bb"].tolist() == rows("bb")["bb"].tolist()
    assert found["empty"].tolist() == []
    assert found["\udcff"].dtype == np.uint32


def test_nothing_is_asked_of_a_folder_that_is_not_there(tmp_path):
    cache = RowCache(tmp_path / "none", np.uint32)
    assert cache.get(["a"]) == {}
    cache.put({})
    assert not (tmp_path / "none").exists()


def test_what_another_process_stores_is_found(tmp_path):
    cache = RowCache(tmp_path, np.uint32)
    assert cache.get(["a"]) == {}
    code = (
        "import sys, numpy; from pathlib import Path; from repoask.context.storage.row_cache import RowCache\n"
        "RowCache(Path(sys.argv[1]), numpy.uint32).put({'a': numpy.array([1, 2])})"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, env={**os.environ, "PYTHONPATH": python_path()}
    )
    assert cache.get(["a"])["a"].tolist() == [1, 2]


def python_path():
    import repoask

    return os.pathsep.join([str(Path(repoask.__file__).absolute().parent.parent), os.environ.get("PYTHONPATH", "")])


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    code = (
        "import sys, numpy; from pathlib import Path; from repoask.context.storage.row_cache import RowCache\n"
        "cache = RowCache(Path(sys.argv[1]), numpy.uint32)\n"
        "for n in range(40): cache.put({f'{sys.argv[2]}{n}': numpy.array([n])}); cache.get(['p1', 'q1'])"
    )
    environment = {**os.environ, "PYTHONPATH": python_path()}
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], env=environment) for name in ("p", "q")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    keys = {f"{name}{n}": n for name in ("p", "q") for n in range(40)}
    assert {key: row.tolist() for key, row in RowCache(tmp_path, np.uint32).get(keys).items()} == {
        key: [n] for key, n in keys.items()
    }


def test_many_small_shards_become_one(tmp_path):
    cache = RowCache(tmp_path, np.uint32)
    for number in range(50):
        cache.put({str(number): np.array([number])})
    assert len(shards(tmp_path)) <= 9
    assert len(cache.get([str(number) for number in range(50)])) == 50


def test_a_large_shard_is_not_written_again_for_small_ones(tmp_path):
    cache = RowCache(tmp_path, np.uint32)
    cache.put(rows("large", length=100_000))
    (large,) = shards(tmp_path)
    for number in range(50):
        cache.put({str(number): np.array([number])})
        assert len(shards(tmp_path)) <= 9
    assert large.exists()
    assert len(cache.get(["large", *map(str, range(50))])) == 51


def test_rows_stay_readable_while_their_shard_is_merged(tmp_path):
    cache = RowCache(tmp_path, np.uint32)
    cache.put(rows("first"))
    row = cache.get(["first"])["first"]
    for number in range(50):
        cache.put({str(number): np.array([number])})
    assert row.tolist() == rows("first")["first"].tolist()


def test_the_longest_unused_go_when_there_are_too_many_bytes(tmp_path):
    cache = RowCache(tmp_path, np.uint32, max_bytes=100_000)
    for number in range(10):
        cache.put(rows(str(number), length=5_000))
        for age, path in enumerate(sorted(shards(tmp_path), key=lambda path: path.stat().st_mtime_ns, reverse=True)):
            os.utime(path, (time.time() - age * 60,) * 2)
    assert sum(path.stat().st_size for path in shards(tmp_path)) <= 100_000
    assert set(cache.get([str(number) for number in range(10)])) == {"6", "7", "8", "9"}


def test_use_keeps_a_shard(tmp_path):
    cache = RowCache(tmp_path, np.uint32, max_bytes=70_000)
    for key in ("a", "b"):
        cache.put(rows(key, length=8_000))
    for path in shards(tmp_path):
        os.utime(path, (time.time() - 10_000,) * 2)
    cache.get(["a"])
    cache.put(rows("c", length=8_000))
    assert set(cache.get(["a", "b", "c"])) == {"a", "c"}


@pytest.mark.parametrize("length", [10, 400_000])  # a small file is checked whole, of a large one each row
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "rubbish"])
def test_a_damaged_shard_is_a_miss_and_goes(tmp_path, length, damage):
    RowCache(tmp_path, np.uint32).put(rows("a", length=length))
    (path,) = shards(tmp_path)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-length] ^= 1
    path.write_bytes({"cut": data[:-5], "flipped": data, "empty": b"", "rubbish": b"x" * len(data)}[damage])
    cache = RowCache(tmp_path, np.uint32)
    assert cache.get(["a"]) == {}
    assert not shards(tmp_path)
    cache.put(rows("a"))
    assert len(cache.get(["a"])) == 1


def test_a_damaged_row_is_not_merged_into_a_good_one(tmp_path):
    cache = RowCache(tmp_path, np.uint32)
    cache.put(rows("a", length=400_000))
    (path,) = shards(tmp_path)
    data = bytearray(path.read_bytes())
    data[-4] ^= 1
    path.write_bytes(data)
    for number in range(10):
        RowCache(tmp_path, np.uint32).put(rows(str(number), length=300_000))
    assert not path.exists()
    assert "a" not in RowCache(tmp_path, np.uint32).get(["a"])


def test_rows_of_another_type_are_a_miss(tmp_path):
    RowCache(tmp_path, np.uint8).put(rows("a"))
    assert RowCache(tmp_path, np.uint32).get(["a"]) == {}


def test_a_folder_that_cannot_be_written_remembers_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = RowCache(tmp_path / "file", np.uint32)
    cache.put(rows("a"))
    assert cache.get(["a"]) == {}


def test_shards_that_another_process_has_merged_are_not_merged_again(tmp_path):
    caches = [RowCache(tmp_path, np.uint32) for _ in range(2)]
    for number in range(8):
        caches[number % 2].put({str(number): np.array([number])})
    gone = shards(tmp_path)
    caches[0].put({"8": np.array([8])})  # the ninth: one shard is made of all
    caches[1]._merge_shards([path.name for path in gone])
    assert len(shards(tmp_path)) == 1
    assert len(caches[1].get([str(number) for number in range(9)])) == 9
