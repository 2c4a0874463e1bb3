"""A hash is believed only while the file is surely the same."""

import os
import time

import pytest
from repoask.ingest.stat_cache import StatCache


def open_cache(root, file="cache", *, object_format="sha1", prefix=""):
    return StatCache(root / file, root=root, prefix=prefix, object_format=object_format)


@pytest.fixture
def file(tmp_path):
    """A file that was last touched long ago, as far as its modification time says."""
    path = tmp_path / "a.txt"
    path.write_text("x")
    return path


def settled(path):
    """Its state as it would be if nothing had changed for a minute."""
    status = list(path.stat())
    minute_ago = time.time() - 60
    return os.stat_result(
        [*status[:7], *(int(minute_ago),) * 3],
        {
            name: value
            for moment in ("atime", "mtime", "ctime")
            for name, value in ((f"st_{moment}", minute_ago), (f"st_{moment}_ns", int(minute_ago) * 10**9))
        },
    )


def test_an_id_is_remembered_across_runs(file, tmp_path):
    status = settled(file)
    cache = open_cache(tmp_path, "state/cache")
    assert cache.get("a.txt", status) is None
    cache.put("a.txt", status, "id")
    cache.save()
    assert open_cache(tmp_path, "state/cache").get("a.txt", status) == "id"


def test_a_file_changed_just_now_is_not_believed(file, tmp_path):
    cache = open_cache(tmp_path)
    cache.put("a.txt", file.stat(), "id")
    cache.save()
    assert open_cache(tmp_path).get("a.txt", file.stat()) is None


def test_any_change_of_state_is_a_miss(file, tmp_path):
    status = settled(file)
    cache = open_cache(tmp_path)
    cache.put("a.txt", status, "id")
    cache.save()
    file.write_text("longer")
    assert open_cache(tmp_path).get("a.txt", file.stat()) is None


def test_files_that_are_gone_are_forgotten(file, tmp_path):
    status = settled(file)
    cache = open_cache(tmp_path)
    cache.put("a.txt", status, "id")
    cache.put("b.txt", status, "id")
    cache.save()
    second = open_cache(tmp_path)
    second.get("b.txt", status)
    second.save()
    assert open_cache(tmp_path).get("a.txt", status) is None


@pytest.mark.parametrize(
    "content",
    [
        b'[[1,"sha1"],{"a.txt":5}]',
        b'[[1,"sha1"],{"a.txt":[1]}]',
        b"",
        b"\0garbage",
        b"[]",
        b"{}",
        b'[[1,"sha1"],[]]',
        b'[[99,"sha1"],{"a.txt":[1,2,3,4,"id"]}]',
    ],
)
def test_a_damaged_or_foreign_cache_is_ignored_and_replaced(file, tmp_path, content):
    status = settled(file)
    cache = open_cache(tmp_path)
    cache.put("a.txt", status, "id")
    cache.save()
    next(tmp_path.glob("cache-*")).write_bytes(content)
    cache = open_cache(tmp_path)
    assert cache.get("a.txt", status) is None
    cache.put("a.txt", status, "id")
    cache.save()
    assert open_cache(tmp_path).get("a.txt", status) == "id"


def test_ids_of_another_object_format_are_not_used(file, tmp_path):
    status = settled(file)
    cache = open_cache(tmp_path)
    cache.put("a.txt", status, "id")
    cache.save()
    assert open_cache(tmp_path, object_format="sha256").get("a.txt", status) is None


def test_names_that_are_no_utf_8_are_kept(file, tmp_path):
    name = os.fsdecode(b"latin-\xe9")
    cache = open_cache(tmp_path)
    status = settled(file)
    cache.put(name, status, "id")
    cache.save()
    assert open_cache(tmp_path).get(name, status) == "id"


def test_a_cache_that_cannot_be_written_is_only_slower(file, tmp_path):
    (tmp_path / "blocked").write_text("a file, no folder")
    cache = open_cache(tmp_path, "blocked/cache")
    status = settled(file)
    cache.put("a.txt", status, "id")
    cache.save()
    assert open_cache(tmp_path, "blocked/cache").get("a.txt", status) is None


def test_a_run_on_a_sub_folder_keeps_what_is_known_of_the_rest(file, tmp_path):
    status = settled(file)
    cache = open_cache(tmp_path)
    for path in ("sub/a.txt", "sub/gone.txt", "other/b.txt"):
        cache.put(path, status, "id")
    cache.save()
    narrow = open_cache(tmp_path, prefix="sub")
    narrow.get("sub/a.txt", status)
    narrow.save()
    known = [path for path in ("sub/a.txt", "sub/gone.txt", "other/b.txt") if open_cache(tmp_path).get(path, status)]
    assert known == ["sub/a.txt", "other/b.txt"]


def test_work_trees_of_one_repository_do_not_spoil_each_other(file, tmp_path):
    status = settled(file)
    for root in ("one", "two"):
        cache = StatCache(tmp_path / "cache", root=tmp_path / root, object_format="sha1")
        cache.put("a.txt", status, root)
        cache.save()
    for root in ("one", "two"):
        cache = StatCache(tmp_path / "cache", root=tmp_path / root, object_format="sha1")
        assert cache.get("a.txt", status) == root
