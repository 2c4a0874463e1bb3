"""Reads a value of a setting as a flag, a variable or a file says it. Knows no setting by name.

By hand, for a question waits for it: these few plain types take pydantic 80 ms to load and to build. What a server
sends stays pydantic's.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

__all__ = ["ByteSize", "read_value"]

_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
_FALSE = frozenset({"0", "false", "no", "off", "n", "f"})
_SIZE = re.compile(r"\s*(\d{0,15}\.?\d{1,15})\s*([a-z]*)\s*", re.IGNORECASE)
_UNITS = {
    "": 1,
    "b": 1,
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgtp", 1)},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgtp", 1)},
}


class ByteSize(int):
    """A number of bytes that a person writes and reads as `50 MB`."""

    def __str__(self) -> str:
        for unit in ("PB", "TB", "GB", "MB", "KB"):
            if self >= (scale := _UNITS[unit.lower()]):
                return f"{self / scale:.1f} {unit}".replace(".0 ", " ")
        return f"{int(self)} B"


def read_value(value: object, kind: Any, *, above: float | None = None) -> Any:
    """The value as its type.

    Args:
        value: What was typed, or what TOML holds.
        kind: The annotation: str, int, float, bool, ByteSize, tuple[str, ...], Path | None, or a Literal of words.
        above: The number must be larger.

    Raises:
        ValueError: It is none of this type; the message says what would be.
    """
    read = _read_word if get_origin(kind) is Literal else _READERS[kind]
    found: Any = read(value, kind)
    if above is not None and found <= above:
        raise ValueError(f"is not over {above:g}")
    return found


def _read_text(value: object, _: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is no text; put it in quotes")
    return value


def _read_word(value: object, kind: Any) -> object:
    if value not in get_args(kind):
        raise ValueError(f"is none of {', '.join(map(repr, get_args(kind)))}")
    return value


def _read_whole(value: object, _: Any) -> int:
    try:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return int(value)
    except ValueError:
        pass  # as anything else that is none
    raise ValueError("is no whole number")


def _read_number(value: object, _: Any) -> float:
    try:
        if (
            isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and math.isfinite(found := float(value))
        ):
            return found
    except (ValueError, OverflowError):
        pass  # as anything else that is none
    raise ValueError("is no number")


def _read_switch(value: object, _: Any) -> bool:
    word = str(value).strip().lower()
    if isinstance(value, bool | str | int) and word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("is neither yes nor no")


def _read_size(value: object, _: Any) -> ByteSize:
    found = _SIZE.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None or found[2].lower() not in _UNITS:
        raise ValueError("is no size; write bytes, or as in 50 MB")
    return ByteSize(float(found[1]) * _UNITS[found[2].lower()])


def _read_words(value: object, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError('is no list of texts, as in ["docs/**"]')
    return tuple(value)


def _read_path(value: object, _: Any) -> Path | None:
    if value is None or isinstance(value, Path):
        return value
    if not isinstance(value, str):
        raise ValueError("is no path; put it in quotes")
    if not value:
        raise ValueError("is empty; name a path")
    # ~ comes unread from a file or a variable; unlike Path's, this never raises
    return Path(os.path.expanduser(value))  # noqa: PTH111


_READERS: Mapping[Any, Callable[[object, Any], Any]] = {
    str: _read_text,
    int: _read_whole,
    float: _read_number,
    bool: _read_switch,
    ByteSize: _read_size,
    tuple[str, ...]: _read_words,
    Path | None: _read_path,
}
