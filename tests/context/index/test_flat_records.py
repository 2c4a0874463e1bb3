import pickle

from repoask.context.index.flat_records import flatten
from repoask.context.types import FileRecord
from repoask.ingest.types import Reason


def test_records_come_back_as_they_were(make_record, same):
    records = [
        make_record("alpha"),
        FileRecord("b" * 40, "", Reason.BINARY, 12),
        make_record("beta", "one chunk"),
        FileRecord("c" * 40, "python", None, 0),
    ]
    back = list(flatten(records).records())
    assert len(back) == len(records)
    assert all(same(one, other) for one, other in zip(records, back, strict=True))


def test_columns_cross_a_process_in_little_more_than_their_text(make_record):
    records = [make_record(f"name{number}") for number in range(200)]
    flat = flatten(records)
    size = len(pickle.dumps(flat, protocol=5))
    payload = len(flat.text) + flat.terms.nbytes + flat.counts.nbytes + sum(len(head.symbols) for head in flat.heads)
    assert size < 2 * payload


def test_a_lone_surrogate_does_not_stop_an_index(make_record):
    (record,) = flatten([make_record("alpha", "bad \udc80 text")]).records()
    assert record.chunks[0].text == "bad ? text"


def test_no_records_give_empty_columns():
    flat = flatten([])
    assert flat.num_chunks == 0
    assert list(flat.records()) == []
