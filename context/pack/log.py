"""The packed context as a log: what a snapshot changes is appended, and a suffix dense in dead text is written anew.

Everything before the first entry that changes keeps its bytes, so a model's cache of it stays good. All that the log
knows of itself follows from its entries, read as a model is told to read them; a cut is thus no more than a shorter log
that is brought up to date again. Knows nothing of tokenizers, git or storage.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...errors import InputError
from .compaction import choose_cut
from .differences import Differences, find_differences
from .entries import Entry, LogState, Row, Table, sections_of
from .format import current, deleted, renamed, rules, split_lines, update
from .owners import Run, live_parts, runs_of
from .reader import apply, parse
from .renames import find_renames
from .rows import file_row, patch_row
from .types import EntryKind, PackFile, Piece, TextReader

__all__ = ["Advance", "ContextLog", "EntryReader", "Measure"]

Measure = Callable[[Sequence[Piece]], list[int]]
"""The size of each piece: tokens, or an estimate of them. The log does not care, as long as it is one unit."""

EntryReader = Callable[[int], str]
"""The text of an entry of a stored log, by its number. The log's own text is the one source that never goes away:
a commit may be collected, a work tree's file has no blob."""

# Entries that are measured in one go while a log is started: bounds what is in flight.
_BATCH = 256
# Sections that a reader has to lay over each other for one file.
_MAX_SECTIONS = 12


@dataclass(frozen=True, slots=True)
class Advance:
    """How a log went on.

    Attributes:
        num_kept: Entries at the front that stay as they are, byte for byte.
        added: All entries after these.
        rewritten: Whether a suffix was written anew, not only the changes appended.
    """

    num_kept: int
    added: tuple[Entry, ...]
    rewritten: bool


