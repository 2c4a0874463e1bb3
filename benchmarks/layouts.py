"""Ways to lay a repository out as a prompt, and what each prefills again from one commit to the next.

Every layout has the same wrappers and the same rules at the top, so that only their order and their way of changing
tell. Knows nothing of git or of tables.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from histories import Step
from repoask.context.pack.format import file, rules
from repoask.context.pack.log import ContextLog
from repoask.context.pack.ordering import order_files
from repoask.context.pack.reader import read_pack
from repoask.context.pack.types import PackFile, Piece, TextReader, TokenIds, Tokenizer

__all__ = ["Cost", "Counting", "Layout", "LogLayout", "RepackedLayout", "by_churn", "by_path"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one commit, in tokens.

    Attributes:
        size: Of the whole prompt.
        kept: Equal to the prompt before, from its start.
        stale: Superseded text in it.
    """

    size: int
    kept: int
    stale: int


class Layout(Protocol):
    """A prompt that goes from commit to commit."""

    def advance(self, step: Step) -> Cost:
        """Goes on to a commit. The first one keeps nothing."""
        ...


class Counting:
    """Token counts of pieces, each counted once; of whole files by their content."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._counts: dict[str, int] = {}

    def __call__(self, pieces: Sequence[Piece]) -> list[int]:
        """As `Measure` has it."""
        keys = [piece.content or piece.text for piece in pieces]
        new = {key: piece.text for key, piece in zip(keys, pieces, strict=True) if key not in self._counts}
        self._counts.update(zip(new, self._tokenizer.count(list(new.values())), strict=True))
        return [self._counts[key] for key in keys]

    def encode(self, text: str) -> TokenIds:
        """The ids of a text."""
        return self._tokenizer.encode([text])[0]


Order = Callable[[Step], Sequence[PackFile]]


def by_path(step: Step) -> Sequence[PackFile]:
    """What most packers do."""
    return list(step.files.values())


def by_churn(step: Step) -> Sequence[PackFile]:
    """The order of repomix: what changed most in the last 100 commits comes last (`outputSort.ts`, `sortByChanges`)."""
    return sorted(step.files.values(), key=lambda file: step.churn.get(file.path, 0))


class RepackedLayout:
    """The whole snapshot anew with each commit."""

    def __init__(self, order: Order, *, read: TextReader, count: Counting) -> None:
        self._order, self._read, self._count = order, read, count
        self._files: Sequence[PackFile] = ()
        self._sizes: dict[tuple[str, str], int] = {}
        self._top = sum(count(rules()))

    def advance(self, step: Step) -> Cost:
        """Packs a commit."""
        before, self._files = self._files, self._order(step)
        sizes = [self._size(file) for file in self._files]
        same = next(
            (at for at, (old, new) in enumerate(zip(before, self._files, strict=False)) if old != new),
            min(len(before), len(self._files)),
        )
        kept = self._top + sum(sizes[:same])
        if same < min(len(before), len(self._files)):
            kept += self._common(before[same], self._files[same])
        return Cost(self._top + sum(sizes), kept, 0)

    def _size(self, new: PackFile) -> int:
        key = (new.path, new.content)
        if key not in self._sizes:
            self._sizes[key] = sum(self._count(file(new.path, self._read(new), new.content)))
        return self._sizes[key]

    def _common(self, old: PackFile, new: PackFile) -> int:
        """Tokens that two files have in common at their start."""
        one, other = (
            np.concatenate([self._count.encode(piece.text) for piece in file(each.path, self._read(each), "")])
            for each in (old, new)
        )
        shorter = min(len(one), len(other))
        different = np.flatnonzero(one[:shorter] != other[:shorter])
        return int(different[0]) if len(different) else shorter


class LogLayout:
    """repoask's log. Its text is read back at each commit, and must give every file.

    Attributes:
        mismatches: Commits of which the reader got another tree.
        num_rewrites: Commits at which a suffix was written anew.
    """

    def __init__(self, *, read: TextReader, count: Counting, theta: float) -> None:
        self._read, self._count, self._theta = read, count, theta
        self._log: ContextLog | None = None
        self.mismatches = 0
        self.num_rewrites = 0

    def advance(self, step: Step) -> Cost:
        """Starts the log with the first commit and goes on to the others."""
        files = list(step.files.values())
        num_kept = 0
        if self._log is None:
            ordered = order_files(files, changes=step.churn)
            self._log = ContextLog.start(
                ordered, read=self._read, measure=self._count, revision=step.commit[:12], theta=self._theta
            )
        else:
            advance = self._log.advance(files, read=self._read, revision=step.commit[:12])
            num_kept = advance.num_kept
            self.num_rewrites += advance.rewritten
        entries = self._log.entries
        text = "".join(piece.text for entry in entries for piece in entry.pieces)
        self.mismatches += read_pack(text) != {file.path: self._read(file) for file in files}
        return Cost(self._log.size, sum(entry.size for entry in entries[:num_kept]), self._log.stale)


def costs(layout: Layout, steps: Iterator[Step]) -> list[Cost]:
    """Of every commit but the first."""
    return [layout.advance(step) for step in steps][1:]
