"""The signatures of what a file defines, nested as they stand in it. Read from the index; knows nothing of outlines."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..index.segment import Segment
from ..retrieval.corpus import Corpus

__all__ = ["Signature", "signatures_of"]

_CALLABLE = frozenset({"function", "method", "declaration", "macro"})
_HOLDER = frozenset({"class", "interface", "struct", "enum", "trait", "type"})
_SHOWN = _CALLABLE | _HOLDER | {"module", "constant", "section"}
_AT_TOP_ONLY = frozenset({"constant"})  # members of an enum, keys of a table
_MOST_SECTIONS_DEEP = 1  # headings below the second level say little of a document
_MOST_LINES = 8  # that one signature may be spread over
_MOST_CHARS = 160
_OPENING, _CLOSING = "([", ")]"


@dataclass(frozen=True, slots=True)
class Signature:
    """One line about a definition.

    Attributes:
        depth: How many shown things it stands in.
        text: Its first line, or its first few where brackets stay open, without what opens its body.
        is_member: It is held by a class or the like; or it is a heading under another.
    """

    depth: int
    text: str
    is_member: bool


@dataclass(frozen=True, slots=True)
class _Open:
    """A definition whose end is not reached yet."""

    end: int
    kind: str


def signatures_of(file: int, corpus: Corpus) -> tuple[Signature, ...]:
    """The signatures of a file row, in the order in which they stand there; none of what is local to a function.

    Files of data, of history and of somebody else's code tell no reader what the project does: their paths must do.
    """
    segment, row = corpus.file(file)
    roles = corpus.roles(file)
    if roles.data or roles.history or roles.vendored or not len(segment.definitions_of(row)):
        return ()
    return tuple(_shown(segment, row, _Lines(segment, row)))


class _Lines:
    """The lines of a file, read chunk by chunk as they are asked for."""

    def __init__(self, segment: Segment, row: int) -> None:
        self._texts, self._chunks = segment.texts, segment.chunks_of(row)
        self._starts: list[int] = segment.chunk_start[self._chunks.start : self._chunks.stop].tolist()
        self._read: tuple[int, list[str]] = (-1, [])

    def from_line(self, line: int) -> list[str]:
        """The lines of a chunk from a line on."""
        at = max(bisect_right(self._starts, line) - 1, 0)
        if not self._starts:
            return []
        if self._read[0] != at:
            self._read = at, self._texts[self._chunks.start + at].split("\n")
        skipped = line - self._starts[at]
        return self._read[1][skipped : skipped + _MOST_LINES]


def _shown(segment: Segment, row: int, lines: _Lines) -> Iterator[Signature]:
    open_: list[_Open] = []
    owner_told, last_line = "", 0
    for at in segment.definitions_of(row):
        start, line = int(segment.definition_start[at]), int(segment.definition_line[at])
        kind = segment.kinds[int(segment.definition_kind[at])]
        while open_ and open_[-1].end < start:
            open_.pop()
        if line == last_line or not _is_shown(kind, [each.kind for each in open_]):
            continue
        text = _signature(lines.from_line(line))
        if kind == "macro" and text.startswith("#") and "(" not in text:
            continue  # a constant of C, or the guard of a header
        last_line = line
        owner = "" if open_ else _owner(segment, at)
        # methods of an `impl` block stand in no definition, and do not say whose they are
        is_apart = bool(owner) and not re.search(rf"\b{re.escape(owner.rpartition('.')[2])}\b", text)
        if is_apart and owner != owner_told:
            yield Signature(0, owner, is_member=True)
        owner_told = owner if is_apart else ""
        yield Signature(len(open_) + is_apart, text, bool(owner) or _is_member(kind, open_))
        open_.append(_Open(int(segment.definition_end[at]), kind))


def _owner(segment: Segment, definition: int) -> str:
    qualified, name = segment.qualified_names[definition], segment.names[definition]
    return qualified.removesuffix(f".{name}") if qualified != name else ""


def _is_member(kind: str, around: Sequence[_Open]) -> bool:
    if kind == "section":
        return bool(around)
    return kind not in _HOLDER and any(each.kind in _HOLDER for each in around)


def _is_shown(kind: str, around: Sequence[str]) -> bool:
    if kind not in _SHOWN or any(each in _CALLABLE for each in around):
        return False
    if kind == "section":
        return len(around) <= _MOST_SECTIONS_DEEP
    return not around or kind not in _AT_TOP_ONLY


def _signature(lines: Sequence[str]) -> str:
    """The first of these lines, with the next ones while brackets stay open, on one line."""
    told, open_brackets = "", 0
    for line in lines:
        part = line.strip()
        told += part if not told or told[-1] in _OPENING or part[:1] in _CLOSING else f" {part}"
        open_brackets += sum(map(part.count, _OPENING)) - sum(map(part.count, _CLOSING))
        if open_brackets <= 0 or len(told) > _MOST_CHARS:
            break
    told = told.rstrip(" {:=")
    return told if len(told) <= _MOST_CHARS else told[:_MOST_CHARS].rstrip() + "..."
