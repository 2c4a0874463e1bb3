"""Finds the comments and attributes that stand directly above a line and belong to it. Knows nothing of definitions."""

from collections.abc import Iterable, Sequence

from tree_sitter import Node

__all__ = ["Leads", "last_row"]


def last_row(node: Node) -> int:
    """The 0-based row of the node's last character; some grammars count a comment's line end as part of it."""
    row, column = node.end_point
    if column == 0 and row > node.start_point[0]:
        return row - 1
    return row


class Leads:
    """Blocks of lead lines without a gap. Rows are 0-based."""

    def __init__(self, nodes: Iterable[Node], lines: Sequence[str]) -> None:
        self._start_by_end: dict[int, int] = {}
        self._inside: set[int] = set()
        for node in sorted(nodes, key=lambda lead: lead.start_byte):
            row, column = node.start_point
            if lines[row][:column].strip():
                continue  # behind code: it belongs to that line
            start = self._start_by_end.get(row - 1, row)
            end, end_column = node.end_point
            if end > row and not lines[end][:end_column].strip():
                end -= 1  # some grammars count the next line's indent as part of a comment
            self._start_by_end[end] = start
            if start != row:
                self._inside.add(row)

    def start_of(self, row: int) -> int:
        """Where the block that leads to this row starts; the row itself when nothing leads to it."""
        return self._start_by_end.get(row - 1, row)

    def is_inside(self, row: int) -> bool:
        """Whether a lead starts on this row that only goes on with a block begun above."""
        return row in self._inside