class ContextLog:
    """A snapshot as entries, and how it goes on to the next.

    Not to be shared between threads.
    """

    def __init__(
        self, table: Table, *, read_entry: EntryReader, measure: Measure, theta: float, changes: Counter[str], at: str
    ) -> None:
        self._table = table
        self._read_entry = read_entry
        self._measure = measure
        self._theta = theta
        self._changes = changes
        self._revision = at
        self._held = sections_of(table, range(len(table)))

    @classmethod
    def start(
        cls, files: Sequence[PackFile], *, read: TextReader, measure: Measure, revision: str, theta: float = 0.2
    ) -> "ContextLog":
        """A new log.

        Args:
            files: In the order in which they are to stand (`ordering.py`).
            read: Gives their texts; each is asked for once, in this order.
            measure: Told the pieces of some hundred entries at a time.
            revision: Names the snapshot.
            theta: The share of superseded text that the log may hold at most.
        """
        log = cls(Table(), read_entry=_no_entry, measure=measure, theta=theta, changes=Counter(), at=revision)
        log._append([Row(EntryKind.RULES, rules())])
        log._append(file_row(file, read(file)) for file in files)
        log._held = {file.path: (number,) for number, file in enumerate(files, start=1)}
        log._append([Row(EntryKind.CURRENT, current(revision, len(files), {}))])
        return log

    @classmethod
    def restore(cls, state: LogState, *, read_entry: EntryReader, measure: Measure, theta: float = 0.2) -> "ContextLog":
        """The log that `state` was taken of.

        Args:
            state: What `state` gave.
            read_entry: Gives the text of an entry, by its number; asked for changed files' sections only.
            measure: In the units that the log was made with.
            theta: As for `start`.

        Raises:
            InputError: The state does not fit itself.
        """
        changes = Counter(state.changes)
        table = Table.of(state)
        return cls(table, read_entry=read_entry, measure=measure, theta=theta, changes=changes, at=state.revision)

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, in order; those of a restored log without their pieces."""
        return [self._table.entry(number) for number in range(len(self._table))]

    @property
    def state(self) -> LogState:
        """What `restore` takes."""
        return self._table.state(changes=self._changes, revision=self._revision)

    @property
    def revision(self) -> str:
        """The snapshot that the log is at."""
        return self._revision

    @property
    def size(self) -> int:
        """Of all entries."""
        return sum(self._table.sizes)

    @property
    def stale(self) -> int:
        """The part of `size` that is superseded."""
        return self.size - sum(self._table.lives)

    def runs(self, path: str) -> list[Run]:
        """Where the lines of a file stand, in order.

        Raises:
            KeyError: There is no such file.
        """
        return runs_of(self._table, self._held[path])

    def advance(self, files: Sequence[PackFile], *, read: TextReader, revision: str) -> Advance:
        """Goes on to another snapshot, a descendant or not.

        Args:
            files: All of the snapshot's; those whose `content` the log holds are not read, unless written anew.
            read: Gives the texts of the others. Where it raises, the log is half done: restore it from its state.
            revision: Names the snapshot.
        """
        target = {file.path: file for file in files}
        differences = self._differences(target)
        if revision == self._revision and differences.none:
            return Advance(len(self._table), (), rewritten=False)
        num_kept = len(self._table) - 1
        self._table.cut(num_kept)
        texts = _Texts(read)
        self._count_changes(differences)
        self._catch_up(differences, target, texts, revision)
        rewritten = False
        before = len(self._table)
        while (cut := self._choose_cut(before)) is not None:
            before = cut
            num_kept, rewritten = min(num_kept, cut), True
            self._go_back(cut)
            self._catch_up(self._differences(target), target, texts, revision)
        self._revision = revision
        patched = {path: len(sections) for path, sections in self._held.items() if len(sections) > 1}
        self._append([Row(EntryKind.CURRENT, current(revision, len(files), patched))])
        added = tuple(self._table.entry(number) for number in range(num_kept, len(self._table)))
        return Advance(num_kept, added, rewritten)

    def _differences(self, target: Mapping[str, PackFile]) -> Differences:
        return find_differences(self._held, self._table.contents, target)

    def _count_changes(self, differences: Differences) -> None:
        self._changes.update(differences.come)
        self._changes.update(differences.changed)
        for path in differences.gone:
            self._changes.pop(path, None)

    def _go_back(self, cut: int) -> None:
        """To what the log was with its first entries alone; what was superseded since is current there."""
        self._table.cut(cut)
        held, self._held = self._held, sections_of(self._table, range(cut))
        for path, sections in self._held.items():
            if held.get(path) != sections:
                self._tell_live(path)

    def _tell_live(self, path: str, text: str | None = None) -> None:
        """Notes what of a file's sections is current.

        Args:
            path: Of the file.
            text: Its text, where it is at hand.
        """
        first, *patches = sections = self._held[path]
        if not patches:
            self._table.lives[first] = self._table.sizes[first]
            return
        lines, _ = split_lines(self._held_text(path) if text is None else text)
        for number, live in live_parts(self._table, sections, lines).items():
            self._table.lives[number] = live

    def _catch_up(
        self, differences: Differences, target: Mapping[str, PackFile], texts: "_Texts", revision: str
    ) -> None:
        """Appends what the log lacks of a snapshot."""
        if differences.none:
            return
        if len(self._table) > 1:
            self._append([Row(EntryKind.UPDATE, update(revision))])
        renames = self._rename(differences, target, texts)
        for path in sorted(set(differences.gone) - set(renames.values())):
            self._drop(path)
            self._append([Row(EntryKind.DELETED, deleted(path), path)])
        moved = [path for path in renames if self._content(path) != target[path].content]
        came = [path for path in differences.come if path not in renames]
        for path in sorted([*differences.changed, *came, *moved], key=lambda path: (self._changes[path], path)):
            self._bring(target[path], texts[target[path]])

    def _rename(self, differences: Differences, target: Mapping[str, PackFile], texts: "_Texts") -> dict[str, str]:
        renames = find_renames(
            {path: self._content(path) for path in differences.gone},
            {path: target[path].content for path in differences.come},
            gone_lines=lambda path: split_lines(self._held_text(path))[0],
            come_lines=lambda path: split_lines(texts[target[path]])[0],
        )
        for new, old in sorted(renames.items()):
            self._held[new] = self._held.pop(old)
            self._append([Row(EntryKind.RENAMED, renamed(old, new), new, source=old)])
        return renames

    def _bring(self, new: PackFile, text: str) -> None:
        """Appends what makes a file the one given: a patch, or the whole."""
        sections = self._held.get(new.path)
        row = None
        if sections is not None and len(sections) < _MAX_SECTIONS:
            row = patch_row(new, text, lambda: self._held_text(new.path))
        if sections is None or row is None:
            if sections is not None:
                self._drop(new.path)
            self._held[new.path] = tuple(self._append([file_row(new, text)]))
            return
        self._held[new.path] = (*sections, *self._append([row]))
        self._tell_live(new.path, text)

    def _drop(self, path: str) -> None:
        for number in self._held.pop(path):
            self._table.lives[number] = 0

    def _content(self, path: str) -> str:
        return self._table.contents[self._held[path][-1]]

    def _held_text(self, path: str) -> str:
        """A file's text as the log holds it."""
        numbers = self._held[path]
        sections = [section for number in numbers for section in parse(self._entry_text(number))]
        if len(sections) != len(numbers):
            raise InputError("the state of a pack is damaged: pack anew")
        text = sections[0].text
        for section in sections[1:]:
            text = apply(section, text)
        return text

    def _entry_text(self, number: int) -> str:
        pieces = self._table.pieces.get(number)
        return "".join(piece.text for piece in pieces) if pieces else self._read_entry(number)

    def _choose_cut(self, before: int) -> int | None:
        sizes, lives = self._table.weights()
        return choose_cut(sizes, lives, first=1, before=before, theta=self._theta)

    def _append(self, rows: Iterable[Row]) -> list[int]:
        numbers: list[int] = []
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                numbers += self._append_batch(batch)
                batch = []
        return numbers + self._append_batch(batch)

    def _append_batch(self, rows: Sequence[Row]) -> list[int]:
        sizes = iter(self._measure([piece for row in rows for piece in row.pieces]) if rows else ())
        return [self._table.append(row, sum(next(sizes) for _ in row.pieces)) for row in rows]


class _Texts:
    """Texts of a snapshot, each read once."""

    def __init__(self, read: TextReader) -> None:
        self._read = read
        self._texts: dict[str, str] = {}

    def __getitem__(self, file: PackFile) -> str:
        if file.path not in self._texts:
            self._texts[file.path] = self._read(file)
        return self._texts[file.path]


def _no_entry(number: int) -> str:
    raise AssertionError(f"entry {number} was made in this run: its text is at hand")
