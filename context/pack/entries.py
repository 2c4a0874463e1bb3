"""The entries of a log in columns, and the same as plain values that can be stored. Knows nothing of texts or diffs.

A log of 10,000 files is read, cut and written again in a few milliseconds: no object stands for an entry until it is
asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .format import Hunk
from .types import EntryKind, Piece

__all__ = ["Entry", "LogState", "Row", "Table", "sections_of"]

_VERSION = 1
_COLUMNS = ("paths", "contents", "num_lines", "num_chars", "sizes", "lives")
_KINDS = {kind: kind.value[0] for kind in EntryKind}
# "r" would stand for rules and renamed both.
_KINDS[EntryKind.RENAMED] = "m"
_OF_LETTER = {letter: kind for kind, letter in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log.

    Attributes:
        path: Of a file, patch, deletion or rename (the new one); "" elsewhere.
        content: `PackFile.content` of the version that a file or patch leaves; "" elsewhere.
        size: In the units of the log's `measure`.
        live: The part of it that is current.
        pieces: Its text, where it was made in this run; empty where the log was restored.
    """

    kind: EntryKind
    path: str
    content: str
    size: int
    live: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry that is to be appended.

    Attributes:
        source: Of a rename, the old path.
        num_lines, num_chars: Of the text that a file or patch brings.
        hunks: Of a patch.
    """

    kind: EntryKind
    pieces: tuple[Piece, ...]
    path: str = ""
    content: str = ""
    source: str = ""
    num_lines: int = 0
    num_chars: int = 0
    hunks: tuple[Hunk, ...] = ()


@dataclass(frozen=True, slots=True)
class LogState:
    """A log as plain values, without any text of a file. `to_json` and `from_json` are inverse.

    Attributes:
        columns: A list for each attribute of the entries.
        hunks: Of each patch, by its number in the log.
        sources: The old path of each rename, by its number.
        changes: How often each file changed that did.
        revision: What the log is at.
    """

    columns: Mapping[str, Any]
    hunks: Mapping[int, tuple[Hunk, ...]]
    sources: Mapping[int, str]
    changes: Mapping[str, int]
    revision: str

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes; paths that are not UTF-8 come through with `ensure_ascii`, its default."""
        return {
            "version": _VERSION,
            "revision": self.revision,
            "columns": dict(self.columns),
            "hunks": {str(number): hunks for number, hunks in self.hunks.items()},
            "sources": {str(number): path for number, path in self.sources.items()},
            "changes": dict(self.changes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LogState":
        """Takes what `to_json` gave.

        Raises:
            InputError: It is of another version, or no state of a log.
        """
        if value.get("version") != _VERSION:
            raise InputError(f"the state of a pack is of version {value.get('version')}, not {_VERSION}: pack anew")
        try:
            return cls(
                columns=value["columns"],
                hunks={int(at): tuple(Hunk(*hunk) for hunk in hunks) for at, hunks in value["hunks"].items()},
                sources={int(at): path for at, path in value["sources"].items()},
                changes=value["changes"],
                revision=value["revision"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError("the state of a pack is damaged: pack anew") from error


@dataclass(slots=True)
class Table:
    """The entries, in order. `live` may be set; the rest is appended and cut off again.

    Attributes:
        pieces: By the entry's number, of those made in this run.
    """

    kinds: list[EntryKind] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    num_lines: list[int] = field(default_factory=list)
    num_chars: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    lives: list[int] = field(default_factory=list)
    hunks: dict[int, tuple[Hunk, ...]] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    pieces: dict[int, tuple[Piece, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.kinds)

    def append(self, row: Row, size: int) -> int:
        """Adds an entry, all of it live, and gives its number."""
        number = len(self.kinds)
        self.kinds.append(row.kind)
        self.paths.append(row.path)
        self.contents.append(row.content)
        self.num_lines.append(row.num_lines)
        self.num_chars.append(row.num_chars)
        self.sizes.append(size)
        self.lives.append(size)
        self.pieces[number] = row.pieces
        if row.hunks:
            self.hunks[number] = row.hunks
        if row.source:
            self.sources[number] = row.source
        return number

    def cut(self, length: int) -> None:
        """Takes off all entries from a number on."""
        for number in range(length, len(self.kinds)):
            for numbered in (self.hunks, self.sources, self.pieces):
                numbered.pop(number, None)
        for column in (self.kinds, *self._columns()):
            del column[length:]

    def entry(self, number: int) -> Entry:
        """One entry as a value."""
        return Entry(
            kind=self.kinds[number],
            path=self.paths[number],
            content=self.contents[number],
            size=self.sizes[number],
            live=self.lives[number],
            pieces=self.pieces.get(number, ()),
        )

    def weights(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Size and live part of each entry."""
        return np.array(self.sizes, np.int64), np.array(self.lives, np.int64)

    def state(self, *, changes: Mapping[str, int], revision: str) -> LogState:
        """All but the pieces."""
        columns = {
            "kinds": "".join(map(_KINDS.__getitem__, self.kinds)),
            **{name: list(getattr(self, name)) for name in _COLUMNS},
        }
        return LogState(columns, dict(self.hunks), dict(self.sources), dict(changes), revision)

    @classmethod
    def of(cls, state: LogState) -> "Table":
        """The table that a state was taken of.

        Raises:
            InputError: The columns do not fit each other.
        """
        columns = state.columns
        try:
            table = cls(
                kinds=[_OF_LETTER[letter] for letter in columns["kinds"]],
                hunks=dict(state.hunks),
                sources=dict(state.sources),
            )
            for name in _COLUMNS:
                setattr(table, name, list(columns[name]))
        except (KeyError, TypeError) as error:
            raise InputError("the state of a pack is damaged: pack anew") from error
        if {len(column) for column in table._columns()} != {len(table.kinds)}:
            raise InputError("the state of a pack is damaged: pack anew")
        return table

    def _columns(self) -> Iterator[list[Any]]:
        return (getattr(self, name) for name in _COLUMNS)


def sections_of(table: Table, numbers: Iterable[int]) -> dict[str, tuple[int, ...]]:
    """Path -> the entries that give its text, first a whole file, then patches: what a reader of them holds."""
    held: dict[str, tuple[int, ...]] = {}
    kinds, paths, whole = table.kinds, table.paths, EntryKind.FILE
    for number in numbers:
        kind = kinds[number]
        if kind is whole:  # nearly all of them
            held[paths[number]] = (number,)
        elif kind is EntryKind.PATCH:
            held[paths[number]] += (number,)
        elif kind is EntryKind.RENAMED:
            held[paths[number]] = held.pop(table.sources[number])
        elif kind is EntryKind.DELETED:
            del held[paths[number]]
    return held
