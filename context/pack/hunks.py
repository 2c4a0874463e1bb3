"""Which lines of a file differ between two versions, as hunks that a patch can show.

A hunk is widened to the whole definition that it changes, where that is not far longer: a model reads a function, not a
splinter of one. Knows nothing of packs.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from ...ingest.languages import language_of
from .format import Hunk

__all__ = ["definition_spans", "find_hunks", "widen"]

# Pairs of equal lines that an exact comparison would look at; beyond, lines that are everywhere are no anchors.
_EXACT_PAIRS = 2_000_000
# Hunks this near to each other are one: a tag costs more than the lines between.
_MERGE_GAP = 3
# Lines around a change that is in no definition, or in one too long to be given whole.
_CONTEXT = 3
# A definition is given whole up to this many times the change, and up to this many characters in any case.
_TIMES_CHANGE = 4
_WHOLE_DEFINITION_CHARS = 2_000

Span = tuple[int, int]
"""Lines of a definition, 0-based, half open."""


def find_hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """What turns one version's lines into the other's, in order, each apart from the next. Empty if they are equal."""
    start = _common(old, new)
    limit = min(len(old), len(new)) - start
    tail = _common(old[::-1][:limit], new[::-1][:limit])
    left, right = old[start : len(old) - tail], new[start : len(new) - tail]
    if not left or not right:
        return [Hunk(start, start + len(left), start, start + len(right))] if left or right else []
    exact = _equal_pairs(left, right) <= _EXACT_PAIRS
    matcher = SequenceMatcher(None, left, right, autojunk=not exact)
    hunks = [
        Hunk(start + i1, start + i2, start + j1, start + j2)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]
    return _merge(hunks)


def definition_spans(path: str, text: str) -> list[Span]:
    """Where the definitions of a text are, in the order of their start; none where its language has no grammar."""
    from ...ingest.symbols.parser import parse  # tree-sitter: 30 ms to import

    return [(definition.start - 1, definition.end) for definition in parse(text, language_of(path)).definitions]


def widen(hunks: Sequence[Hunk], lines: Sequence[str], spans: Sequence[Span]) -> list[Hunk]:
    """The same change in hunks that show whole definitions, or some lines around.

    Args:
        hunks: As `find_hunks` gives them.
        lines: Of the new version.
        spans: Of the new version's definitions.
    """
    ends = [0, *accumulate(len(line) + 1 for line in lines)]
    groups: list[tuple[int, int, Hunk, Hunk]] = []  # lines shown, first and last hunk among them
    for hunk in hunks:
        start, end = _reach(hunk, ends, spans)
        first = hunk
        while groups and start - groups[-1][1] <= _MERGE_GAP:
            start_before, end_before, first, _ = groups.pop()
            start, end = min(start, start_before), max(end, end_before)
        groups.append((start, end, first, hunk))
    return [
        Hunk(first.old_start - (first.new_start - start), last.old_end + (end - last.new_end), start, end)
        for start, end, first, last in groups
    ]


def _reach(hunk: Hunk, ends: Sequence[int], spans: Sequence[Span]) -> Span:
    """The new version's lines that a widened hunk shows."""
    start, end = hunk.new_start, hunk.new_end
    limit = max(_TIMES_CHANGE * (ends[end] - ends[start]), _WHOLE_DEFINITION_CHARS)
    fitting = [(first, last) for first, last in spans if ends[max(last, end)] - ends[min(first, start)] <= limit]
    at_start, at_end = _innermost(fitting, start), _innermost(fitting, end)
    firsts = [at_start[0] if at_start else max(start - _CONTEXT, 0), at_end[0] if at_end else start, start]
    lasts = [at_end[1] if at_end else min(end + _CONTEXT, len(ends) - 1), at_start[1] if at_start else end, end]
    return min(firsts), max(lasts)


def _innermost(spans: Sequence[Span], boundary: int) -> Span | None:
    """The smallest span with lines on both sides of a boundary between two lines."""
    return min(
        (span for span in spans if span[0] < boundary < span[1]), key=lambda span: span[1] - span[0], default=None
    )


def _merge(hunks: Sequence[Hunk]) -> list[Hunk]:
    merged: list[Hunk] = []
    for hunk in hunks:
        if merged and hunk.old_start - merged[-1].old_end <= _MERGE_GAP:
            last = merged.pop()
            hunk = Hunk(last.old_start, hunk.old_end, last.new_start, hunk.new_end)
        merged.append(hunk)
    return merged


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are equal at the start."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _equal_pairs(left: Sequence[str], right: Sequence[str]) -> int:
    counts: dict[str, int] = {}
    for line in left:
        counts[line] = counts.get(line, 0) + 1
    return sum(counts.get(line, 0) for line in right)
