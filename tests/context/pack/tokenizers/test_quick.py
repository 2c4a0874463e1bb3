import numpy as np
import pytest
from repoask.context.pack.tokenizers.ascii_patterns import ascii_pattern
from repoask.context.pack.tokenizers.huggingface import HuggingFaceEncoding, TokenizerJson
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.context.pack.tokenizers.patterns import ranks_kind
from repoask.context.pack.tokenizers.quick import QuickEncoding, quick_arrays
from repoask.context.pack.tokenizers.tiktoken_ranks import RanksEncoding, RanksFile

from .conftest import SPECIAL, attacks, standard_library


def lines():
    return [line for text in standard_library()[::8] for line in text.splitlines(keepends=True) if line.isascii()]


def test_short_texts_have_the_ids_of_the_oracle(model):
    file = TokenizerJson(model / "tokenizer.json")
    quick, oracle = QuickEncoding(*quick_arrays(file.vocabulary)), HuggingFaceEncoding(file)
    texts = [*lines(), *(text for text in attacks(SPECIAL) if text.isascii())]
    assert len(texts) > 5_000
    for text in texts:
        ids = quick.encode(text)
        assert ids is None or np.array_equal(ids, oracle.encode(text)), text
    assert sum(quick.encode(text) is None for text in texts) < len(texts) / 20


def test_short_texts_have_the_ids_of_tiktoken(ranks):
    file = RanksFile(ranks)
    quick, oracle = QuickEncoding(*quick_arrays(file.vocabulary)), RanksEncoding(file)
    for text in lines():
        ids = quick.encode(text)
        assert ids is None or np.array_equal(ids, oracle.encode(text)), text


def test_a_tokenizer_that_was_used_before_gives_short_texts_without_its_file_being_parsed(llama_4_like, tmp_path):
    text = "def f(path):\n    return path.read_text()\n"
    (expected,) = open_tokenizer(str(llama_4_like), cache=tmp_path).encode([text + "\u00e9"])
    later = open_tokenizer(str(llama_4_like), cache=tmp_path)
    (ids,) = later.encode([text])
    assert "_encoding" not in vars(later)
    assert later.decode(expected).startswith(later.decode(ids))
    assert open_tokenizer(str(llama_4_like)).encode([text])[0].tolist() == ids.tolist()


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "rubbish"])
def test_a_damaged_file_changes_no_ids(llama_4_like, tmp_path, damage):
    texts = lines()[:500]
    expected = [ids.tolist() for ids in open_tokenizer(str(llama_4_like), cache=tmp_path).encode(["\u00e9", *texts])][
        1:
    ]
    (path,) = tmp_path.glob("*.quick")
    data = bytearray(path.read_bytes())
    for place in range(1000, len(data), 997):
        data[place] ^= 1 if damage == "flipped" else 0
    path.write_bytes({"cut": data[:-5], "flipped": data, "empty": b"", "rubbish": b"x" * len(data)}[damage])
    again = open_tokenizer(str(llama_4_like), cache=tmp_path)
    assert [ids.tolist() for ids in again.encode(texts)] == expected


def test_every_known_pattern_has_one_for_ascii():
    for count in (50_256, 100_256, 151_643, 200_000):
        assert ascii_pattern(ranks_kind(count).pattern)


@pytest.mark.parametrize("pattern", [r"\w+", r"\p{Han}+", r"[a-z&&[aeiou]]", r"(?<=x)y", r"[^\S]", "(", r"(?x) a"])
def test_a_pattern_that_is_not_known_has_none(pattern):
    assert ascii_pattern(pattern) is None
