"""Fills budgets of tokens with the files of a view: by the product's choice, or in a plain order.

A plain order takes each file in that still fits, and spends nothing on an outline. Knows nothing of what the right
files are.
"""

import subprocess
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from repoask.context.index.index import View
from repoask.context.pack import format as pack_format
from repoask.context.pack.importance import importance_of
from repoask.context.pack.outline import Outlines
from repoask.context.pack.parts import Lines
from repoask.context.pack.ranking import rank_files
from repoask.context.pack.selection import Chosen, SizedFile, Standing, choose
from repoask.context.pack.types import Piece, TokenCounter
from repoask.context.retrieval.corpus import corpus_of
from repoask.service.printable import printable

__all__ = ["Budgeted", "Packing", "churn_order", "in_order"]

_COMMITS = 100  # that repomix looks back on


@dataclass(frozen=True, slots=True)
class Budgeted:
    """What stands in a budget: whole files, and lines of others."""

    full: frozenset[str]
    lines: dict[str, tuple[Lines, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Chosen) -> "Budgeted":
        """What the product chose."""
        lines = {each.path: each.lines for each in chosen.of(Standing.PARTS)}
        return cls(frozenset(each.path for each in chosen.of(Standing.FULL)), lines)

    def has_lines(self, path: str, wanted: Iterable[Lines]) -> bool:
        """Whether all of these lines stand there."""
        spans = self.lines.get(path, ())
        return path in self.full or all(any(a <= start and end <= b for a, b in spans) for start, end in wanted)


class Packing:
    """The files of a view with their tokens.

    Attributes:
        tokens: Of each file's whole entry, by path.
        total: Of all of them.
    """

    def __init__(self, view: View, counter: TokenCounter, *, above: str = "") -> None:
        """Counts every file once.

        Args:
            view: Of the repository, or of a folder in it.
            counter: Counts tokens.
            above: What stands before the view's paths in those that questions name.
        """
        self._view, self._counter, self._above = view, counter, above
        self._corpus = corpus_of(tuple(view.segments), view.snapshot.source.prefix)
        paths = [self._corpus.path(row) for row in np.flatnonzero(self._corpus.live).tolist()]
        self._texts = {path: f"{view.text(path) or ''}\n" for path in paths}
        entries = [pack_format.file(path, text, "") for path, text in self._texts.items()]
        self.tokens = dict(zip(paths, map(self._size, entries), strict=True))
        self.total = sum(self.tokens.values())
        self._files = [SizedFile(path, tokens) for path, tokens in self.tokens.items()]
        self._importance, self._outlines = importance_of(self._corpus), Outlines(self._corpus)

    def choose(self, max_tokens: int, *, question: str = "", previous: Collection[str] = ()) -> Chosen:
        """The product's choice."""
        asked = printable(question)
        return choose(
            self._files,
            max_tokens=max_tokens,
            importance=self._importance,
            outlines=self._outlines,
            count=self._counter.count,
            ranking=rank_files(asked, self._corpus, embedder=self._view.embedder) if asked else None,
            cost_of_parts=self._cost_of_parts,
            previous=previous,
        )

    def path_of(self, named: str) -> str:
        """The path here of one that a question names; labels may be written from the top, or from a sub-folder."""
        path = named.removeprefix(self._above)
        if path in self.tokens:
            return path
        return next((each for each in self.tokens if each.endswith(f"/{path}") or path.endswith(f"/{each}")), path)

    def _cost_of_parts(self, path: str, spans: Sequence[Lines]) -> int:
        lines = self._texts[path].split("\n")
        told = (f"[lines {start}-{end} of {len(lines)}]\n" for start, end in spans)
        shown = ("".join(f"{line}\n" for line in lines[start - 1 : end]) for start, end in spans)
        return self._size(pack_format.file(path, "".join(map(str.__add__, told, shown)), ""))

    def _size(self, pieces: Sequence[Piece]) -> int:
        return sum(self._counter.count([piece.text for piece in pieces]))


def in_order(tokens: Mapping[str, int], paths: Iterable[str], max_tokens: int) -> Budgeted:
    """Each of these files that still fits."""
    used, full = 0, set()
    for path in paths:
        if path in tokens and used + tokens[path] <= max_tokens:
            full.add(path)
            used += tokens[path]
    return Budgeted(frozenset(full))


def churn_order(paths: Iterable[str], checkout: Path, *, above: str = "") -> list[str]:
    """These files, those that the last 100 commits changed most first: what repomix sorts by."""
    command = ["git", "-C", str(checkout), "log", "--pretty=format:", "--name-only", "-n", str(_COMMITS)]
    named = subprocess.run(command, capture_output=True, check=True, text=True, errors="surrogateescape").stdout
    changes = Counter(path.removeprefix(above) for path in named.splitlines() if path)
    return sorted(paths, key=lambda path: (-changes[path], path))
