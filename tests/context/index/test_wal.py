import os

import numpy as np
from repoask.context.index import wal as wal_module
from repoask.context.index.wal import WriteAheadLog


def _vectors(record):
    return np.full((len(record.chunks), 4), 0.5, np.float32)


def test_a_record_is_found_again_by_another_process_of_the_same_embedder(tmp_path, make_record, same):
    record = make_record("alpha")
    WriteAheadLog(tmp_path, embedder_id="endpoint-1").put("key", record, _vectors(record))
    found = WriteAheadLog(tmp_path, embedder_id="endpoint-1").get("key")
    assert found is not None
    assert same(found[0], record)
    assert np.array_equal(found[1], _vectors(record))
    assert WriteAheadLog(tmp_path, embedder_id="endpoint-2").get("key") is None


def test_a_damaged_entry_is_no_entry_and_can_be_written_again(tmp_path, make_record):
    record, log = make_record("alpha"), WriteAheadLog(tmp_path, embedder_id="e")
    log.put("key", record, _vectors(record))
    (path,) = tmp_path.rglob("*.rec")
    path.write_bytes(path.read_bytes()[:-3])
    assert log.get("key") is None
    assert list(log.entries()) == []
    log.put("key", record, _vectors(record))
    assert log.get("key") is not None


def test_entries_are_moved_out_by_key(tmp_path, make_record):
    log = WriteAheadLog(tmp_path, embedder_id="e")
    for name in ("alpha", "beta"):
        record = make_record(name)
        log.put(name, record, _vectors(record))
    assert sorted(entry.keys[0] for entry in log.entries()) == ["alpha", "beta"]
    log.remove(["alpha", "never there"])
    assert [entry.keys[0] for entry in log.entries()] == ["beta"]


def test_the_log_drops_its_oldest_entries(tmp_path, make_record):
    record, log = make_record("alpha", "x"), WriteAheadLog(tmp_path, embedder_id="e")
    limit = wal_module._MAX_ENTRIES
    log.put("oldest", record, _vectors(record))
    (path,) = tmp_path.rglob("*.rec")
    os.utime(path, (1, 1))
    for number in range(limit):
        (path.parent / f"{number}.rec").touch()
    log.prune()
    assert log.get("oldest") is None
    assert len(list(path.parent.iterdir())) == limit


def test_a_log_that_cannot_be_written_costs_no_answer(tmp_path, make_record, caplog):
    (tmp_path / "log").write_text("a file where the folder should be")
    record = make_record("alpha")
    WriteAheadLog(tmp_path, embedder_id="e").put("key", record, _vectors(record))
    assert str(tmp_path / "log") in caplog.text
