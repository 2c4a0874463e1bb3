import json

import pytest
from repoask.context.pack.tokenizers.estimate import EstimatingCounter
from repoask.context.pack.tokenizers.opening import open_tokenizer

from .conftest import standard_library


def test_no_name_is_an_estimate_and_says_so():
    counter = open_tokenizer(None)
    assert not counter.exact
    assert "estimate" in counter.name
    assert not hasattr(counter, "encode")


def test_an_estimate_of_source_code_is_near_what_models_make_of_it():
    # what Llama 4's tokenizer makes of a file of the standard library of any version is 3.6 to 5.2 bytes a token
    texts = standard_library()
    estimate = sum(EstimatingCounter().count(texts))
    assert 3.6 < sum(len(text.encode()) for text in texts) / estimate < 5.2


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # counted by the tokenizer of Llama 4; the last one by the mean of five, which differ by half of it
        ("def first_line(path: Path) -> str:\n    return path.read_text().splitlines()[0]\n" * 20, 420),
        ("The quick brown fox jumps over the lazy dog, and then it sleeps. " * 20, 321),
        (json.dumps({"id": 12345, "values": [1.5, 2.25, 1000000], "name": "x"}) * 20, 639),
        ("\u042d\u0442\u043e \u043f\u0440\u043e\u0441\u0442\u043e\u0439 \u0442\u0435\u043a\u0441\u0442 " * 20, 85),
    ],
)
def test_kinds_of_text_are_told_apart(text, tokens):
    (estimate,) = EstimatingCounter().count([text])
    assert 0.85 * tokens < estimate < 1.15 * tokens


def test_every_text_has_an_estimate():
    assert EstimatingCounter().count(["", "a", "\ud800", "\0", "x" * 3_000_001])[0] == 0
    assert min(EstimatingCounter().count(["a", "\ud800", "\0"])) >= 1


def test_a_long_text_is_as_much_as_its_halves():
    line = "value = compute(first, second)\n"
    whole, half = EstimatingCounter().count([line * 100_000, line * 50_000])
    assert abs(whole - 2 * half) <= 2
