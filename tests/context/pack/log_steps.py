"""Snapshots by hand, for the tests of the log: a tree is path -> text."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from repoask.context.pack.entries import LogState
from repoask.context.pack.log import Advance, ContextLog
from repoask.context.pack.types import PackFile, Piece

Tree = Mapping[str, str]


def files_of(tree: Tree) -> list[PackFile]:
    """A snapshot's files, in path order."""
    ids = {path: hashlib.sha1(text.encode()).hexdigest() for path, text in tree.items()}
    return [PackFile(path, f"{ids[path]}.plain") for path in sorted(tree)]


def measure(pieces: Sequence[Piece]) -> list[int]:
    """Characters stand for tokens."""
    return [len(piece.text) for piece in pieces]


def start(tree: Tree, *, theta: float = 0.2) -> ContextLog:
    """A log of a tree."""
    return ContextLog.start(
        files_of(tree), read=lambda file: tree[file.path], measure=measure, revision="r0", theta=theta
    )


def advance(log: ContextLog, tree: Tree, revision: str) -> Advance:
    """Goes on to a tree."""
    return log.advance(files_of(tree), read=lambda file: tree[file.path], revision=revision)


def text_of(log: ContextLog) -> str:
    """The prompt of a log that was never restored."""
    return "".join(piece.text for entry in log.entries for piece in entry.pieces)


@dataclass
class StoredLog:
    """A log that is kept as its state and the texts of its entries, and restored for each step."""

    state: str = ""
    texts: list[str] = field(default_factory=list)
    theta: float = 0.2

    def start(self, tree: Tree) -> None:
        """Stores a new log."""
        log = start(tree, theta=self.theta)
        self._store(log, 0)

    def advance(self, tree: Tree, revision: str) -> None:
        """Restores the log, goes on and stores it again."""
        log = ContextLog.restore(
            LogState.from_json(json.loads(self.state)),
            read_entry=self.texts.__getitem__,
            measure=measure,
            theta=self.theta,
        )
        self._store(log, advance(log, tree, revision).num_kept)

    @property
    def text(self) -> str:
        """The prompt."""
        return "".join(self.texts)

    def _store(self, log: ContextLog, num_kept: int) -> None:
        self.state = json.dumps(log.state.to_json())
        new = ["".join(piece.text for piece in entry.pieces) for entry in log.entries[num_kept:]]
        self.texts = [*self.texts[:num_kept], *new]
