import numpy as np
import pytest
from repoask.context.pack.ids import IdsCache
from repoask.context.pack.types import Piece
from repoask.context.storage.row_cache import RowCache


class Letters:
    """A token a character."""

    exact = True
    name = "letters"

    def __init__(self, name="1"):
        self.id = name
        self.encoded = []

    def count(self, texts):
        return [len(text) for text in texts]

    def encode(self, texts):
        self.encoded += texts
        return [np.frombuffer(text.encode("utf-32-le"), np.uint32) for text in texts]

    def decode(self, ids):
        return "".join(map(chr, ids)).encode()


@pytest.fixture
def cache(tmp_path):
    return RowCache(tmp_path, np.uint32)


def ids(cache, tokenizer, format_version=1):
    return IdsCache(tokenizer, cache, format_version=format_version, batch_chars=20)


def test_a_text_with_a_name_is_encoded_once(cache):
    tokenizer = Letters()
    pieces = [Piece("<file>"), Piece("abc", "blob 1"), Piece("</file>"), Piece("", "empty"), Piece("abc", "blob 1")]
    first = ids(cache, tokenizer).encode(pieces)
    assert [bytes(row.astype(np.uint8)).decode() for row in first] == [piece.text for piece in pieces]
    assert tokenizer.encoded.count("abc") == 1
    again = ids(cache, tokenizer).encode(pieces)
    assert [row.tolist() for row in again] == [row.tolist() for row in first]
    assert tokenizer.encoded.count("abc") == 1
    assert tokenizer.encoded.count("<file>") == 2
    assert ids(cache, tokenizer).count(pieces) == [6, 3, 7, 0, 3]


def test_another_tokenizer_and_another_format_are_encoded_anew(cache):
    pieces = [Piece("abc", "blob 1")]
    ids(cache, Letters()).encode(pieces)
    for tokenizer, version in ((Letters("2"), 1), (Letters(), 2)):
        ids(cache, tokenizer, version).encode(pieces)
        assert tokenizer.encoded == ["abc"]


def test_a_piece_without_a_name_is_not_taken_for_one_with_its_text_as_name(cache):
    tokenizer = Letters()
    named, unnamed = ids(cache, tokenizer).encode([Piece("x", "abc"), Piece("abc")])
    assert (len(named), len(unnamed)) == (1, 3)


def test_texts_are_encoded_in_batches_that_are_stored_as_they_are_done(cache):
    class Breaks(Letters):
        def encode(self, texts):
            if len(self.encoded) >= 2:
                raise KeyboardInterrupt
            return super().encode(texts)

    pieces = [Piece("a" * 9 + str(number), f"blob {number}") for number in range(4)]
    with pytest.raises(KeyboardInterrupt):
        ids(cache, Breaks()).encode(pieces)
    tokenizer = Letters()
    found = ids(cache, tokenizer).encode(pieces[:2])
    assert not tokenizer.encoded
    assert [len(row) for row in found] == [10, 10]
