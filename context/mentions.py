"""Finds the citations that an answer's text makes, with what it quotes for each. Checks nothing; reads no file."""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from .prose import Block, Span, blocks, inline_code, sentences
from .quotes import MIN_QUOTE_CHARS
from .types import Mention

__all__ = ["parse_citations", "quotes_of", "uncited_sentences"]

# `[` ... `]` with one level of brackets inside, for paths such as app/[id]/page.tsx
_BRACKETED = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\]){3,400})\]")
_LINES = r"(?P<start>\d{1,7})(?:\s?[-\u2010-\u2015]\s?L?(?P<end>\d{1,7}))?"
_CITATION = re.compile(rf"`?(?P<path>[^`]+?)(?::\s?L?|#L){_LINES}(?:@(?P<revision>[^\s\]`]+))?`?")
# `[a.py:1-2, 5-6]`: more lines of the path before
_MORE_LINES = re.compile(rf"L?{_LINES}`?")
_SEPARATOR = re.compile(r"\s*[,;]\s*")
# fewer words without a full stop are a label, not a claim
_MIN_WORDS = 3
_FULL_STOP = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"')\]*_\u201d\u2019]*$")
# "what the file says", in either kind of quotation marks; bounded, so that an odd one costs little
_SAID = re.compile(
    rf'(?<![\w"])"(?=\S)([^"]{{{MIN_QUOTE_CHARS},400}})(?<=\S)"(?!\w)|\u201c([^\u201c\u201d]{{{MIN_QUOTE_CHARS},400}})\u201d'
)
_LEFT_OUT = re.compile(r"\s*(?:\.{3}|\u2026)\s*")
_QUOTE_MARK = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
# `[a.py:1-2]: ` before code: it is the citation's, although it follows
_INTRODUCTION = re.compile(r"\s*(?::|[-\u2013\u2014(]|shows|reads|says)\s*")


def parse_citations(text: str, *, paths: Collection[str] = ()) -> tuple[Mention, ...]:
    """The citations `[path:start-end]` of a Markdown text, in order.

    Code blocks hold none. A claim reaches from the citation before it in its paragraph or list item. Its quotes are:
    code in backticks there, and what stands in quotation marks; code that the citation introduces ("[a.py:1]: `x`"); a
    fenced or quoted block just before that paragraph, or after it, when it ends with a colon.

    Args:
        text: What a model wrote.
        paths: Known paths, to tell `[Makefile:3]` from `[note:3]`.
    """
    parts = blocks(text)
    mentions: list[Mention] = []
    group = 0
    for index, block in enumerate(parts):
        if block.kind == "text":
            for run, quotes in _claims(text, parts, index, paths):
                mentions.extend(_mention(mark, quotes, group) for mark in run)
                group += 1
    return tuple(mentions)


def quotes_of(text: str) -> tuple[str, ...]:
    """All that a Markdown text quotes, in order: code in backticks or fences, and what stands in quotation marks."""
    quotes: list[str] = []
    for block in blocks(text):
        if block.kind == "code":
            quotes.append(text[block.start : block.end])
        elif block.kind == "text":
            code = [(span, content.strip()) for span, content in inline_code(text, block)]
            cited = [mark.span for mark in _marks(text, block, code, ())]
            quotes += [content for _, content in _quoted(text, block, code, cited)]
    return tuple(quotes)


def uncited_sentences(text: str, mentions: Sequence[Mention]) -> tuple[Span, ...]:
    """Where the sentences of a text stand that carry no citation. Headings, code and lead-ins are no claims.

    A citation that opens a sentence belongs to the one before it, when that has none: "It does. [a.py:1-2] Next."
    """
    uncited: list[Span] = []
    for block in blocks(text):
        if block.kind == "text":
            inside = [m.span for m in mentions if block.start <= m.span[0] < block.end]
            code = [span for span, _ in inline_code(text, block)]
            uncited.extend(_uncited(text, sentences(text, block, opaque=[*inside, *code]), inside))
    return tuple(uncited)


def _claims(
    text: str, parts: Sequence[Block], index: int, paths: Collection[str]
) -> Iterator[tuple[list["_Mark"], tuple[str, ...]]]:
    """The citations of a text block, those side by side together, with what is quoted for them."""
    block = parts[index]
    code = [(span, content.strip()) for span, content in inline_code(text, block)]
    runs = _runs(text, _marks(text, block, code, paths))
    if not runs:
        return
    spans = list(dict.fromkeys(mark.span for run in runs for mark in run))
    quoted = _quoted(text, block, code, spans)
    ends = [end for _, end in sentences(text, block, opaque=[*spans, *(span for span, _ in quoted)])]
    begin = block.start
    for position, run in enumerate(runs):
        is_last = position == len(runs) - 1
        after = _after(text, run, quoted, block, ends=ends if is_last else ())
        quotes = [content for span, content in quoted if begin <= span[0] and span[1] <= after]
        if position == 0:
            quotes += _block_before(text, parts, index, end=run[0].span[0])
        if is_last and _introduces(text, parts, index) and _is_quoted_block(text, parts, index + 1):
            quotes.append(_content(text, parts[index + 1]))
        yield run, tuple(quotes)
        begin = after


