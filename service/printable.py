"""Text that can be printed whatever bytes it was made from, and the base of values that hold such text.

Knows nothing of what the values say.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

__all__ = ["Printable", "about", "printable"]

# surrogates that stand for no byte: halves of a pair, as JSON may carry them
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def printable(text: str) -> str:
    r"""Text that is valid Unicode: bytes that were not UTF-8 (surrogate escapes) become `\xNN`, others a mark.

    Paths and command lines may hold such bytes; JSON and pydantic refuse them.
    """
    if text.isascii():
        return text
    return _NO_BYTE.sub("\ufffd", text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Printable:
    """A value whose texts are valid Unicode, whatever bytes the paths and words that it was made from hold."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # every class that has this base is a dataclass
            value = getattr(self, each.name)
            if (valid := _valid(value)) is not value:
                object.__setattr__(self, each.name, valid)


def _valid(value: Any) -> Any:
    """The value itself, or one in its place whose texts are printable."""
    if isinstance(value, str):
        return value if value.isascii() else printable(value)
    if isinstance(value, tuple):
        return value if all(map(_is_ascii, value)) else tuple(map(_valid, value))
    if isinstance(value, dict):
        return {_valid(key): _valid(one) for key, one in value.items()}
    return value


def _is_ascii(value: object) -> bool:
    return isinstance(value, str) and value.isascii()


def about(description: str) -> Mapping[str, str]:
    """The metadata of a field: what the documentation of the JSON says of it."""
    return {"description": description}
