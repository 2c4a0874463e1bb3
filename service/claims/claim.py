"""A claim with its citations, as a model is asked to write it, and the JSON schema of the whole reply.

Reads one claim from its JSON, leniently in what weak models get wrong without harm. Checks nothing against files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...context.mentions import parse_citations
from ..engine.protocol import Schema
from ..engine.wire import sound

__all__ = ["SCHEMA", "Cited", "Claim", "read_claim", "read_text"]

_TEXT = {"type": "string"}
_LINE = {"type": "integer"}


def _object(**properties: Any) -> dict[str, Any]:
    # every key is required: the strict mode of several servers takes nothing else
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMA: Schema = _object(
    # first: whoever reads along knows what the claims will be
    found={"type": "boolean"},
    claims={
        "type": "array",
        "items": _object(
            text=_TEXT,
            citations={"type": "array", "items": _object(path=_TEXT, start=_LINE, end=_LINE, quote=_TEXT)},
        ),
    },
    missing=_TEXT,
)
"""What a reply follows. No bounds, patterns or formats: servers differ in which of them they know."""

_MAX_PATH_CHARS = 1_000
# each is looked for in the lines of all of them
_MAX_CITATIONS = 50
# as many digits as a citation in prose may have
_MAX_LINE = 9_999_999
_DIGITS = re.compile(r"\d{1,7}")


@dataclass(frozen=True, slots=True)
class Cited:
    """Lines that a claim rests on, as the model wrote them.

    Attributes:
        path: As written, without a leading "./".
        start: First line.
        end: Last line.
        quote: What of them is quoted, or "".
    """

    path: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model claims, in Markdown, and what it rests on."""

    text: str
    citations: tuple[Cited, ...] = ()

    @property
    def cites(self) -> bool:
        """Whether it points anywhere, also by a citation in its text."""
        return bool(self.citations) or bool(parse_citations(self.text))


def read_claim(value: object) -> Claim:
    """The claim of a JSON value.

    Raises:
        ValueError: It is none; the message says why, in words that a model understands.
    """
    if not isinstance(value, dict):
        raise ValueError("it is no object")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("`text` is no text")
    citations = value.get("citations")
    if citations is None:
        citations = []
    if not isinstance(citations, list):
        citations = [citations]
    if len(citations) > _MAX_CITATIONS:
        raise ValueError(f"it has over {_MAX_CITATIONS} citations")
    return Claim(sound(text).strip(), tuple(one for each in citations for one in _read_citation(each)))


def read_text(value: object) -> str:
    """A text, where null and a list of texts stand for one, too.

    Raises:
        ValueError: It is something else.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return sound(value).strip()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(sound(each).strip() for each in value)
    raise ValueError("it is no text")


def _read_citation(value: object) -> Sequence[Cited]:
    if isinstance(value, str):  # "src/app.py:10-14", with or without brackets
        found = parse_citations(f"[{sound(value).strip().strip('[]')}]")
        if not found:
            raise ValueError("a citation is no object")
        return [Cited(one.path, one.start, one.end) for one in found]
    if not isinstance(value, dict):
        raise ValueError("a citation is no object")
    path = value.get("path")
    if not isinstance(path, str) or not path.strip():
        raise ValueError("a citation has no `path`")
    if len(path) > _MAX_PATH_CHARS:
        raise ValueError(f"a `path` is over {_MAX_PATH_CHARS:,} characters")
    start = _line(value, "start")
    end = start if value.get("end") is None else _line(value, "end")
    return [Cited(_clean(sound(path)), start, end, _quote(value.get("quote")))]


def _line(citation: dict[str, object], key: str) -> int:
    line = citation.get(key)
    if isinstance(line, str) and _DIGITS.fullmatch(line.strip()):
        line = int(line)
    if isinstance(line, float) and line.is_integer():
        line = int(line)
    if isinstance(line, bool) or not isinstance(line, int) or not 0 <= line <= _MAX_LINE:
        raise ValueError(f"`{key}` of a citation is no line number")
    return line


def _quote(value: object) -> str:
    try:
        return read_text(value)
    except ValueError:
        raise ValueError("`quote` of a citation is no text") from None


def _clean(path: str) -> str:
    return path.strip().strip("`").removeprefix("./")
