"""Reads a pack's text the way a model is told to: top to bottom, the last section of a path wins.

It rebuilds every file from the text alone and knows nothing of the log's bookkeeping, so it can prove it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...errors import InputError
from .format import FORMAT, Hunk, join_lines, path_of_attribute, split_lines, unescape
from .types import EntryKind

__all__ = ["Section", "apply", "parse", "read_pack"]

_ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')
_OPENING = re.compile(r'<(\w+)((?: \w+="[^"]*")*)(/?)>\n')
_LINES = re.compile(r'<lines old="(\d+)-(\d+)">\n')


@dataclass(frozen=True, slots=True)
class Section:
    """An entry as its text says it.

    Attributes:
        path: "" where the kind has none; of a rename the new one.
        source: Of a rename, the old path.
        revision: Of an update, and of the end.
        text: Of a file.
        hunks: Of a patch; `new_start` and `new_end` count within `lines`.
        lines: Of a patch: those that it brings, of all hunks.
        newline: Whether the file's last line has a line end.
        num_files: Of the end.
        patched: Of the end: path -> sections, of the files that have more than one.
        start, end: Where the entry stands in the text, in characters.
    """

    kind: EntryKind
    path: str = ""
    source: str = ""
    revision: str = ""
    text: str = ""
    hunks: tuple[Hunk, ...] = ()
    lines: tuple[str, ...] = ()
    newline: bool = True
    num_files: int = 0
    patched: Mapping[str, int] = field(default_factory=dict)
    start: int = 0
    end: int = 0


def read_pack(text: str) -> dict[str, str]:
    """Path -> text of every file, as the sections leave them.

    Raises:
        InputError: The text is no pack, one of another format, or its end belies its sections.
    """
    if not text.startswith("<rules format="):
        raise InputError("not a pack: it does not begin with its rules")
    files: dict[str, str] = {}
    counts: dict[str, int] = {}
    for section in parse(text):
        match section.kind:
            case EntryKind.FILE:
                files[section.path] = section.text
                counts[section.path] = 1
            case EntryKind.PATCH:
                files[section.path] = apply(section, _known(files, section.path, section.start))
                counts[section.path] += 1
            case EntryKind.DELETED:
                _known(files, section.path, section.start)
                del files[section.path], counts[section.path]
            case EntryKind.RENAMED:
                _known(files, section.source, section.start)
                files[section.path] = files.pop(section.source)
                counts[section.path] = counts.pop(section.source)
            case EntryKind.CURRENT:
                _check_current(section, counts)
            case _:
                pass
    return files


def parse(text: str) -> Iterator[Section]:
    """The sections of a pack, or of a part of one that begins and ends at sections.

    Raises:
        InputError: Something that is no section, or another format.
    """
    position = 0
    while position < len(text):
        opening = _OPENING.match(text, position)
        try:
            section = _section(text, opening) if opening else None
        except (KeyError, ValueError):  # an attribute, a number or a closing tag that is not there
            section = None
        if section is None:
            raise InputError(f"not a pack: no section at character {position}: {text[position : position + 40]!r}")
        yield section
        position = section.end


def apply(patch: Section, text: str) -> str:
    """The text of a file after a patch of the version given.

    Raises:
        InputError: The patch counts on more lines than there are.
    """
    old, _ = split_lines(text)
    new: list[str] = []
    position = 0
    for hunk in patch.hunks:
        if not position <= hunk.old_start <= hunk.old_end <= len(old):
            raise InputError(f"not a pack: a patch of {patch.path} replaces lines that are not there")
        new += old[position : hunk.old_start]
        new += patch.lines[hunk.new_start : hunk.new_end]
        position = hunk.old_end
    return join_lines(new + old[position:], patch.newline)


def _section(text: str, opening: re.Match[str]) -> Section | None:
    """The section that an opening tag begins; None where it is none.

    Raises:
        ValueError: Its end is not to be found.
    """
    kind: str = opening[1]
    attributes: dict[str, str] = dict(_ATTRIBUTE.findall(opening[2]))
    newline = attributes.get("newline") != "no"
    path = path_of_attribute(attributes.get("path", attributes.get("to", "")))
    start, inner = opening.span()
    if opening[3]:  # no content
        if kind not in {EntryKind.DELETED, EntryKind.RENAMED, EntryKind.UPDATE, EntryKind.CURRENT}:
            return None
        source = path_of_attribute(attributes.get("from", ""))
        revision = path_of_attribute(attributes.get("revision", ""))
        num_files = int(attributes["files"]) if kind == EntryKind.CURRENT else 0
        return Section(
            EntryKind(kind), path, source=source, revision=revision, num_files=num_files, start=start, end=inner
        )
    closing = f"</{kind}>\n"
    end = text.index(closing, inner)
    body, end = text[inner:end], end + len(closing)
    if kind == EntryKind.FILE:
        body = unescape(body if newline else body[:-1])
        return Section(EntryKind.FILE, path, text=body, newline=newline, start=start, end=end)
    if kind == EntryKind.PATCH:
        hunks, lines = _read_hunks(body)
        return Section(EntryKind.PATCH, path, hunks=hunks, lines=lines, newline=newline, start=start, end=end)
    if kind == EntryKind.CURRENT:
        revision = path_of_attribute(attributes["revision"])
        num_files, patched = int(attributes["files"]), _read_patched(body)
        return Section(EntryKind.CURRENT, revision=revision, num_files=num_files, patched=patched, start=start, end=end)
    if kind == EntryKind.RULES:
        _check_format(int(attributes["format"]))
        return Section(EntryKind.RULES, start=start, end=end)
    return None


def _check_format(number: int) -> None:
    if number > FORMAT:
        raise InputError(f"a pack of format {number}, newer than {FORMAT}: update repoask")
    if number < FORMAT:
        raise InputError(f"a pack of format {number}, older than {FORMAT}: an older repoask made it")


def _read_hunks(body: str) -> tuple[tuple[Hunk, ...], tuple[str, ...]]:
    hunks: list[Hunk] = []
    lines: list[str] = []
    position = 0
    while position < len(body):
        opening = _LINES.match(body, position)
        if opening is None:
            raise ValueError
        end = body.index("</lines>\n", opening.end())
        shown, _ = split_lines(unescape(body[opening.end() : end]))
        first, last = int(opening[1]), int(opening[2])
        hunks.append(Hunk(first - 1, last, len(lines), len(lines) + len(shown)))
        lines += shown
        position = end + len("</lines>\n")
    return tuple(hunks), tuple(lines)


def _read_patched(body: str) -> dict[str, int]:
    lines = (line.split(" ", 1) for line in split_lines(body)[0])
    return {path_of_attribute(path): int(count) for count, path in lines}


def _check_current(end: Section, counts: Mapping[str, int]) -> None:
    if end.num_files != len(counts) or end.patched != {path: count for path, count in counts.items() if count > 1}:
        raise InputError(f"not a pack: its end, at character {end.start}, belies its sections")


def _known(files: dict[str, str], path: str, position: int) -> str:
    if path not in files:
        raise InputError(f"not a pack: the section at character {position} is of {path}, which there is no file of")
    return files[path]
