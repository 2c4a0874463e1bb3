"""The outline of files that a pack does not hold in full: per folder its files, per file the signatures it defines.

Written from the definitions that the index has, without numbers of lines or tokens, so that an edit inside a body
changes nothing of it. Knows nothing of budgets but the most tokens that it may take, and nothing of which files matter.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import accumulate, takewhile

import numpy as np

from ..retrieval.corpus import Corpus
from .format import path_attribute
from .signatures import Signature, signatures_of

__all__ = ["Detail", "Outline", "Outlines", "fit_outline"]

CountTokens = Callable[[Sequence[str]], list[int]]
"""The number of tokens of each text."""

_MOST_DEPTH = 50  # of folders that are counted each for itself


class Detail(IntEnum):
    """How much an outline tells of a file; each tells what the one before it does."""

    NOTHING = 0
    FOLDERS = 1  # it is one of so many in a folder
    PATHS = 2
    TOP = 3  # types, and what stands outside of them
    MEMBERS = 4  # what types hold


@dataclass(frozen=True, slots=True)
class Outline:
    """A text that fits.

    Attributes:
        text: Ends with a line feed; "" where not even a count of files fits.
        tokens: Of the text.
        details: How much is told of each file.
    """

    text: str
    tokens: int
    details: Mapping[str, Detail]


class Outlines:
    """Writes outlines of the files of a corpus, reading the signatures of each once."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._signatures: dict[str, tuple[Signature, ...]] = {}

    def body(self, path: str, detail: Detail) -> str:
        """The lines about what a file defines; "" where nothing is told of that."""
        if detail < Detail.TOP:
            return ""
        if path not in self._signatures:
            row = self._rows.get(path)
            self._signatures[path] = () if row is None else signatures_of(row, self._corpus)
        shown = self._signatures[path]
        if detail is Detail.TOP:
            shown = tuple(each for each in shown if not each.is_member)
        return "".join(f"{'  ' * (each.depth + 2)}{each.text}\n" for each in shown)

    def text(self, details: Mapping[str, Detail]) -> str:
        """The outline of those of these files of which their path at least is told, by folder and name."""
        told, folder = [], None
        named = (path.rpartition("/") for path, detail in details.items() if detail >= Detail.PATHS)
        for parent, slash, name in sorted(named):
            if parent != folder:
                folder = parent
                told.append(f"{path_attribute(parent) or '.'}/\n")
            path = f"{parent}{slash}{name}"
            told.append(f"  {path_attribute(name)}\n{self.body(path, details[path])}")
        return "".join(told)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {self._corpus.path(row): row for row in np.flatnonzero(self._corpus.live).tolist()}


def fit_outline(paths: Sequence[str], outlines: Outlines, *, max_tokens: int, count: CountTokens) -> Outline:
    """The outline of these files that tells the most and takes at most `max_tokens`.

    All files are told of alike, but where one more level fits for some only, it is told of the first ones. Where the
    paths alone are too many, folders are counted instead, the deepest ones together with those above them.

    Args:
        paths: Those that matter most first.
        outlines: Writes them.
        max_tokens: Of the text as a whole.
        count: Counts tokens.
    """
    bodies = {detail: count([outlines.body(path, detail) for path in paths]) for detail in (Detail.TOP, Detail.MEMBERS)}
    (room,) = count([outlines.text(dict.fromkeys(paths, Detail.PATHS))])
    room = max_tokens - room
    steps = {Detail.TOP: bodies[Detail.TOP]}
    steps[Detail.MEMBERS] = [more - less for more, less in zip(bodies[Detail.MEMBERS], bodies[Detail.TOP], strict=True)]
    details = dict.fromkeys(paths, Detail.PATHS)
    for detail, costs in steps.items():
        fitting = sum(1 for _ in takewhile(lambda spent: spent <= room, accumulate(costs)))  # noqa: B023 - read at once
        room -= sum(costs[:fitting])
        details |= dict.fromkeys(paths[:fitting], detail)
        if fitting < len(paths):
            break
    return _shrunk(paths, details, outlines, max_tokens=max_tokens, count=count)


def _shrunk(
    paths: Sequence[str], details: dict[str, Detail], outlines: Outlines, *, max_tokens: int, count: CountTokens
) -> Outline:
    """The outline with these details, or with fewer: tokens of parts need not add up to those of the whole."""
    while True:
        text = outlines.text(details)
        (tokens,) = count([text])
        if tokens <= max_tokens:
            return Outline(text, tokens, details)
        best = max(details.values(), default=Detail.NOTHING)
        if best <= Detail.PATHS:
            return _counted(paths, max_tokens=max_tokens, count=count)
        finest = [path for path in paths if details[path] is best]
        less = Detail(best - 1)
        details = details | dict.fromkeys(finest[len(finest) * 7 // 8 :], less)


def _counted(paths: Sequence[str], *, max_tokens: int, count: CountTokens) -> Outline:
    deepest = max((path.count("/") for path in paths), default=0)
    for depth in range(min(deepest, _MOST_DEPTH), -1, -1):
        text = _count_folders(paths, depth=depth)
        (tokens,) = count([text])
        if tokens <= max_tokens:
            return Outline(text, tokens, dict.fromkeys(paths, Detail.FOLDERS))
    return Outline("", 0, dict.fromkeys(paths, Detail.NOTHING))


def _count_folders(paths: Iterable[str], *, depth: int) -> str:
    """A line for each folder, with the number of its files; those deeper than `depth` count for the one above them."""
    counts = Counter("/".join(path.split("/")[:-1][:depth]) for path in paths)
    return "".join(
        f"{path_attribute(folder) or '.'}/ {number} file{'s' * (number > 1)}\n"
        for folder, number in sorted(counts.items())
    )
