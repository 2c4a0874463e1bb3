"""Which line of which file a byte of an entry's text belongs to, and back. Knows nothing of tokens or segments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .owners import runs_of
from .types import EntryKind

if TYPE_CHECKING:
    from .entries import Table

__all__ = ["Place", "byte_of_line", "place_in", "section_of_line"]

_SECTIONS = (EntryKind.FILE, EntryKind.PATCH)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file in a pack.

    Attributes:
        path: "" where the pack speaks of itself.
        line: 1-based; of the current version of the file, or of the version that the superseded line was part of.
        is_current: Whether it is a line of the current version.
    """

    path: str
    line: int
    is_current: bool


def place_in(table: "Table", held: Mapping[str, Sequence[int]], number: int, text: bytes, position: int) -> Place:
    """The line that a byte stands in; a tag counts to the line behind it.

    Args:
        table: The entries of the pack.
        held: The sections of each current path.
        number: The entry.
        text: Of the entry.
        position: The byte.
    """
    kind, path = table.kinds[number], table.paths[number]
    if kind not in _SECTIONS:
        return Place(path, 1 if path else 0, is_current=path in held)
    index = _index_at(table, number, text.count(b"\n", 0, position))
    for current, sections in _current_paths(held, number):
        line = 1
        for run in runs_of(table, sections):
            if run.entry == number and run.start <= index < run.start + run.length:
                return Place(current, line + index - run.start, is_current=True)
            line += run.length
    return Place(path, _own_line(table, number, index), is_current=False)


def section_of_line(table: "Table", sections: Sequence[int], line: int) -> tuple[int, int]:
    """The entry in which a current line of a file stands, and which of the lines it brings that is, from 0.

    Raises:
        IndexError: The file has not so many lines.
    """
    first = 1
    for run in runs_of(table, sections):
        if first <= line < first + run.length:
            return run.entry, run.start + line - first
        first += run.length
    raise IndexError(f"line {line} of {first - 1}")


def byte_of_line(table: "Table", number: int, text: bytes, index: int) -> int:
    """Where in an entry's text the line with this index, among those that it brings, begins."""
    position = 0
    for _ in range(_physical(table, number, index)):
        position = text.index(b"\n", position) + 1
    return position


def _current_paths(held: Mapping[str, Sequence[int]], number: int) -> Iterator[tuple[str, Sequence[int]]]:
    """The one file, if any, that the entry is a section of."""
    return ((path, sections) for path, sections in held.items() if number in sections)


def _index_at(table: "Table", number: int, physical: int) -> int:
    """Of the lines that an entry brings the one on, or next behind, a line of its text; both from 0."""
    if table.kinds[number] is EntryKind.FILE:
        return min(max(physical - 1, 0), max(table.num_lines[number] - 1, 0))
    brought, at = 0, 1  # the tag of the patch
    for hunk in table.hunks.get(number, ()):
        count = hunk.new_end - hunk.new_start
        if physical <= at + count:
            return brought + max(physical - at - 1, 0)
        brought, at = brought + count, at + count + 2  # the tags of the hunk
    return max(brought - 1, 0)


def _physical(table: "Table", number: int, index: int) -> int:
    """The line of an entry's text that holds one of the lines it brings; both from 0."""
    if table.kinds[number] is EntryKind.FILE:
        return index + 1
    at = 2
    for hunk in table.hunks.get(number, ()):
        count = hunk.new_end - hunk.new_start
        if index < count:
            break
        index, at = index - count, at + count + 2
    return at + index


def _own_line(table: "Table", number: int, index: int) -> int:
    """The 1-based number that a line had in the version which its entry made."""
    shift = 0
    for hunk in table.hunks.get(number, ()):
        count = hunk.new_end - hunk.new_start
        if index < count:
            return hunk.old_start + shift + index + 1
        index -= count
        shift += count - (hunk.old_end - hunk.old_start)
    return index + 1
