"""Lays areas side by side in a rectangle, each as near to a square as it goes. Knows nothing of what they stand for.

Bruls, Huizing and van Wijk, "Squarified Treemaps", 2000.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Rectangle", "squarified"]


class Rectangle(NamedTuple):
    """A rectangle; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, *, margin: float = 0.0, top: float = 0.0) -> "Rectangle":
        """What is left of it within a margin and beneath a strip."""
        width, height = max(0.0, self.width - 2 * margin), max(0.0, self.height - 2 * margin - top)
        return Rectangle(self.x + margin, self.y + margin + top, width, height)


def squarified(sizes: Sequence[float], within: Rectangle) -> Iterator[Rectangle]:
    """A rectangle for each size, in their order; together they fill the whole.

    Args:
        sizes: Each over 0; the largest first gives the best shapes.
        within: What to fill; it may have no area.
    """
    total, left = sum(sizes), within
    start = 0
    while start < len(sizes):
        side = min(left.width, left.height)
        scale = left.width * left.height / total if total > 0 else 0.0
        end = _row_end(sizes, start, scale=scale, side=side)
        row = sizes[start:end]
        share = sum(row) / total if end < len(sizes) else 1.0
        yield from _row(row, left, share)
        left = _beside(left, share)
        total -= sum(row)
        start = end


def _row_end(sizes: Sequence[float], start: int, *, scale: float, side: float) -> int:
    """Where the row that begins at `start` ends: one more would make its worst shape worse."""
    end, total, worst = start, 0.0, float("inf")
    while end < len(sizes):
        total += sizes[end] * scale
        # of a row in descending order the first and the last are the farthest from a square
        largest, smallest = sizes[start] * scale, sizes[end] * scale
        if not smallest or not side:
            return len(sizes)
        ratio = max(side**2 * largest / total**2, total**2 / (side**2 * smallest))
        if ratio > worst:
            break
        worst, end = ratio, end + 1
    return end


def _row(sizes: Sequence[float], left: Rectangle, share: float) -> Iterator[Rectangle]:
    total, done = sum(sizes), 0.0
    for size in sizes:
        begin, part = done / total, size / total
        if left.width >= left.height:
            yield Rectangle(left.x, left.y + begin * left.height, share * left.width, part * left.height)
        else:
            yield Rectangle(left.x + begin * left.width, left.y, part * left.width, share * left.height)
        done += size


def _beside(left: Rectangle, share: float) -> Rectangle:
    if left.width >= left.height:
        taken = share * left.width
        return Rectangle(left.x + taken, left.y, left.width - taken, left.height)
    taken = share * left.height
    return Rectangle(left.x, left.y + taken, left.width, left.height - taken)
