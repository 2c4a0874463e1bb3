"""Which lines of a file differ between two versions, as hunks that a patch can show. Knows nothing of packs."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from .format import Hunk

__all__ = ["find_hunks"]

# Pairs of equal lines that an exact comparison would look at; beyond, lines that are everywhere are no anchors.
_EXACT_PAIRS = 2_000_000
# Hunks this near to each other are one: a tag costs more than the lines between.
_MERGE_GAP = 3


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
