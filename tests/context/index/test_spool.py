"""Records that wait for their store: kept as they are, taken in by the next run when this one was killed."""

import numpy as np
import pytest
from repoask.context.index.spool import Spool, read_part
from repoask.errors import IndexStoreError


def test_records_come_back_as_they_were_in_the_order_of_writing(tmp_path, make_record, embed, same):
    records = [make_record("alpha"), make_record("beta", "one", "two", "three"), make_record("gamma")]
    spool = Spool(tmp_path / "spool")
    spool.add([embed(["a"], records[:1]), embed(["bb"], records[1:2])])
    spool.add([embed(["ccc"], records[2:])])
    spool.add([])
    files = list(Spool(tmp_path / "spool").files())
    assert [file.key for file in files] == ["a", "bb", "ccc"]
    assert all(same(file.record, record) for file, record in zip(files, records, strict=True))
    assert [file.vectors[:, 0].tolist() for file in files] == [[1, 2], [2, 3, 4], [3, 4]]
    assert [list(part.keys) for part in spool.parts()] == [["a", "bb"], ["ccc"]]


def test_a_part_stays_when_its_file_goes(tmp_path, make_record, embed, same):
    spool = Spool(tmp_path / "spool")
    spool.add([embed(["a"], [make_record("alpha")])])
    part = read_part(spool.paths()[0])
    spool.discard()
    assert spool.paths() == []
    assert same(next(part.flat.records()), make_record("alpha"))
    assert np.array_equal(part.vectors[:, 0], [1, 2])


def test_a_damaged_part_is_passed_over(tmp_path, make_record, embed, caplog):
    spool = Spool(tmp_path / "spool")
    for key in ("a", "b"):
        spool.add([embed([key], [make_record("alpha")])])
    first, _ = spool.paths()
    first.write_bytes(first.read_bytes()[:-3])
    assert [file.key for file in spool.files()] == ["b"]
    assert "is read anew" in caplog.text


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path, make_record, embed):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(IndexStoreError, match="--index-dir"):
        Spool(tmp_path / "taken" / "spool").add([embed(["a"], [make_record("alpha")])])
