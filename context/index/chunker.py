"""Cuts a file into chunks at syntax boundaries, covering every line once. Knows nothing of terms, stores or ranking.

A chunk aims at 1,500 characters (20 to 60 lines). What is larger is opened at its shallowest cuts, neighbours that are
small are joined, and where syntax gives no cut the lines do, after a blank one if there is one near. Blank lines
belong to the chunk before them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from ...ingest.types import Definition, Syntax
from ..types import Chunk

__all__ = ["chunk", "cut"]

_TARGET_CHARS = 1_500
# What is a little over the target stays whole rather than being torn in two.
_WHOLE_CHARS = 2_400
# Less than this says too little on its own to be found.
_TINY_CHARS = 250
_MAX_CHARS = 4_000
# A line counts for at least so many characters, so that 1,500 of them are never more than 60 lines.
_MIN_LINE_CHARS = 25
# A chunk is named after a definition that fills at least this share of its lines.
_SYMBOL_SHARE = 0.75

_Span = tuple[int, int]


def chunk(text: str, syntax: Syntax) -> tuple[Chunk, ...]:
    r"""The chunks of a file, without their terms.

    Args:
        text: With "\n" line ends.
        syntax: What `ingest.symbols.parse` saw in the same text.
    """
    lines = _split_lines(text)
    spans = cut(text, syntax)
    owners = _name_spans(spans, lines, syntax.definitions)
    return tuple(
        Chunk(
            start=start,
            end=end,
            text="\n".join(lines[start - 1 : end]),
            symbol=owner.qualified_name if owner else "",
            kind=owner.kind if owner else "",
        )
        for (start, end), owner in zip(spans, owners, strict=True)
    )


def cut(
    text: str, syntax: Syntax, *, target_chars: int = _TARGET_CHARS, whole_chars: int = _WHOLE_CHARS
) -> list[_Span]:
    r"""Spans of 1-based lines that cover every line of the text exactly once, in order.

    Args:
        text: With "\n" line ends; "a\\nb\\n" has two lines, "" none.
        syntax: Its cuts are where chunks may begin.
        target_chars: What a chunk aims at.
        whole_chars: Up to this size a piece of syntax is not opened.
    """
    lines = _split_lines(text)
    if not lines:
        return []
    spans = _Cutter(lines, syntax.cuts, target=target_chars, whole=whole_chars).cut(0, len(lines))
    return [(start + 1, end) for start, end in spans]


def _split_lines(text: str) -> list[str]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


class _Cutter:
    """Cuts half-open spans of 0-based rows."""

    def __init__(self, lines: Sequence[str], cuts: Sequence[tuple[int, int]], *, target: int, whole: int) -> None:
        self._lines = lines
        self._target = target
        self._whole = whole
        self._rows = [line - 1 for line, _ in cuts]
        self._depths = [depth for _, depth in cuts]
        self._offsets = list(accumulate((max(len(line) + 1, _MIN_LINE_CHARS) for line in lines), initial=0))

    def cut(self, start: int, end: int) -> list[_Span]:
        """Spans that cover the rows from start to before end, none much larger than the target."""
        if self._size(start, end) <= self._whole:
            return [(start, end)]
        bounds = self._shallowest_cuts(start, end)
        if not bounds:
            return self._cut_at_lines(start, end)
        pieces = [
            [piece] if self._size(*piece) <= self._whole else self.cut(*piece)
            for piece in zip([start, *bounds], [*bounds, end], strict=True)
        ]
        return self._with_head(self._join(pieces))

    def _size(self, start: int, end: int) -> int:
        return self._offsets[end] - self._offsets[start]

    def _shallowest_cuts(self, start: int, end: int) -> list[int]:
        first, last = bisect_left(self._rows, start + 1), bisect_left(self._rows, end)
        if first >= last:
            return []
        depth = min(self._depths[first:last])
        return [self._rows[i] for i in range(first, last) if self._depths[i] == depth]

    def _join(self, pieces: Iterable[Sequence[_Span]]) -> list[_Span]:
        """Joins neighbours up to the target; what had to be opened is joined only with what is tiny."""
        joined: list[_Span] = []
        last_is_whole = False
        for spans in pieces:
            is_whole = len(spans) == 1
            for index, (start, end) in enumerate(spans):
                limit = self._target if is_whole and last_is_whole else 0
                if joined and index == 0:
                    limit = self._limit_with_tiny(joined[-1], (start, end), limit, is_whole=is_whole)
                if joined and self._size(joined[-1][0], end) <= limit:
                    joined[-1] = (joined[-1][0], end)
                else:
                    joined.append((start, end))
            last_is_whole = is_whole
        return joined

    def _limit_with_tiny(self, left: _Span, right: _Span, limit: int, *, is_whole: bool) -> int:
        """How large two neighbours may become when one is tiny; a definition's head stays with what is below it."""
        is_tiny = self._size(*right) < _TINY_CHARS
        if is_tiny and not is_whole:
            return 0
        return (limit or self._whole) + _TINY_CHARS if is_tiny or self._size(*left) < _TINY_CHARS else limit

    def _with_head(self, spans: list[_Span]) -> list[_Span]:
        """Joins a tiny first span, such as `class A:`, to what it opens: alone it would hardly be found."""
        if (
            len(spans) > 1
            and self._size(*spans[0]) < _TINY_CHARS
            and self._size(spans[0][0], spans[1][1]) <= _MAX_CHARS
        ):
            return [(spans[0][0], spans[1][1]), *spans[2:]]
        return spans

    def _cut_at_lines(self, start: int, end: int) -> list[_Span]:
        spans = []
        while start < end:
            stop = self._last_fit(start, end)
            spans.append((start, stop))
            start = stop
        return spans

    def _last_fit(self, start: int, end: int) -> int:
        """Where a span from start ends: past a blank line in its second half if there is one, else at the target."""
        stop = start + 1
        after_blank = 0
        while stop < end and self._size(start, stop + 1) <= self._target:
            stop += 1
            if not self._is_blank(stop - 1):
                continue
            if self._size(start, stop) >= self._target // 2:
                after_blank = stop
        if stop < end and after_blank:
            stop = after_blank
        chars = sum(len(line) + 1 for line in self._lines[start:stop])
        while stop < end and self._is_blank(stop) and chars + len(self._lines[stop]) < _MAX_CHARS:
            chars += len(self._lines[stop]) + 1
            stop += 1
        return stop

    def _is_blank(self, row: int) -> bool:
        return not self._lines[row].strip()


def _name_spans(
    spans: Sequence[_Span], lines: Sequence[str], definitions: Sequence[Definition]
) -> list[Definition | None]:
    """For each span the outermost definition that lies in it and fills it, else the innermost that holds it."""
    owners: list[Definition | None] = []
    active: list[Definition] = []
    upcoming = 0
    for start, end in spans:
        while end > start and not lines[end - 1].strip():
            end -= 1  # the blank tail is no part of what the chunk says
        while upcoming < len(definitions) and definitions[upcoming].start <= end:
            active.append(definitions[upcoming])
            upcoming += 1
        active = [definition for definition in active if definition.end >= start]
        owners.append(_owner(start, end, active))
    return owners


def _owner(start: int, end: int, definitions: Iterable[Definition]) -> Definition | None:
    owner = None
    for definition in definitions:
        overlap = min(end, definition.end) - max(start, definition.start) + 1
        if overlap < _SYMBOL_SHARE * (end - start + 1):
            continue
        owner = definition
        if definition.start >= start and definition.end <= end:
            break
    return owner
