"""An object taken apart as it comes: the same members however it is cut, in time linear in it."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repoask.service.claims.members import Member, MemberScanner, load_json

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.sampled_from(["a", 'k"{', "é\\"]), _VALUES, max_size=3)


def _scan(*pieces: str) -> tuple[list[Member], MemberScanner]:
    scanner = MemberScanner(items_of="list")
    return [member for piece in pieces for member in scanner.feed(piece)], scanner


@settings(deadline=None, max_examples=50)
@given(_OBJECTS, st.lists(_VALUES, max_size=3), st.sampled_from([None, 1]), st.booleans())
def test_every_member_is_read_and_of_one_list_each_item(
    members: dict[str, Any], items: list[Any], indent: int | None, ascii_alone: bool
) -> None:
    text = json.dumps(members | {"list": items}, indent=indent, ensure_ascii=ascii_alone)
    found, scanner = _scan(text)
    assert (scanner.is_done, scanner.problem) == (True, "")
    assert [load_json(one.text) for one in found if one.is_item] == items
    assert {one.key: load_json(one.text) for one in found if not one.is_item} == members


@settings(deadline=None, max_examples=50)
@given(_OBJECTS, st.lists(_VALUES, max_size=2))
def test_the_pieces_that_it_comes_in_make_no_difference(members: dict[str, Any], items: list[Any]) -> None:
    text = json.dumps({"list": items} | members) + " and more"
    whole, _ = _scan(text)
    assert _scan(*text)[0] == whole
    for cut in range(len(text)):
        assert _scan(text[:cut], text[cut:])[0] == whole


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet='{}[]",:\\ tn1x'))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found, scanner = _scan("{" + text)
    assert _scan(*("{" + text))[0] == found
    if scanner.is_done:
        assert not scanner.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a" 1}', "`:`"),
        ('{"a": }', "a value"),
        ('{"a": 1 "b"', "`,` or `}`"),
        ("{a: 1}", "a key in quotes"),
        ('{"list": [1 2', "`,` or `]`"),
        ('{"list": [,', "a value"),
        ('{"\\x": 1}', "key"),
        ('{"a": ' + "[" * 40, "nested"),
    ],
)
def test_what_is_no_json_is_told_by_its_place(text: str, problem: str) -> None:
    assert problem in _scan(text)[1].problem


def test_a_comma_too_many_is_passed_over() -> None:
    found, scanner = _scan('{"list": [1, 2,], "a": 3,}')
    assert ([member.text for member in found], scanner.problem) == (["1", "2", "3"], "")


def test_of_equal_keys_the_first_counts() -> None:
    assert load_json('{"a": 1, "a": 2}') == {"a": 1}


@pytest.mark.parametrize("text", ["NaN", "[" * 100_000, "1" * 5_000, "{", "", "'a'"])
def test_what_json_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it is no JSON"):
        load_json(text)


@pytest.mark.parametrize("unit", ['{"a": "', "\\", '"', " ", "[", '{"list": [', "{},", '"a": 1, '])
def test_time_is_linear_in_the_text_whatever_the_pieces(unit: str) -> None:
    def seconds(count: int) -> float:
        text = '{"list": [' + unit * count
        begin = time.perf_counter()
        _scan(*(text[start : start + 3] for start in range(0, len(text), 3)))
        return time.perf_counter() - begin

    # a hundred times the text in far less than ten thousand times the time
    assert seconds(100_000) < 1_000 * max(seconds(1_000), 0.001)
