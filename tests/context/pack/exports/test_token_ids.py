"""Token ids as numpy reads them."""

import io
from pathlib import Path

import numpy as np
import pytest
from repoask.context.pack.exports.openings import TOKEN_IDS_OPENING
from repoask.context.pack.exports.token_ids import write_token_ids

RUNS = [np.array([1, 2, 201_000], np.uint32), np.array([], np.uint32), np.array([2**32 - 1], np.uint32)]


def test_numpy_maps_the_ids_as_one_row(tmp_path: Path) -> None:
    file = tmp_path / "pack.npy"
    with file.open("wb") as out:
        write_token_ids(iter(RUNS), out, count=4)
    ids = np.load(file, mmap_mode="r")
    assert (ids.dtype, ids.tolist()) == (np.dtype("<u4"), [1, 2, 201_000, 2**32 - 1])
    assert file.read_bytes().startswith(TOKEN_IDS_OPENING)


def test_ids_of_the_other_byte_order_are_turned() -> None:
    out = io.BytesIO()
    write_token_ids([RUNS[0].astype(">u4")], out, count=3)
    assert np.load(io.BytesIO(out.getvalue())).tolist() == [1, 2, 201_000]


@pytest.mark.parametrize(("count", "word"), [(3, "many"), (5, "few")])
def test_a_count_that_is_not_true_is_an_error(count: int, word: str) -> None:
    with pytest.raises(ValueError, match=f"1 ids too {word}"):
        write_token_ids(RUNS, io.BytesIO(), count=count)
