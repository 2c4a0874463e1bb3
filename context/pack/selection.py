"""Decides what of a snapshot a pack holds where the whole of it does not fit: nothing is cut in silence.

Each file stands in full, in parts (with a question, where it is too large), in the outline, or is left out, and all of
them are listed. Without a question files go by importance, and what stood in full in the previous pack stays there
unless it is clearly worth less by now: the prefix that packs share must outlive a commit. With a question they go by
the question's ranking, and no prefix is kept. Knows nothing of the pack's text.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from math import log

from .importance import Importance
from .outline import CountTokens, Detail, Outline, Outlines, fit_outline
from .parts import Lines
from .ranking import Ranking

__all__ = ["Choice", "Chosen", "CostOfParts", "SizedFile", "Standing", "choose"]

CostOfParts = Callable[[str, Sequence[Lines]], int]
"""Tokens of the entry that holds these lines of a file, with all that wraps them."""

_OUTLINE_SHARE = 1 / 8  # of the budget, kept for the outline
_OUTLINE_SHARE_ASKED = 1 / 32  # the most that is kept for paths alone while files that may answer still come
_GROWTH_SHARE = 1 / 32  # left free for files to grow: a full pack would put one out at every commit
_LOYALTY = 4  # points that a file of the previous pack has on top: as much as being used by four times as many files
_DISLIKE_OF_LENGTH = 0.5  # of the logarithm of tokens: several small files may answer as well as one large
_MOST_OF_PARTS = 1 / 16  # of the budget, for the parts of one file: at 1/4 they cost as many whole files as they show


class Standing(StrEnum):
    """How a pack holds a file."""

    FULL = "full"
    PARTS = "parts"
    OUTLINED = "outlined"  # its path at least is told
    LEFT_OUT = "left out"  # it is counted with its folder at most


@dataclass(frozen=True, slots=True)
class SizedFile:
    """A file that may be packed. `tokens`: of its whole entry, with all that wraps it."""

    path: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of a file, for the receipt.

    Attributes:
        tokens: That the pack spends on it outside the outline.
        whole: Tokens of the file in full.
        lines: The parts that stand in the pack, ascending; none unless it stands in parts.
        detail: What the outline tells of it.
        reasons: What it was weighed by.
    """

    path: str
    standing: Standing
    tokens: int
    whole: int
    lines: tuple[Lines, ...] = ()
    detail: Detail = Detail.NOTHING
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a pack holds of a snapshot.

    Attributes:
        choices: One for every file, by path.
        outline: Of all files that do not stand in full.
        tokens: Of the files and the outline; never over `max_tokens`.
        max_tokens: As asked.
        asked: Chosen for a question, so that no other pack shares its prefix.
    """

    choices: tuple[Choice, ...]
    outline: Outline
    tokens: int
    max_tokens: int
    asked: bool

    def of(self, standing: Standing) -> tuple[Choice, ...]:
        """The files that are held so, by path."""
        return tuple(each for each in self.choices if each.standing is standing)

    @property
    def is_whole(self) -> bool:
        """Everything stands in full."""
        return all(each.standing is Standing.FULL for each in self.choices)


@dataclass(slots=True)
class _Filling:
    """A pack while it is filled."""

    used: int = 0
    full: set[str] = field(default_factory=set)
    parts: dict[str, tuple[tuple[Lines, ...], int]] = field(default_factory=dict)

    def add_full(self, file: SizedFile, *, most: int) -> bool:
        """Takes a file in where it fits."""
        if self.used + file.tokens > most:
            return False
        self.full.add(file.path)
        self.used += file.tokens
        return True

    def add_parts(self, path: str, chunks: Iterable[Lines], cost: CostOfParts, *, most: int) -> None:
        """Takes in as many of the first of these chunks as fit."""
        taken: tuple[Lines, ...] = ()
        tokens = 0
        for chunk in chunks:
            more = _joined([*taken, chunk])
            needed = cost(path, more)
            if needed > most:
                break
            taken, tokens = more, needed
        if taken:
            self.parts[path] = taken, tokens
            self.used += tokens


def choose(
    files: Sequence[SizedFile],
    *,
    max_tokens: int,
    importance: Mapping[str, Importance],
    outlines: Outlines,
    count: CountTokens,
    ranking: Ranking | None = None,
    cost_of_parts: CostOfParts | None = None,
    previous: Collection[str] = (),
) -> Chosen:
    """What of these files a pack holds. The same input gives the same choice, in whatever order the files come.

    Args:
        files: All that could be packed.
        max_tokens: For the files' entries and the outline's text; what else stands in the pack is not counted here.
        importance: Of each file; one that it does not name has no points.
        outlines: Writes outlines.
        count: Counts the tokens of outlines.
        ranking: Of the question that the pack is for; None for a pack for all questions.
        cost_of_parts: Without it no file stands in parts, nor does any without a ranking.
        previous: Paths that stood in full in the pack that this one continues. Of no weight beside a ranking.
    """
    files = sorted(files, key=lambda file: file.path)
    filling = _Filling()
    if sum(file.tokens for file in files) <= max_tokens:
        filling.full.update(file.path for file in files)
        return _told(files, filling, Outline("", 0, {}), importance, max_tokens, asked=ranking is not None)
    if ranking is None:
        _fill_by_importance(filling, files, importance, frozenset(previous), max_tokens)
        most_told = int(max_tokens * _OUTLINE_SHARE)
    else:
        (paths,) = count([outlines.text(dict.fromkeys((file.path for file in files), Detail.PATHS))])
        most = max_tokens - min(paths, int(max_tokens * _OUTLINE_SHARE_ASKED))
        _fill_by_ranking(filling, files, ranking, cost_of_parts, most=most)
        unranked = [file for file in files if file.path not in ranking.scores]
        for file in _order(unranked, importance, {}):
            filling.add_full(file, most=max_tokens - int(max_tokens * _OUTLINE_SHARE))
        most_told = max_tokens - filling.used
    order = _order(files, importance, {} if ranking is None else ranking.scores)
    rest = [file.path for file in order if file.path not in filling.full]
    outline = fit_outline(rest, outlines, max_tokens=most_told, count=count)
    return _told(files, filling, outline, importance, max_tokens, asked=ranking is not None)


def _fill_by_importance(
    filling: _Filling,
    files: Sequence[SizedFile],
    importance: Mapping[str, Importance],
    previous: frozenset[str],
    max_tokens: int,
) -> None:
    most = max_tokens - int(max_tokens * _OUTLINE_SHARE)
    most_for_new = most - int(max_tokens * _GROWTH_SHARE)

    def worth(file: SizedFile) -> tuple[int, bool, str]:
        stays = file.path in previous
        return -_points(file.path, importance) - _LOYALTY * stays, not stays, file.path

    for file in sorted(files, key=worth):
        filling.add_full(file, most=most if file.path in previous else most_for_new)


def _fill_by_ranking(
    filling: _Filling, files: Sequence[SizedFile], ranking: Ranking, cost_of_parts: CostOfParts | None, *, most: int
) -> None:
    may_answer = [file for file in files if file.path in ranking.scores]
    for file in sorted(may_answer, key=lambda file: (-_value(file, ranking), file.path)):
        if not filling.add_full(file, most=most) and cost_of_parts is not None:
            room = min(most - filling.used, int(most * _MOST_OF_PARTS))
            filling.add_parts(file.path, ranking.chunks.get(file.path, ()), cost_of_parts, most=room)


def _value(file: SizedFile, ranking: Ranking) -> float:
    return ranking.scores[file.path] - _DISLIKE_OF_LENGTH * log(max(file.tokens, 1))


def _order(
    files: Iterable[SizedFile], importance: Mapping[str, Importance], scores: Mapping[str, float]
) -> list[SizedFile]:
    """Files by the question, those without a score by importance behind them."""

    def rank(file: SizedFile) -> tuple[bool, float, int, str]:
        return file.path not in scores, -scores.get(file.path, 0.0), -_points(file.path, importance), file.path

    return sorted(files, key=rank)


def _points(path: str, importance: Mapping[str, Importance]) -> int:
    return importance[path].points if path in importance else 0


def _joined(lines: Iterable[Lines]) -> tuple[Lines, ...]:
    """The same lines, ascending, those that touch as one."""
    joined: list[Lines] = []
    for start, end in sorted(lines):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _told(
    files: Sequence[SizedFile],
    filling: _Filling,
    outline: Outline,
    importance: Mapping[str, Importance],
    max_tokens: int,
    *,
    asked: bool,
) -> Chosen:
    choices = tuple(_choice(file, filling, outline, importance) for file in files)
    tokens = sum(chain((each.tokens for each in choices), [outline.tokens]))
    return Chosen(choices, outline, tokens, max_tokens, asked)


def _choice(file: SizedFile, filling: _Filling, outline: Outline, importance: Mapping[str, Importance]) -> Choice:
    reasons = importance[file.path].reasons if file.path in importance else ()
    if file.path in filling.full:
        return Choice(file.path, Standing.FULL, file.tokens, file.tokens, reasons=reasons)
    detail = outline.details.get(file.path, Detail.NOTHING)
    lines, tokens = filling.parts.get(file.path, ((), 0))
    standing = Standing.OUTLINED if detail >= Detail.PATHS else Standing.LEFT_OUT
    return Choice(file.path, Standing.PARTS if lines else standing, tokens, file.tokens, lines, detail, reasons)
