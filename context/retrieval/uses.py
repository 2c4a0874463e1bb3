"""Answers "what calls, uses or breaks if I change X" from the reference graph: X itself, then the places that use it.

Knows nothing of how files are ranked: its places are laid before and among those that ranking found.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .. import terms
from .corpus import Corpus
from .declared import declared_as
from .intents import subject_of_uses
from .lexical import Lexical
from .question import Question
from .references import Use, find_uses
from .spans import Span
from .targets import Target, find_targets

__all__ = ["add_uses"]

_SMALL = 40  # lines of a definition that is shown whole
_AROUND = 8  # lines before and after a use inside a larger one
_FEW = 3  # direct uses: with fewer, what uses the users is shown too
_MOST_USERS = 3
_MOST_INDIRECT = 4
_MOST_USES = 100  # for which lines are looked up, best first
_MOST_OF_ONE = 2  # a large function that uses it throughout is one user

_ORDER = (("calls", "extends"), ("overrides", "uses"), ("re-exports",), ("has its own", "imports"), ("names",))
_RANKS = {how: rank for rank, alike in enumerate(_ORDER) for how in alike}
"""The order of uses, by what they do; a use in a test, or of what may be another thing, stands behind all of these."""

_OF_NAMED = ((0, 6), (1, 4), (2, 3))
# Hit@5 of 46 such questions of ours .674 with three places of the first target before all else, .739 with two
_OF_DESCRIBED = ((0, 2), (-1, 2), (1, 2), (-1, 2), (0, 2), (2, 2))
"""Whose turn it is to show how many places: a target by its number, -1 for what ranking found. What is described may be
something else than was thought of, so that ranking keeps a say."""


def add_uses(
    question: Question,
    ranked: Sequence[Span],
    lexical: Lexical,
    corpus: Corpus,
    *,
    limit: int,
) -> list[Span]:
    """The ranked spans, with the definition and the uses of what the question asks about before and among them.

    No two share a line, and scores fall: a place that was traced has the score of the ranked one behind it.
    """
    subject = subject_of_uses(question.text)
    if subject is None:
        return list(ranked)
    targets = find_targets(question, subject, lexical, corpus)
    traced = [list(_trace(target, lexical, corpus)) for target in targets]
    turns = _OF_NAMED if targets and targets[0].named else _OF_DESCRIBED
    return _with_scores(_in_turns(turns, traced, list(ranked))[:limit])


def _in_turns(turns: Sequence[tuple[int, int]], traced: Sequence[list[Span]], ranked: list[Span]) -> list[Span]:
    queues = dict(enumerate(traced)) | {-1: ranked}
    order: list[Span] = []
    for number, count in turns:
        queue = queues.get(number, [])
        for span in queue[:count]:
            _put(span, order)
        del queue[:count]
    for queue in queues.values() if turns is _OF_NAMED else [ranked, *traced]:
        for span in queue:
            _put(span, order)
    return order


def _put(span: Span, order: list[Span]) -> None:
    """Adds a span, unless some of its lines are shown: then what is shown gets its reason."""
    for at, shown in enumerate(order):
        if shown.file == span.file and shown.start <= span.end and span.start <= shown.end:
            order[at] = replace(shown, why=shown.why or span.why)
            return
    order.append(span)


def _with_scores(order: Sequence[Span]) -> list[Span]:
    least = min((span.score for span in order), default=0.0)
    scored = []
    for span in reversed(order):
        least = span.score if not span.why and span.score > least else least
        scored.append(replace(span, score=least))
    return scored[::-1]


def _trace(target: Target, lexical: Lexical, corpus: Corpus) -> Iterator[Span]:
    """The definition, then its uses, best first; the uses of its users where there are few."""
    if target.meant:
        first = target.meant[0]
        end = min(first.end, first.start + _SMALL - 1)
        yield _span(first.file, first.start, end, f"defines `{first.qualified}`", corpus)
    direct = _places(target, lexical, corpus, why="")
    yield from direct
    if len(direct) < _FEW:
        users = {user: None for span in direct if (user := _name_around(span, corpus)) not in ("", target.name)}
        for user in list(users)[:_MOST_USERS]:
            every = tuple(each for each in declared_as(terms.identifier_key(user), corpus) if each.name == user)
            indirect = Target(user, every, (), named=False)
            yield from _places(indirect, lexical, corpus, why=f", which uses `{target.name}`")[:_MOST_INDIRECT]


def _places(target: Target, lexical: Lexical, corpus: Corpus, *, why: str) -> list[Span]:
    """The places of the uses: in the product before tests, calls before mentions, near before far."""
    uses = [(_rank(use, target, corpus), use) for use in find_uses(target.name, target.meant, target.others, corpus)]
    uses.sort(key=lambda each: each[0])  # which are in order of paths and lines
    best = float(lexical.chunk.max(initial=0.0)) or 1.0
    places: dict[tuple[int, int, int], tuple[float, str, int, Span]] = {}
    shown: Counter[tuple[int, int]] = Counter()
    for rank, use in uses[:_MOST_USES]:
        start, end, whole = _extent(use, corpus)
        if (use.file, start, end) in places:
            continue
        span = _span(use.file, start, end, f"{use.how} `{target.name}`{why}", corpus)
        speaks = float(lexical.chunk[span.chunks.start : span.chunks.stop].max(initial=0.0)) / best
        again = 2.0 * (shown[use.file, whole] >= _MOST_OF_ONE)
        shown[use.file, whole] += 1
        places[use.file, start, end] = (rank + again - speaks, corpus.path(use.file), start, span)
    return [span for *_, span in sorted(places.values(), key=lambda each: each[:3])]


def _rank(use: Use, target: Target, corpus: Corpus) -> float:
    """Lower is better."""
    roles = corpus.roles(use.file)
    aside = roles.test or roles.example or roles.benchmark or roles.vendored
    prose = roles.document or roles.data
    near = 0.0
    if target.meant:
        here, there = corpus.path(use.file), corpus.path(target.meant[0].file)
        near = 0.5 * (here == there) + 0.25 * (here.rpartition("/")[0] == there.rpartition("/")[0])
    return _RANKS[use.how] + 2 * (not use.sure) + 4 * aside + 2 * prose + 2 * roles.history - near


def _extent(use: Use, corpus: Corpus) -> tuple[int, int, int]:
    """The lines to show for a use, and the first line of the smallest definition of several lines around it.

    The lines are all of that definition if it is small; else those around the use, inside it.
    """
    segment, row = corpus.file(use.file)
    rows = segment.definitions_of(row)
    starts = segment.definition_start[rows.start : rows.stop].astype(np.int64)
    ends = segment.definition_end[rows.start : rows.stop].astype(np.int64)
    around = np.flatnonzero((starts <= use.line) & (use.line <= ends) & (starts < ends))
    low, high = 1, int(segment.file_lines[row])
    if len(around):
        smallest = around[np.argmin((ends - starts)[around])]
        low, high = int(starts[smallest]), int(ends[smallest])
        if high - low < _SMALL:
            return low, high, low
    return max(low, use.line - _AROUND), min(high, use.line + _AROUND), low


def _name_around(span: Span, corpus: Corpus) -> str:
    """The name of the smallest definition that holds a whole span, or ""."""
    segment, row = corpus.file(span.file)
    rows = segment.definitions_of(row)
    around = [
        (int(segment.definition_end[at]) - int(segment.definition_start[at]), at)
        for at in rows
        if segment.definition_start[at] <= span.start and span.end <= segment.definition_end[at]
    ]
    return segment.names[min(around)[1]] if around else ""


def _span(file: int, start: int, end: int, why: str, corpus: Corpus) -> Span:
    segment, row = corpus.file(file)
    local, rows = segment.chunks_of(row), corpus.chunks_of(file)
    starts = segment.chunk_start[local.start : local.stop]
    ends = segment.chunk_end[local.start : local.stop]
    first = rows.start + int(np.searchsorted(ends, start))
    chunks = range(first, rows.start + int(np.searchsorted(starts, end, side="right")))
    return Span(file, first, chunks, start, end, 0.0, why=why)
