"""Takes a JSON object apart while it comes: each member's value as soon as it is whole, of one list each item.

Its time is linear in the text, however it is cut into pieces. Knows nothing of what the members mean.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["Member", "MemberScanner", "load_json"]

# a claim has 3 levels; more of them is an attack on whoever reads by recursion
_MAX_DEPTH = 32
_BLANK = re.compile(r"[ \t\r\n]*")
_IN_STRING = re.compile(r'["\\]')
_IN_CONTAINER = re.compile(r'["\[\]{}]')
_AFTER_SCALAR = re.compile(r'[\s,\[\]{}:"]')


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the object.

    Attributes:
        key: Its name.
        text: The JSON of its value, or of one item of it.
        is_item: Whether it is an item.
    """

    key: str
    text: str
    is_item: bool


def load_json(text: str) -> Any:
    """The value of a JSON text. Line ends inside strings pass; of equal keys the first counts.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return json.loads(text, strict=False, parse_constant=_refuse, object_pairs_hook=_first_of_each)
    except (ValueError, RecursionError) as error:  # its own words quote the text, or speak of Python
        raise ValueError("it is no JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _first_of_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


# what a mark between two values leads to; a comma before the end is passed over
_MARKS = {
    ("object", "{"): "key",
    ("key", "}"): "done",
    ("colon", ":"): "value",
    ("next", ","): "key",
    ("next", "}"): "done",
    ("item", "]"): "next",
    ("next item", ","): "item",
    ("next item", "]"): "next",
}
_EXPECTED = {
    "object": "`{`",
    "key": "a key in quotes",
    "colon": "`:`",
    "value": "a value",
    "next": "`,` or `}`",
    "item": "a value",
    "next item": "`,` or `]`",
}


class MemberScanner:
    """Fed an object from its `{` on.

    Attributes:
        is_done: The object is whole; what follows it is passed over.
        problem: Why it is no JSON, once that is known: then nothing more is read. "" otherwise.
    """

    def __init__(self, *, items_of: str) -> None:
        """`items_of` names the member whose items come one by one."""
        self.is_done = False
        self.problem = ""
        self._items_of = items_of
        self._state = "object"
        self._key = ""
        self._is_key = False
        self._parts: list[str] | None = None
        self._is_scalar = False
        self._in_string = False
        self._escaped = False
        self._depth = 0

    @property
    def unfinished(self) -> str:
        """The text of the value that has begun and is not whole; "" between values."""
        return "".join(self._parts or ())

    def feed(self, text: str) -> Iterator[Member]:
        """The values that become whole with this piece."""
        position = 0
        while position < len(text) and not self.is_done and not self.problem:
            if self._parts is None:
                position = self._between(text, position)
                continue
            start = position
            position, is_whole = self._scan(text, start)
            self._parts.append(text[start:position])
            if is_whole and (member := self._closed("".join(self._parts))):
                yield member

    def _between(self, text: str, position: int) -> int:
        """Takes one mark between values; stands at the first character of a value where one begins."""
        blank = _BLANK.match(text, position)
        position = blank.end() if blank else position
        if position == len(text):
            return position
        char = text[position]
        after = _MARKS.get((self._state, char))
        if self._state == "value" and char == "[" and self._key == self._items_of:
            after = "item"
        if after is not None:
            self._state = after
            self.is_done = after == "done"
            return position + 1
        begins = char == '"' if self._state == "key" else self._state in ("value", "item") and char not in ",:]}"
        if begins:
            self._begin(char, is_key=self._state == "key")
        else:
            self.problem = f"there is a wrong character where {_EXPECTED[self._state]} should be"
        return position

    def _begin(self, char: str, *, is_key: bool) -> None:
        self._parts = []
        self._is_key = is_key
        self._is_scalar = char not in '"[{'
        self._in_string = self._escaped = False
        self._depth = 0

    def _scan(self, text: str, position: int) -> tuple[int, bool]:
        """Where the value goes to in this piece, and whether it is whole there."""
        if self._is_scalar:
            end = _AFTER_SCALAR.search(text, position)
            return (end.start(), True) if end else (len(text), False)
        while position < len(text):
            if self._escaped:
                self._escaped = False
                position += 1
                continue
            mark = (_IN_STRING if self._in_string else _IN_CONTAINER).search(text, position)
            if mark is None:
                return len(text), False
            position = mark.end()
            self._take(mark[0])
            if self.problem or (not self._in_string and self._depth == 0):
                return position, not self.problem
        return position, False

    def _take(self, mark: str) -> None:
        if mark == "\\":
            self._escaped = True
        elif mark == '"':
            self._in_string = not self._in_string
        else:
            self._depth += 1 if mark in "[{" else -1
            if self._depth > _MAX_DEPTH:
                self.problem = "it is nested too deeply"

    def _closed(self, text: str) -> Member | None:
        """The value that is whole now; None for a key."""
        self._parts = None
        if self._is_key:
            self._state = "colon"
            try:
                self._key = load_json(text)
            except ValueError:
                self.problem = "a key is no JSON"
            return None
        is_item = self._state == "item"
        self._state = "next item" if is_item else "next"
        return Member(self._key, text, is_item)
