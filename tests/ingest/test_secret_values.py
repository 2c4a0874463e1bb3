import keyword
import random
import re
import string
from pathlib import Path

import pytest
from repoask.ingest.secret_values import is_credential, is_placeholder, is_published, is_random

MIXED = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
BASE_36 = string.ascii_lowercase + string.digits


def share_taken_for_random(length: int, characters: str, *, bare: bool) -> float:
    source = random.Random(length)
    values = ["".join(source.choices(characters, k=length)) for _ in range(1_000)]
    return sum(is_random(value, bare=bare) for value in values) / len(values)


@pytest.mark.parametrize(
    ("length", "characters", "bare", "least"),
    [
        (12, MIXED, False, 0.95),
        (20, MIXED, False, 0.99),
        (20, MIXED, True, 0.98),
        (40, MIXED, True, 0.999),
        (16, MIXED + "!#$%^&*", False, 0.98),
        (24, BASE_36, False, 0.97),
        (32, HEX, False, 0.99),
        (64, HEX, True, 0.999),
    ],
)
def test_random_values_are_seldom_missed(length, characters, bare, least):
    assert share_taken_for_random(length, characters, bare=bare) >= least


def test_names_in_code_are_hardly_ever_taken_for_random():
    sources = sorted(Path(keyword.__file__).parent.glob("[a-z]*.py"))
    names = {name for path in sources for name in re.findall(r"\b[A-Za-z_]\w{9,}", path.read_text("utf-8"))}
    assert len(names) > 5_000
    assert sum(map(is_random, names)) <= 0.005 * len(names)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "12345678901234567890",
        "a1b2c3d4e5f6g7h8",
        "https://login.acme.io/v2/9f8a7b6c5d4e3f2a",
        "/usr/lib/python3.11/site-packages/oauth2",
        "2024-01-31T12:59:59Z",
        "your-secret-key-here-123456",
        "%Y-%m-%dT%H:%M:%S",
        "00000000000000000000000000000000",
        "application/vnd.github.v3",
    ],
)
def test_samples_places_and_times_are_not_random(value):
    assert not is_random(value)


@pytest.mark.parametrize(
    ("value", "opens"), [("dXNlcjpwYXNzd29yZA==", False), ("c3ZjOlRxN3czWnA5THgyVg==", True), ("eXl5", False)]
)
def test_a_basic_credential_is_judged_by_the_password_in_it(value, opens):
    assert is_credential(value) == opens


@pytest.mark.parametrize("value", ["${DB_PASS}", "<token>", "{{ secret }}", "$PASSWORD", "xxxx", "****", "%(pw)s"])
def test_what_says_what_to_put_there_is_a_placeholder(value):
    assert is_placeholder(value)
    assert not is_random(value)


def test_a_published_sample_is_known_whole_only():
    sample = "5f352379324c22463451" + "387a0aec5d2f"
    assert is_published(sample)
    assert not is_published(sample[:-1] + "0")
