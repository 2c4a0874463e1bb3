import shutil

import numpy as np
import pytest
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
    store.add([part], embedder_id="e")
    found = {file.key: file for file in Store(tmp_path / "lance", dimensions=4).read(["a", "b", "c"], embedder_id="e")}
    assert all(same(found[key].record, record) for key, record in zip("abc", records, strict=True))
    assert np.array_equal(np.concatenate([found[key].vectors for key in "abc"]), part.vectors)


def test_only_what_is_asked_is_read(store, make_record, embed):
    store.add([embed(["a", "b"], [make_record("alpha"), make_record("beta")])], embedder_id="e")
    assert [file.key for file in store.read(["b", "unknown"], embedder_id="e")] == ["b"]
    assert list(store.read([], embedder_id="e")) == []


def test_the_same_file_is_kept_for_each_embedder(store, make_record, embed):
    record = make_record("alpha")
    store.add([embed(["a"], [record])], embedder_id="one")
    store.add([embed(["a"], [record])], embedder_id="two")
    store.remove(["a"], embedder_id="one")
    assert store.embedders() == {"two"}
    assert len(list(store.read(["a"], embedder_id="two"))) == 1
    assert store.num_chunks(["a"], embedder_id="two") == 2


def test_many_files_in_many_writes_all_come_back(store, make_record, embed):
    for first in range(0, 600, 200):
        keys = [f"k{number}" for number in range(first, first + 200)]
        store.add([embed(keys, [make_record(key, *["text"] * 9) for key in keys])], embedder_id="e")
    found = list(store.read(store.keys(embedder_id="e"), embedder_id="e"))
    assert len(found) == 600
    assert all([chunk.start for chunk in file.record.chunks] == list(range(1, 19, 2)) for file in found)


def test_chunks_of_an_unfinished_write_are_removed_by_the_next_writer(store, tmp_path, make_record, embed):
    store.add([embed(["a"], [make_record("alpha")])], embedder_id="e")
    store.add([embed(["b"], [make_record("beta")])], embedder_id="e")
    store._files.delete("key = 'b'")  # as if the process had died before it wrote the file's row
    again = Store(tmp_path / "lance", dimensions=4)
    assert again.keys(embedder_id="e") == {"a"}
    assert again._chunks.count_rows() == 2
    again.add([embed(["b"], [make_record("beta")])], embedder_id="e")
    assert len(next(iter(again.read(["b"], embedder_id="e"))).record.chunks) == 2


def test_tidying_loses_nothing(store, make_record, embed):
    for number in range(70):
        store.add([embed([f"k{number}"], [make_record("alpha")])], embedder_id="e")
    store.tidy()
    assert len(store._chunks.list_versions()) < 10
    assert len(list(store.read(store.keys(embedder_id="e"), embedder_id="e"))) == 70


def test_a_file_without_its_chunks_is_damage(store, tmp_path, make_record, embed):
    store.add([embed(["a"], [make_record("alpha")])], embedder_id="e")
    store._chunks.delete("start = 1")
    with pytest.raises(DamagedStoreError):
        list(Store(tmp_path / "lance", dimensions=4).read(["a"], embedder_id="e"))


@pytest.mark.parametrize("part", ["_versions", "data"])
def test_files_that_are_gone_or_garbled_are_damage(store, tmp_path, make_record, embed, part):
    store.add([embed(["a"], [make_record("alpha")])], embedder_id="e")
    for path in (tmp_path / "lance" / "files.lance" / part).iterdir():
        path.write_bytes(b"garbage")
    with pytest.raises(DamagedStoreError):
        list(Store(tmp_path / "lance", dimensions=4).read(["a"], embedder_id="e"))


def test_tables_of_other_columns_are_damage(store, tmp_path):
    with pytest.raises(DamagedStoreError):
        Store(tmp_path / "lance", dimensions=5)


def test_tables_that_cannot_be_written_for_damage_are_called_damaged(store, tmp_path, make_record, embed):
    shutil.rmtree(tmp_path / "lance" / "chunks.lance")
    (tmp_path / "lance" / "chunks.lance").write_text("a file where the folder should be")
    with pytest.raises(DamagedStoreError) as raised:
        store.add([embed(["a"], [make_record("alpha")])], embedder_id="e")
    assert "\n" not in str(raised.value)
    assert ".rs" not in str(raised.value)
