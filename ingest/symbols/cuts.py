"""Finds the lines where a chunk may begin: those on which a syntax node starts. Knows no language and no chunk size."""

from collections.abc import Collection, Sequence

from tree_sitter import Node

from .leads import Leads, last_row

__all__ = ["find_cuts"]

# A smaller node is never worth a cut inside it: chunks aim at 20 to 60 lines and 1,500 characters.
_MIN_LINES_TO_ENTER = 12
_MIN_BYTES_TO_ENTER = 1_200
# Deeper nodes are cut at lines. Real code nests below 60 tree levels.
_MAX_DEPTH = 100

# A line that only opens the body belongs to its head.
_OPENERS = frozenset({"{", "(", "[", "do", "then", "begin", "BEGIN", "({", "=>", "where", "="})


def find_cuts(
    root: Node, lines: Sequence[str], leads: Leads, headings: Collection[int] = ()
) -> tuple[tuple[int, int], ...]:
    """Where chunks may begin.

    Args:
        root: The tree's root.
        lines: Of the text, without their ends.
        leads: The comments that belong to what follows them.
        headings: Rows (0-based) of headings, which outrank the paragraphs beside them.

    Returns:
        (line, depth) sorted by line, the least depth where several nodes start on one line. Lines are 1-based.
    """
    depth_by_row: dict[int, int] = {}
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        previous_end = node.start_point[0] if depth else -1
        for child in node.named_children:
            row = child.start_point[0]
            end = last_row(child)
            if row > previous_end and not leads.is_inside(row):
                start = leads.start_of(row)
                if depth < depth_by_row.get(start, depth + 1) and lines[row].strip() not in _OPENERS:
                    depth_by_row[start] = depth
            previous_end = max(previous_end, end)
            is_large = end - row >= _MIN_LINES_TO_ENTER or (
                end > row and child.end_byte - child.start_byte >= _MIN_BYTES_TO_ENTER
            )
            if is_large and depth < _MAX_DEPTH:
                pending.append((child, depth + 1))
    if headings:
        depth_by_row = {row: depth if row in headings else depth + _MAX_DEPTH for row, depth in depth_by_row.items()}
    return tuple((row + 1, depth_by_row[row]) for row in sorted(depth_by_row))
