"""Reads the Markdown of an answer: its blocks, its code, its sentences. Knows nothing of citations or repositories."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Block", "Span", "blocks", "inline_code", "sentences"]

Span = tuple[int, int]
"""Offsets into the text: first character, one past the last."""

_FENCE = re.compile(r"[ \t]*(?:[-*+>][ \t]+)?(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_ITEM = re.compile(r"\s*(?:>\s*)*(?:[-*+\u2022]|\d{1,3}[.)])\s+")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*$")
_TICKS = re.compile(r"`+")
_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]*_\u201d\u2019]*(?=\s+\S)|[\u3002\uff01\uff1f]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:e\.g|i\.e|etc|vs|cf|viz|approx|resp|incl|fig|sec|no|al|ca|mr|mrs|ms|dr|st|[a-z])\.$",
    re.IGNORECASE,
)
# longer than any abbreviation above: how far back a full stop has to look
_ABBREVIATION_REACH = 10
# white space between two sentences, at most
_LOOK_AHEAD = 80


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that belong together.

    Attributes:
        kind: "text" (a paragraph, a list item, a table row), "code" (fenced; the fences are outside), "heading".
        start: Offset of its first character.
        end: One past its last character, the line end not included.
    """

    kind: Literal["text", "code", "heading"]
    start: int
    end: int


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text, in order. A fence that is never closed runs to the end."""
    reader = _BlockReader(text)
    for span in _lines(text):
        reader.read(span)
    return reader.finish()


class _BlockReader:
    """Takes a text line by line and closes a block where the next begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Block] = []
        self._paragraph: Span | None = None
        self._fence = ""
        self._code_start = 0

    def read(self, span: Span) -> None:
        start, end = span
        line = self._text[start:end]
        mark = _FENCE.match(line)
        if self._fence:
            if mark and mark[1].startswith(self._fence) and not line[mark.end() :].strip():
                self._close_code(start - 1)
        elif mark:
            self._close_paragraph()
            self._fence, self._code_start = mark[1], min(end + 1, len(self._text))
        elif _HEADING.match(line):
            self._close_paragraph()
            self._found.append(Block("heading", start, end))
        elif not line.strip() or ("|" in line and _TABLE_RULE.match(line)):
            self._close_paragraph()
        else:
            self._read_prose(span, line)

    def finish(self) -> tuple[Block, ...]:
        self._close_paragraph()
        if self._fence:
            self._close_code(len(self._text))
        return tuple(self._found)

    def _read_prose(self, span: Span, line: str) -> None:
        if self._paragraph is None or _ITEM.match(line) or line.lstrip().startswith("|"):
            self._close_paragraph()
            self._paragraph = span
        else:
            self._paragraph = (self._paragraph[0], span[1])

    def _close_paragraph(self) -> None:
        if self._paragraph is not None:
            self._found.append(Block("text", *self._paragraph))
        self._paragraph = None

    def _close_code(self, end: int) -> None:
        self._found.append(Block("code", self._code_start, max(self._code_start, end)))
        self._fence = ""


def inline_code(text: str, block: Block) -> Iterator[tuple[Span, str]]:
    """The backticked pieces of a text block: their spans, backticks included, and what stands between."""
    runs = [match.span() for match in _TICKS.finditer(text, block.start, block.end)]
    closing = _closing_runs(runs)
    index = 0
    while index < len(runs):
        close = closing[index]
        if close is None:
            index += 1
            continue
        (start, inner_start), (inner_end, end) = runs[index], runs[close]
        yield (start, end), text[inner_start:inner_end]
        index = close + 1


def _closing_runs(runs: Sequence[Span]) -> list[int | None]:
    """For each run of backticks the next one of its length. Linear, as no back-reference in a pattern is."""
    closing: list[int | None] = [None] * len(runs)
    next_of_length: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        length = runs[index][1] - runs[index][0]
        closing[index] = next_of_length.get(length)
        next_of_length[length] = index
    return closing


def sentences(text: str, block: Block, *, opaque: Sequence[Span] = ()) -> tuple[Span, ...]:
    """The sentences of a text block.

    Args:
        text: The whole text.
        block: A text block of it.
        opaque: Spans that hold no sentence end, such as code and citations.
    """
    item = _ITEM.match(text, block.start, block.end)
    begin = item.end() if item else block.start
    masked = _mask(text, block, opaque)
    found: list[Span] = []
    for match in _SENTENCE_END.finditer(masked, begin - block.start):
        end = match.end()
        if _ABBREVIATION.search(masked[max(0, match.start() - _ABBREVIATION_REACH) : match.start() + 1]):
            continue
        if masked[end : end + _LOOK_AHEAD].lstrip()[:1].islower():
            continue  # "the file foo. which" reads on; so does "v1. x"
        found.append((begin, block.start + end))
        begin = block.start + end
    found.append((begin, block.end))
    return tuple(span for span in (_trimmed(text, span) for span in found) if span[0] < span[1])


def _lines(text: str) -> Iterator[Span]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _mask(text: str, block: Block, opaque: Sequence[Span]) -> str:
    masked = text[block.start : block.end]
    for start, end in opaque:
        if block.start <= start and end <= block.end:
            left, right = start - block.start, end - block.start
            masked = f"{masked[:left]}{'X' * (right - left)}{masked[right:]}"
    return masked


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