def _quoted(
    text: str, block: Block, code: Sequence[tuple[Span, str]], citations: Sequence[Span]
) -> list[tuple[Span, str]]:
    """What a text block quotes, in order: code in backticks, and what stands in quotation marks."""
    closed = [span for span, _ in code]
    found = [(span, content) for span, content in code if not _overlaps(span, citations)]
    for match in _SAID.finditer(text, block.start, block.end):
        content = (match[1] or match[2]).strip().rstrip(".,;:!?")
        if not _overlaps(match.span(), closed) and not _overlaps(match.span(), citations):
            found.append((match.span(), _LEFT_OUT.sub("\n...\n", content)))
    return sorted(found)


def _after(
    text: str, run: Sequence["_Mark"], quoted: Sequence[tuple[Span, str]], block: Block, *, ends: Sequence[int]
) -> int:
    """How far a claim goes on behind its citations: over the quote that they introduce, or to its sentence's end.

    The latter where no other citation follows (`ends`), and only when the sentence does not merely begin with them:
    "It does. [a.py:1-2] Next, ..." goes on with something else.
    """
    stop = run[-1].span[1]
    following = bisect_left(quoted, ((stop, 0), ""))
    if following < len(quoted) and _INTRODUCTION.fullmatch(text, stop, quoted[following][0][0]):
        return quoted[following][0][1]
    sentence = bisect_left(ends, stop)
    if sentence < len(ends):
        begin = ends[sentence - 1] if sentence else block.start
        if not sentence or text[begin : run[0].span[0]].strip("(`,;& \n"):
            return ends[sentence]
    return stop


def _block_before(text: str, parts: Sequence[Block], index: int, *, end: int) -> Iterator[str]:
    """The block that the first citation of a paragraph quotes: the one before it, or its own, up to `end`."""
    if _is_block_quote(text, parts[index]):
        yield _QUOTE_MARK.sub("", text[parts[index].start : end]).replace("`", "").rstrip(" \n*_(-\u2013\u2014")
    elif _is_quoted_block(text, parts, index - 1) and not _introduces(text, parts, index - 2):
        yield _content(text, parts[index - 1])


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


def _overlaps(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of `spans`, which are in order and do not overlap, shares a character with `span`."""
    index = bisect_left(spans, (span[1],)) - 1
    return index >= 0 and spans[index][1] > span[0]


def _split(inner: str, span: Span, paths: Collection[str]) -> list[_Mark]:
    """The citations between one pair of brackets: one, or several with commas between."""
    whole = _CITATION.fullmatch(inner.strip())
    if whole and _clean(whole["path"]) in paths:
        return [_mark(whole, span)]
    return _listed(inner, span, paths) or ([_mark(whole, span)] if whole and _plausible(whole, paths) else [])


def _listed(inner: str, span: Span, paths: Collection[str]) -> list[_Mark]:
    """The citations of a list, some of them by their lines alone; empty when anything else stands in it."""
    found: list[_Mark] = []
    for part in _SEPARATOR.split(inner.strip()):
        if match := _CITATION.fullmatch(part):
            if _plausible(match, paths):
                found.append(_mark(match, span))
        elif found and (match := _MORE_LINES.fullmatch(part)):
            start = int(match["start"])
            found.append(replace(found[-1], start=start, end=int(match["end"] or start)))
        else:
            return []
    return found


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
    end = int(match["end"] or start)
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


def _is_quoted_block(text: str, parts: Sequence[Block], index: int) -> bool:
    return 0 <= index < len(parts) and (parts[index].kind == "code" or _is_block_quote(text, parts[index]))


def _is_block_quote(text: str, block: Block) -> bool:
    return block.kind == "text" and text[block.start : block.end].lstrip(" \t").startswith(">")


def _introduces(text: str, parts: Sequence[Block], index: int) -> bool:
    """Whether a block is a lead-in that claims the code after it for its own citation."""
    if index < 0 or parts[index].kind != "text":
        return False
    content = _content(text, parts[index]).rstrip("*_ ")
    return content.endswith(":") and bool(_BRACKETED.search(content))


def _content(text: str, block: Block) -> str:
    content = text[block.start : block.end]
    return _QUOTE_MARK.sub("", content) if _is_block_quote(text, block) else content


def _uncited(text: str, found: Sequence[Span], citations: list[Span]) -> Iterator[Span]:
    pending: Span | None = None
    for start, end in found:
        inside = citations[bisect_left(citations, (start,)) : bisect_left(citations, (end,))]
        num_leading = _count_leading(text, start, inside)
        if pending and num_leading:
            # "It does. [a.py:1-2] Next.": the citation is that of the sentence before
            pending = None
            start, inside = inside[num_leading - 1][1], inside[num_leading:]
        if pending:
            yield pending
        pending = None if inside else _claim(text, start, end)
    if pending:
        yield pending


def _claim(text: str, start: int, end: int) -> Span | None:
    """The sentence without the white space around it, if it claims anything: a lead-in and a label do not."""
    sentence = text[start:end]
    start += len(sentence) - len(sentence.lstrip())
    sentence = sentence.strip()
    is_claim = len(sentence.split()) >= _MIN_WORDS or (_FULL_STOP.search(sentence) and any(map(str.isalpha, sentence)))
    return (start, start + len(sentence)) if is_claim and not sentence.endswith(":") else None


def _count_leading(text: str, start: int, citations: Sequence[Span]) -> int:
    """How many citations stand at `start`, with nothing but each other before them."""
    count = 0
    for left, right in citations:
        if text[start:left].strip("(`,;& "):
            break
        start = right
        count += 1
    return count
