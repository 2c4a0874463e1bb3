"""Finds the citations that an answer's text makes, with what it quotes for each. Checks nothing; reads no file."""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .prose import Block, Span, blocks, inline_code, sentences
from .types import Mention

__all__ = ["parse_citations", "uncited_sentences"]

# `[` ... `]` with one level of brackets inside, for paths such as app/[id]/page.tsx
_BRACKETED = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\]){3,400})\]")
_CITATION = re.compile(
    r"`?(?P<path>[^`]+?):\s?L?(?P<start>\d{1,7})(?:\s?[-\u2010-\u2015]\s?L?(?P<end>\d{1,7}))?(?:@(?P<revision>[^\s\]`]+))?`?"
)
_SEPARATOR = re.compile(r"\s*[,;]\s*")
# a claim of fewer words ("Yes.") is not worth a mark
_MIN_WORDS = 3


def parse_citations(text: str, *, paths: Collection[str] = ()) -> tuple[Mention, ...]:
    """The citations `[path:start-end]` of a Markdown text, in order.

    Code blocks hold none. A claim reaches from the citation before it in its paragraph or list item; code in backticks
    there, and a fenced block just before that paragraph (or after it, when it ends with a colon), are its quotes.

    Args:
        text: What a model wrote.
        paths: Known paths, to tell `[Makefile:3]` from `[note:3]`.
    """
    parts = blocks(text)
    mentions: list[Mention] = []
    group = 0
    for index, block in enumerate(parts):
        if block.kind != "text":
            continue
        code = [(span, content.strip()) for span, content in inline_code(text, block)]
        marks = _marks(text, block, code, paths)
        spans = [mark.span for mark in marks]
        code = [(span, content) for span, content in code if not _is_within(span, spans)]
        for position, run in enumerate(runs := _runs(text, marks)):
            begin = runs[position - 1][-1].span[1] if position else block.start
            quotes = [content for span, content in code if begin <= span[0] and span[1] <= run[0].span[0]]
            if position == 0 and _is_code(parts, index - 1) and not _introduces(text, parts, index - 2):
                quotes.append(_content(text, parts[index - 1]))
            if position == len(runs) - 1 and _introduces(text, parts, index) and _is_code(parts, index + 1):
                quotes.append(_content(text, parts[index + 1]))
            mentions.extend(_mention(mark, tuple(quotes), group) for mark in run)
            group += 1
    return tuple(mentions)


def uncited_sentences(text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """The sentences of a text that carry no citation, as written. Headings, code and lead-ins are no claims.

    A citation that opens a sentence belongs to the one before it, when that has none: "It does. [a.py:1-2] Next."
    """
    uncited: list[str] = []
    for block in blocks(text):
        if block.kind == "text":
            inside = [m.span for m in mentions if block.start <= m.span[0] < block.end]
            code = [span for span, _ in inline_code(text, block)]
            uncited.extend(_uncited(text, sentences(text, block, opaque=[*inside, *code]), inside))
    return tuple(uncited)


@dataclass(frozen=True, slots=True)
class _Mark:
    path: str
    start: int
    end: int
    revision: str
    span: Span


def _marks(text: str, block: Block, code: Sequence[tuple[Span, str]], paths: Collection[str]) -> list[_Mark]:
    # `[a.py:1-2]` in backticks is a citation all the same; `x[i:1-2]` is code
    closed = [span for span, content in code if not _BRACKETED.fullmatch(content)]
    found: list[_Mark] = []
    for match in _BRACKETED.finditer(text, block.start, block.end):
        if not _is_within(match.span(), closed):
            found.extend(_split(match[1], match.span(), paths))
    return found


def _is_within(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of `spans`, which are in order and do not overlap, holds all of `span`."""
    index = bisect_right(spans, (span[0], sys.maxsize)) - 1
    return index >= 0 and span[1] <= spans[index][1]


def _split(inner: str, span: Span, paths: Collection[str]) -> Iterator[_Mark]:
    """The citations between one pair of brackets: one, or several with commas between."""
    whole = _CITATION.fullmatch(inner.strip())
    if whole and _clean(whole["path"]) in paths:
        yield _mark(whole, span)
        return
    matches = [_CITATION.fullmatch(part) for part in _SEPARATOR.split(inner.strip())]
    several = [match for match in matches if match]
    if len(several) != len(matches):
        several = [whole] if whole else []
    for match in several:
        if _plausible(match, paths):
            yield _mark(match, span)


def _plausible(match: re.Match[str], paths: Collection[str]) -> bool:
    """A range is a citation whatever it names; one line alone needs a name that looks like a file's."""
    path = _clean(match["path"])
    if path in paths:
        return True
    if "://" in path or not any(char.isalpha() for char in path):
        return False
    return match["end"] is not None or "." in path or "/" in path


def _mark(match: re.Match[str], span: Span) -> _Mark:
    start = int(match["start"])
    end = int(match["end"]) if match["end"] else start
    return _Mark(path=_clean(match["path"]), start=start, end=end, revision=match["revision"] or "", span=span)


def _clean(path: str) -> str:
    return path.strip().strip("`").removeprefix("./")


def _mention(mark: _Mark, quotes: tuple[str, ...], group: int) -> Mention:
    return Mention(mark.path, mark.start, mark.end, mark.revision, quotes, group, mark.span)


def _runs(text: str, marks: Sequence[_Mark]) -> list[list[_Mark]]:
    """Marks that stand side by side, with nothing but punctuation and "and" between."""
    runs: list[list[_Mark]] = []
    for mark in marks:
        previous = runs[-1][-1] if runs else None
        if previous and not text[previous.span[1] : mark.span[0]].replace("and", "").strip(" ,;&`\n"):
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs


def _is_code(parts: Sequence[Block], index: int) -> bool:
    return 0 <= index < len(parts) and parts[index].kind == "code"


def _introduces(text: str, parts: Sequence[Block], index: int) -> bool:
    """Whether a block is a lead-in that claims the code after it for its own citation."""
    if index < 0 or parts[index].kind != "text":
        return False
    content = _content(text, parts[index]).rstrip("*_ ")
    return content.endswith(":") and bool(_BRACKETED.search(content))


def _content(text: str, block: Block) -> str:
    return text[block.start : block.end]


def _uncited(text: str, found: Sequence[Span], citations: list[Span]) -> Iterator[str]:
    pending = ""
    for start, end in found:
        inside = citations[bisect_left(citations, (start,)) : bisect_left(citations, (end,))]
        num_leading = _count_leading(text, start, inside)
        if pending and num_leading:
            # "It does. [a.py:1-2] Next.": the citation is that of the sentence before
            pending = ""
            start, inside = inside[num_leading - 1][1], inside[num_leading:]
        if pending:
            yield pending
        pending = "" if inside else _claim(text[start:end].strip())
    if pending:
        yield pending


def _claim(sentence: str) -> str:
    """The sentence, if it claims anything; "" for a lead-in and for a word or two."""
    return "" if sentence.endswith(":") or len(sentence.split()) < _MIN_WORDS else sentence


def _count_leading(text: str, start: int, citations: Sequence[Span]) -> int:
    """How many citations stand at `start`, with nothing but each other before them."""
    count = 0
    for left, right in citations:
        if text[start:left].strip("(`,;& "):
            break
        start = right
        count += 1
    return count
