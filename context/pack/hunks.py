"""Which lines of a file differ between two versions, as hunks that a patch can show.

A hunk is widened to the whole block that it changes, where that is not far longer: a model reads a function, not a
splinter of one. Knows nothing of packs.
"""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from .format import Hunk

__all__ = ["find_hunks", "widen"]

# Pairs of equal lines that are looked at; beyond, lines that are everywhere are no anchors. A hostile file of a million
# short lines takes seconds so, and would take hours.
_MAX_PAIRS = 500_000
# Hunks this near to each other are one: a tag costs more than the lines between.
_MERGE_GAP = 3
# Lines around a change that is in no block, or in one too long to be given whole.
_CONTEXT = 3
# A block is given whole where it adds no more than this to the change: 40 lines of code.
_BLOCK_CHARS = 1_500
_CLOSING = ("}", ")", "]", "end")


def find_hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """What turns one version's lines into the other's, in order, each apart from the next. Empty if they are equal."""
    start = _common(old, new)
    limit = min(len(old), len(new)) - start
    tail = _common(old[::-1][:limit], new[::-1][:limit])
    left, right = old[start : len(old) - tail], new[start : len(new) - tail]
    if not left or not right:
        return [Hunk(start, start + len(left), start, start + len(right))] if left or right else []
    common = _too_common(left, right)
    matcher = SequenceMatcher(common.__contains__ if common else None, left, right, autojunk=False)
    hunks = [
        Hunk(start + i1, start + i2, start + j1, start + j2)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]
    return _merge(hunks)


def widen(hunks: Sequence[Hunk], lines: Sequence[str]) -> list[Hunk]:
    """The same change in hunks that show whole blocks, or some lines around.

    Blocks are told by indentation alone. tree-sitter's definitions were tried: they cost more (1.5% a commit against
    1.2 on small packs), and 30 ms to load for the first changed file.

    Args:
        hunks: As `find_hunks` gives them.
        lines: Of the new version.
    """
    groups: list[tuple[int, int, Hunk, Hunk]] = []  # lines shown, first and last hunk among them
    for hunk in hunks:
        start, end = _block(lines, hunk.new_start, hunk.new_end) or (
            max(hunk.new_start - _CONTEXT, 0),
            min(hunk.new_end + _CONTEXT, len(lines)),
        )
        first = hunk
        while groups and start - groups[-1][1] <= _MERGE_GAP:
            start_before, end_before, first, _ = groups.pop()
            start, end = min(start, start_before), max(end, end_before)
        groups.append((start, end, first, hunk))
    return [
        Hunk(first.old_start - (first.new_start - start), last.old_end + (end - last.new_end), start, end)
        for start, end, first, last in groups
    ]


def _block(lines: Sequence[str], start: int, end: int) -> tuple[int, int] | None:
    """The largest block around some lines that is short enough: a line and all below it that is indented deeper."""
    indent = min(map(_indent, filter(str.strip, lines[start:end])), default=_indent_at(lines, start))
    block: tuple[int, int] | None = None
    while indent:
        head = _find_head(lines, start, indent)
        if head is None:
            break
        indent = _indent(lines[head])
        tail = _find_tail(lines, end, indent)
        if tail is None or _length(lines[head:start]) + _length(lines[end:tail]) > _BLOCK_CHARS:
            break
        block = head, tail
    return block


def _find_head(lines: Sequence[str], start: int, indent: int) -> int | None:
    """The nearest line above that is indented less; with the one before it, where it is no more than a brace."""
    left = _BLOCK_CHARS
    for at in range(start - 1, -1, -1):
        left -= len(lines[at]) + 1
        if left < 0:
            return None
        if lines[at].strip() and _indent(lines[at]) < indent:
            signed = at and lines[at].strip() == "{" and lines[at - 1].strip()
            return at - 1 if signed and _indent(lines[at - 1]) == _indent(lines[at]) else at
    return None


def _find_tail(lines: Sequence[str], end: int, indent: int) -> int | None:
    """Where the lines end that are indented deeper, or close what is indented so."""
    left = _BLOCK_CHARS
    tail = end
    for at in range(end, len(lines)):
        left -= len(lines[at]) + 1
        if left < 0:
            return None
        if lines[at].strip():
            if _indent(lines[at]) <= indent:
                closes = _indent(lines[at]) == indent and lines[at].lstrip().startswith(_CLOSING)
                return at + 1 if closes else tail
            tail = at + 1
    return tail


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indent_at(lines: Sequence[str], at: int) -> int:
    """Of lines that were taken out: the deeper of their neighbours, if they stand in one block."""
    around = [_indent(line) for line in lines[max(at - 1, 0) : at + 1] if line.strip()]
    return max(around, default=0)


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


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


def _too_common(left: Sequence[str], right: Sequence[str]) -> set[str]:
    """The lines that have the most equals on the other side, until there are few enough pairs left."""
    counts, others = Counter(left), Counter(right)
    pairs = {line: count * others[line] for line, count in counts.items() if line in others}
    total = sum(pairs.values())
    common: set[str] = set()
    if total > _MAX_PAIRS:
        for line in sorted(pairs, key=lambda line: (-pairs[line], line)):
            common.add(line)
            total -= pairs[line]
            if total <= _MAX_PAIRS:
                break
    return common
