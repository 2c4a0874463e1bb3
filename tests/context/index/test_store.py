import shutil

import numpy as np
import pytest
from repoask.context.index.flat_records import Embedded, flatten
from repoask.context.index.layout import DamagedStoreError
from repoask.context.index.store import Store
from repoask.context.types import FileRecord
from repoask.ingest.types import Reason


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "lance", dimensions=4)


def test_records_and_vectors_come_back_from_disk(store, tmp_path, make_record, embed, same):
    records = [make_record("alpha"), FileRecord("b" * 40, "", Reason.BINARY, 9), make_record("beta", "one chunk")]
    part = embed(["a", "b", "c"], records)
    store.add([part])
    found = {file.key: file for file in Store(tmp_path / "lance", dimensions=4).read(["a", "b", "c"])}
    assert all(same(found[key].record, record) for key, record in zip("abc", records, strict=True))
    assert np.array_equal(np.concatenate([found[key].vectors for key in "abc"]), part.vectors)


def test_only_what_is_asked_is_read(store, make_record, embed):
    store.add([embed(["a", "b"], [make_record("alpha"), make_record("beta")])])
    assert [file.key for file in store.read(["b", "unknown"])] == ["b"]
    assert list(store.read([])) == []


def test_what_is_removed_is_gone_and_the_rest_stays(store, tmp_path, make_record, embed):
    store.add([embed(["a", "b"], [make_record("alpha"), make_record("beta")])])
    store.remove(["a", "unknown"])
    assert store.keys() == Store(tmp_path / "lance", dimensions=4).keys() == {"b"}
    assert [file.key for file in store.read(["a", "b"])] == ["b"]


def test_records_without_vectors_are_kept_without_them(tmp_path, make_record, same):
    flat = flatten([make_record("alpha")])
    plain = Store(tmp_path / "plain", dimensions=0)
    plain.add([Embedded(["a"], flat, np.zeros((flat.num_chunks, 0), np.float32))])
    found = next(iter(Store(tmp_path / "plain", dimensions=0).read(["a"])))
    assert same(found.record, make_record("alpha"))
    assert found.vectors.shape == (2, 0)


def test_many_files_in_many_writes_all_come_back(store, make_record, embed):
    for first in range(0, 600, 200):
        keys = [f"k{number}" for number in range(first, first + 200)]
        store.add([embed(keys, [make_record(key, *["text"] * 9) for key in keys])])
    found = list(store.read(store.keys()))
    assert len(found) == 600
    assert all([chunk.start for chunk in file.record.chunks] == list(range(1, 19, 2)) for file in found)


def test_chunks_of_an_unfinished_write_are_removed_by_the_next_writer(store, tmp_path, make_record, embed):
    store.add([embed(["a"], [make_record("alpha")])])
    store.add([embed(["b"], [make_record("beta")])])
    store._files.delete("key = 'b'")  # as if the process had died before it wrote the file's row
    again = Store(tmp_path / "lance", dimensions=4)
    assert again.keys() == {"a"}
    assert again._chunks.count_rows() == 2
    again.add([embed(["b"], [make_record("beta")])])
    assert len(next(iter(again.read(["b"]))).record.chunks) == 2


def test_tidying_loses_nothing(store, make_record, embed):
    for number in range(70):
        store.add([embed([f"k{number}"], [make_record("alpha")])])
    store.tidy()
    assert len(store._chunks.list_versions()) < 10
    assert len(list(store.read(store.keys()))) == 70


def test_a_file_without_its_chunks_is_damage(store, tmp_path, make_record, embed):
    store.add([embed(["a"], [make_record("alpha")])])
    store._chunks.delete("start = 1")
    with pytest.raises(DamagedStoreError):
        list(Store(tmp_path / "lance", dimensions=4).read(["a"]))


@pytest.mark.parametrize("part", ["_versions", "data"])
def test_files_that_are_gone_or_garbled_are_damage(store, tmp_path, make_record, embed, part):
    store.add([embed(["a"], [make_record("alpha")])])
    for path in (tmp_path / "lance" / "files.lance" / part).iterdir():
        path.write_bytes(b"garbage")
    with pytest.raises(DamagedStoreError):
        list(Store(tmp_path / "lance", dimensions=4).read(["a"]))


def test_tables_of_other_columns_are_damage(store, tmp_path):
    with pytest.raises(DamagedStoreError):
        Store(tmp_path / "lance", dimensions=5)


def test_tables_that_cannot_be_written_for_damage_are_called_damaged(store, tmp_path, make_record, embed):
    shutil.rmtree(tmp_path / "lance" / "chunks.lance")
    (tmp_path / "lance" / "chunks.lance").write_text("a file where the folder should be")
    with pytest.raises(DamagedStoreError) as raised:
        store.add([embed(["a"], [make_record("alpha")])])
    assert "\n" not in str(raised.value)
    assert ".rs" not in str(raised.value)
