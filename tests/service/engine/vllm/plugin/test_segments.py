"""Segments are kept within their bound, tenant by tenant, and only what they say they are."""

import hashlib
from array import array

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.segments import SegmentStore, check_segment
from repoask.service.engine.vllm.plugin.repoask_vllm.wire import RefusalError


def segment(*ids: int) -> tuple[str, bytes]:
    data = array("I", ids).tobytes()
    return hashlib.sha256(data).hexdigest(), data


def test_a_tenant_finds_its_own_segments_and_no_other() -> None:
    store = SegmentStore(max_bytes=100)
    digest, ids = segment(1, 2)
    store.put("a", digest, ids)
    assert store.get("a", [digest, digest]) == [ids, ids]
    for tenant in ("b", ""):
        with pytest.raises(RefusalError) as refused:
            store.get(tenant, [digest])
        assert (refused.value.status, refused.value.more) == (409, {"missing": [digest]})


def test_the_longest_unused_segment_goes_first() -> None:
    store = SegmentStore(max_bytes=24)
    named = [segment(number, number) for number in range(3)]
    for digest, ids in named:
        store.put("", digest, ids)
    store.get("", [named[0][0]])
    digest, ids = segment(7)
    store.put("", digest, ids)
    with pytest.raises(RefusalError) as refused:
        store.get("", [each for each, _ in named])
    assert refused.value.more == {"missing": [named[1][0]]}


def test_what_comes_counts_before_it_is_there() -> None:
    store = SegmentStore(max_bytes=24)
    digest, ids = segment(1, 2, 3)
    store.put("", digest, ids)
    with store.receiving(16):
        with pytest.raises(RefusalError, match="not here"):
            store.get("", [digest])
        with pytest.raises(RefusalError) as refused, store.receiving(16):
            pass
    assert refused.value.status == 503
    with pytest.raises(RefusalError) as refused, store.receiving(25):
        pass
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (b"", "not ids of 4 bytes"),
        (b"\1\0\0", "not ids of 4 bytes"),
        (b"\1\0\0\0", "sha256 is not"),
        (array("I", [1, 100]).tobytes(), "no id of the vocabulary"),
    ],
)
def test_what_is_no_segment_is_refused(ids: bytes, said: str) -> None:
    digest = "0" * 64 if said.startswith("sha256") else hashlib.sha256(ids).hexdigest()
    with pytest.raises(RefusalError, match=said):
        check_segment(ids, digest=digest, vocabulary=100)
