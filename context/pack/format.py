r"""The text of a pack's entries: its tags, how a path and a file's text stand in them, what a model is told of them.

No text of a file can hold a tag: where it says something that reads as one, a backslash stands after the "<", one more
than there was, so that it can be taken back out. Knows nothing of what is current; `log.py` does.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .types import EntryKind, Piece

__all__ = [
    "FORMAT",
    "RULES",
    "Hunk",
    "current",
    "deleted",
    "escape",
    "file",
    "join_lines",
    "patch",
    "path_attribute",
    "path_of_attribute",
    "renamed",
    "rules",
    "split_lines",
    "unescape",
    "update",
]

FORMAT = 2
"""Of the text; raised whenever a pack of the same files would read otherwise. A reader refuses all others."""

RULES = f"""<rules format="{FORMAT}">
This is a repository as a log: first its files, then what changed in them since. Read it from top to bottom.
A file section holds the whole text of the file at its path. A patch section replaces lines of that file as it stood
just before: the lines from the first to the last number of "old" (none where the second is smaller: the text is put in
before the first) give way to those shown. Numbers count the lines before the patch, from 1. newline="no": the last
line has no line end. A deleted section removes a file; a renamed section moves one. An update section says that what
follows is of a newer revision. For every path the LAST section wins: text that a later section of the same path
replaces is history; never quote it as current.
Where not all files fit, a line such as "[lines 5-9 of 40]" in a file section stands above each part of the file that is
shown: the other lines are not here. An outline, ".repoask/outline.txt" unless the repository has such a file, then
tells of the files that are not here in full.
The current section ends the log: its revision, how many files there are, and for each file that more than one section
shows the number of these sections, to be read together.
A backslash after "<" in a file's text, or in a part after "[", keeps it from being read as a tag of this log or as the
line above a part; it is not part of the file.
</rules>
"""

_TAG = (
    r"(?:(?:file|patch|deleted) path=|lines old=|renamed from=|(?:update|current) revision=|rules format="
    r"|/(?:file|patch|lines|rules|current)>)"
)
_ESCAPABLE = re.compile(rf"<(?=\\*{_TAG})")
_ESCAPED = re.compile(rf"<\\(?=\\*{_TAG})")
# What an attribute cannot hold: its own signs, control characters, separators that look like a line end, bad bytes.
_UNSAFE = re.compile('[%"<>\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]')
_NO_NEWLINE = ' newline="no"'


class Hunk(NamedTuple):
    """Lines `old_start` to `old_end` of the version before give way to `new_start` to `new_end`; 0-based, half open."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def escape(text: str) -> str:
    r"""A file's text with no tag of the format in it: `</file>` becomes `<\/file>`, `<\/file>` becomes `<\\/file>`."""
    return _ESCAPABLE.sub(r"<\\", text) if "<" in text else text


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return _ESCAPED.sub("<", text) if "<\\" in text else text


def path_attribute(path: str) -> str:
    """A path as it stands between quotes: some characters, and bytes that are not UTF-8, as %XX."""
    return _UNSAFE.sub(lambda found: _percent(found[0]), path)


def path_of_attribute(value: str) -> str:
    """The inverse of `path_attribute`."""
    return unquote_to_bytes(value).decode("utf-8", "surrogateescape") if "%" in value else value


def split_lines(text: str) -> tuple[list[str], bool]:
    r"""The lines of a text without their "\n", and whether the last one has one. An empty text has no lines."""
    lines = text.split("\n")
    if lines[-1]:
        return lines, False
    lines.pop()
    return lines, True


def join_lines(lines: Sequence[str], newline: bool) -> str:
    """The inverse of `split_lines`."""
    return "\n".join(lines) + ("\n" if newline and lines else "")


def rules() -> tuple[Piece, ...]:
    """How to read what follows; the same in every pack."""
    return (Piece(RULES),)


def file(path: str, text: str, content: str) -> tuple[Piece, ...]:
    """A whole file. Its text is a piece of its own, so that its ids are remembered under `content`."""
    newline = not text or text.endswith("\n")
    opening = Piece(f'<file path="{path_attribute(path)}"{"" if newline else _NO_NEWLINE}>\n')
    closing = Piece("</file>\n" if newline else "\n</file>\n")
    return (opening, Piece(escape(text), content), closing) if text else (opening, closing)


def patch(path: str, hunks: Iterable[Hunk], lines: Sequence[str], newline: bool) -> tuple[Piece, ...]:
    """The lines of a file that differ from its version before.

    Args:
        path: Of the file.
        hunks: In order, apart from each other.
        lines: Of the new version, all of them.
        newline: Whether the new version's last line has a line end.
    """
    parts = [f'<patch path="{path_attribute(path)}"{"" if newline else _NO_NEWLINE}>\n']
    for hunk in hunks:
        body = "".join(f"{line}\n" for line in lines[hunk.new_start : hunk.new_end])
        parts.append(f'<lines old="{hunk.old_start + 1}-{hunk.old_end}">\n{escape(body)}</lines>\n')
    return (Piece("".join([*parts, "</patch>\n"])),)


def deleted(path: str) -> tuple[Piece, ...]:
    """The file is no more."""
    return (Piece(f'<deleted path="{path_attribute(path)}"/>\n'),)


def renamed(old: str, new: str) -> tuple[Piece, ...]:
    """The file has another path; its text so far is that of the new path."""
    return (Piece(f'<renamed from="{path_attribute(old)}" to="{path_attribute(new)}"/>\n'),)


def update(revision: str) -> tuple[Piece, ...]:
    """What follows is of a newer revision."""
    return (Piece(f'<{EntryKind.UPDATE} revision="{path_attribute(revision)}"/>\n'),)


def current(revision: str, num_files: int, patched: Mapping[str, int]) -> tuple[Piece, ...]:
    """The end: which revision all this is, and where more than the last section of a path counts.

    Args:
        revision: Of the whole.
        num_files: That there are.
        patched: Path -> sections, of the files that have more than one.
    """
    opening = f'<{EntryKind.CURRENT} revision="{path_attribute(revision)}" files="{num_files}"'
    if not patched:
        return (Piece(f"{opening}/>\n"),)
    lines = "".join(f"{patched[path]} {path_attribute(path)}\n" for path in sorted(patched))
    return (Piece(f"{opening}>\n{lines}</{EntryKind.CURRENT}>\n"),)


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))
