"""Values of settings: read as a person writes them, refused in words that say what would do."""

from pathlib import Path
from typing import Any, Literal

import pytest
from repoask.values import ByteSize, read_value

WORDS = tuple[str, ...]
PATH = Path | None
FORMAT = Literal["text", "json"]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("7", int, 7),
        (" -7 ", int, -7),
        (7, int, 7),
        ("0.5", float, 0.5),
        (2, float, 2.0),
        (True, bool, True),
        ("Yes", bool, True),
        ("off", bool, False),
        (0, bool, False),
        ("50 MB", ByteSize, 50_000_000),
        ("1.5kb", ByteSize, 1_500),
        ("1MiB", ByteSize, 1 << 20),
        ("123", ByteSize, 123),
        (123, ByteSize, 123),
        (["a", "b"], WORDS, ("a", "b")),
        ((), WORDS, ()),
        ("~/x", PATH, Path.home() / "x"),
        (None, PATH, None),
        ("json", FORMAT, "json"),
        ("", str, ""),
    ],
)
def test_a_value_becomes_its_type(value: object, kind: Any, expected: object) -> None:
    found = read_value(value, kind)
    assert (found, type(found)) == (expected, type(expected) if kind is not ByteSize else ByteSize)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("many", int, "is no whole number"),
        (1.5, int, "is no whole number"),
        (True, int, "is no whole number"),
        ("nan", float, "is no number"),
        ("1e999", float, "is no number"),
        (10**400, float, "is no number"),
        (True, float, "is no number"),
        ("maybe", bool, "is neither yes nor no"),
        (2, bool, "is neither yes nor no"),
        ("50 parsecs", ByteSize, "is no size"),
        ("-1", ByteSize, "is no size"),
        ("9" * 400, ByteSize, "is no size"),
        (True, ByteSize, "is no size"),
        ("docs/**", WORDS, "is no list of texts"),
        ([1], WORDS, "is no list of texts"),
        ("", PATH, "is empty"),
        (5, PATH, "is no path"),
        ("xml", FORMAT, "is none of 'text', 'json'"),
        ([], FORMAT, "is none of"),
        (5, str, "is no text"),
    ],
)
def test_what_is_none_of_its_type_is_told(value: object, kind: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_value(value, kind)


@pytest.mark.parametrize(("value", "kind"), [("0", int), (0.0, float), ("0 KB", ByteSize)])
def test_a_number_that_must_be_above_a_limit_is_not_the_limit(value: object, kind: Any) -> None:
    with pytest.raises(ValueError, match="is not over 0"):
        read_value(value, kind, above=0)


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (999, "999 B"), (2_000_000, "2 MB"), (1_500, "1.5 KB"), (5_000_000_000, "5 GB")]
)
def test_a_size_is_shown_as_a_person_writes_it(size: int, shown: str) -> None:
    assert str(ByteSize(size)) == shown
    assert read_value(shown, ByteSize) == size
