"""Finds where cited lines stand now: in their place, elsewhere in their file, or in the file that it was renamed to.

Goes by the lines themselves, as they were kept, then by what was quoted of them. Never guesses: what stands in several
places and says little is not found. Knows nothing of sessions, and judges no claim.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from ..ingest.renames import renames_between
from ..ingest.snapshot import read_entries
from ..ingest.types import FileEntry, Snapshot
from .citations import shown_path
from .lines import read_lines
from .quotes import MIN_QUOTE_CHARS, contains, verifies

__all__ = ["CitedLines", "Place", "Relocator"]

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# what stands in place of a line that was withheld as a secret; the file itself holds another one there
_WITHHELD = re.compile(r"\[withheld: .*\]")
# A quote may run over more lines than it was written in: it is looked for in windows wider by so many.
_WIDER = (0, 4)
# files that are new or changed in the work tree, where a file is gone and git knows of no rename
_MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class CitedLines:
    """What is known of a citation that was made earlier.

    Attributes:
        path: As it was shown.
        start: First line.
        end: Last line.
        text: The lines as they were; None where they were not kept.
        quote: What was quoted of them, or "".
        commit: What the source was at then; None for a plain folder.
    """

    path: str
    start: int
    end: int
    text: str | None
    quote: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the lines stand now.

    Attributes:
        path: As it is shown.
        start: First line.
        end: Last line.
        revision: As it is cited.
        moved: False where they stand in the place that was cited.
    """

    path: str
    start: int
    end: int
    revision: str
    moved: bool = True


@dataclass
class _File:
    """The lines of a file; none of one that is no text, or has vanished."""

    lines: list[str]

    @cached_property
    def flat(self) -> list[str]:
        """The same without what is only white space; of many citations in one file, it is made once."""
        return [_flat(line) for line in self.lines]


class Relocator:
    """Looks for cited lines in one snapshot. Reads the files that it needs, each once."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Reads nothing yet."""
        self._snapshot = snapshot
        self._entries = {shown_path(entry.path): entry for entry in snapshot.entries}
        self._files: dict[str, _File] = {}
        self._renames: dict[str, Mapping[str, str]] = {}

    def find(self, cited: CitedLines) -> Place | None:
        """Where the lines stand, or None where they are not found."""
        if entry := self._entries.get(cited.path):
            file = self._read(entry)
            there = file.lines[cited.start - 1 : cited.end]
            if cited.text is not None and _equal([_flat(line) for line in there], _wanted(cited.text)):
                return self._place(entry, cited.start, cited.end, moved=False)
            span = _find_text(file, cited)
            if span is None and cited.quote and verifies(cited.quote, there):
                # edited around what was quoted: the citation is as true as it was
                return self._place(entry, cited.start, cited.end, moved=False)
            span = span or _find_quote(file.lines, cited)
            return None if span is None else self._place(entry, *span)
        if renamed := self._renamed(cited):
            span = _find(self._read(renamed), cited)
            return None if span is None else self._place(renamed, *span)
        found = [(entry, span) for entry in self._candidates(cited.path) if (span := self._telling(entry, cited))]
        return self._place(found[0][0], *found[0][1]) if len(found) == 1 else None

    def _place(self, entry: FileEntry, start: int, end: int, *, moved: bool = True) -> Place:
        return Place(shown_path(entry.path), start, end, self._snapshot.label(entry), moved)

    def _read(self, entry: FileEntry) -> _File:
        if entry.path not in self._files:
            data = next((data for _, data in read_entries(self._snapshot, [entry])), None)
            lines = read_lines(entry.path, data) if data is not None else None
            self._files[entry.path] = _File(lines or [])
        return self._files[entry.path]

    def _renamed(self, cited: CitedLines) -> FileEntry | None:
        """The file that git says the cited one has become."""
        old, new = cited.commit, self._snapshot.commit
        if old is None or new is None or not _COMMIT.fullmatch(old):
            return None
        if old not in self._renames:
            renames = renames_between(self._snapshot.source, old, new)
            self._renames[old] = {shown_path(before): shown_path(after) for before, after in renames.items()}
        return self._entries.get(self._renames[old].get(cited.path, ""))

    def _candidates(self, path: str) -> Iterator[FileEntry]:
        """What a file that is gone may have become: those of the same name, then what is new in the work tree."""
        name = PurePosixPath(path).name
        dirty = set(self._snapshot.dirty[:_MOST_CANDIDATES])
        entries = self._snapshot.entries
        same_name = [entry for entry in entries if PurePosixPath(shown_path(entry.path)).name == name]
        new = [entry for entry in entries if entry.path in dirty and entry not in same_name]
        yield from (same_name + new)[:_MOST_CANDIDATES]

    def _telling(self, entry: FileEntry, cited: CitedLines) -> tuple[int, int] | None:
        """The span of the lines in a file that nothing but the lines themselves speaks for."""
        said = cited.quote if cited.text is None else _said(cited.text.split("\n"))
        return _find(self._read(entry), cited) if len(said) >= MIN_QUOTE_CHARS else None


def _find(file: _File, cited: CitedLines) -> tuple[int, int] | None:
    """The span that holds the cited lines, else what was quoted of them."""
    return _find_text(file, cited) or _find_quote(file.lines, cited)


def _find_text(file: _File, cited: CitedLines) -> tuple[int, int] | None:
    if cited.text is None or not (said := _said(wanted := _wanted(cited.text))):
        return None
    starts = [index for index in _possible(file.flat, wanted) if _equal(file.flat[index : index + len(wanted)], wanted)]
    start = _nearest(starts, cited, said=said)
    return None if start is None else (start + 1, start + len(wanted))


def _find_quote(lines: Sequence[str], cited: CitedLines) -> tuple[int, int] | None:
    if not cited.quote or not contains(lines, cited.quote):
        return None
    for wider in _WIDER:
        size = cited.quote.count("\n") + 1 + wider
        held = {index for index in range(len(lines)) if contains(lines[index : index + size], cited.quote)}
        # a wider window begins above the quote, too: the last of each run begins with it
        starts = sorted(index for index in held if not wider or index + 1 not in held)
        start = _nearest(starts, cited, said=_flat(cited.quote))
        if start is not None:
            end = next(end for end in range(start + 1, start + size + 1) if contains(lines[start:end], cited.quote))
            return start + 1, end
    return None


def _nearest(starts: Sequence[int], cited: CitedLines, *, said: str) -> int | None:
    """Of several places the nearest to the old one; None where there are several of what says little."""
    if not starts or (len(starts) > 1 and len(said) < MIN_QUOTE_CHARS):
        return None
    return min(starts, key=lambda index: (abs(index + 1 - cited.start), index))


def _possible(flat: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """Where the wanted lines may begin, by the longest of them."""
    offset = max(range(len(wanted)), key=lambda index: 0 if _WITHHELD.fullmatch(wanted[index]) else len(wanted[index]))
    for index, line in enumerate(flat):
        if line == wanted[offset] and 0 <= index - offset <= len(flat) - len(wanted):
            yield index - offset


def _equal(flat: Sequence[str], wanted: Sequence[str]) -> bool:
    return len(flat) == len(wanted) and all(
        line == want or _WITHHELD.fullmatch(want) for line, want in zip(flat, wanted, strict=True)
    )


def _wanted(text: str) -> list[str]:
    return [_flat(line) for line in text.split("\n")]


def _said(lines: Sequence[str]) -> str:
    """What the lines say for themselves: no white space, nothing that was withheld."""
    return "".join(line for line in map(_flat, lines) if not _WITHHELD.fullmatch(line))


def _flat(line: str) -> str:
    return " ".join(line.split())
