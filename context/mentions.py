"""Finds the citations that an answer's text makes, with what it quotes for each. Checks nothing; reads no file."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .prose import Block, Span, blocks, inline_code, sentences

__all__ = ["Mention", "parse_citations", "uncited_sentences"]

# `[` ... `]` with one level of brackets inside, for paths such as app/[id]/page.tsx
_BRACKETED = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\]){3,400})\]")
_CITATION = re.compile(
    r"`?(?P<path>[^`]+?):\s?L?(?P<start>\d{1,7})(?:\s?[-\u2010-\u2015]\s?L?(?P<end>\d{1,7}))?(?:@(?P<revision>[^\s\]`]+))?`?"
)
_SEPARATOR = re.compile(r"\s*[,;]\s*")
# a claim of fewer words ("Yes.") is not worth a mark
_MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One citation as it stands in a text, not yet checked.

    Attributes:
        path: As written, without a leading "./".
        start: First line as written.
        end: Last line as written; equal to `start` where only one line is named.
        revision: What stands behind "@", or "".
        quotes: Code that the same claim quotes, as written.
        group: Citations that stand side by side share one; the quotes belong to the group.
        span: Where it stands in the text.
    """

    path: str
    start: int
    end: int
    revision: str
    quotes: tuple[str, ...]
    group: int
    span: Span


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
        marks = _marks(text, block, paths)
        for position, run in enumerate(runs := _runs(text, marks)):
            begin = runs[position - 1][-1].span[1] if position else block.start
            quotes = _inline_quotes(text, block, (begin, run[0].span[0]), opaque=[mark.span for mark in marks])
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


def _marks(text: str, block: Block, paths: Collection[str]) -> list[_Mark]:
    code = [(span, content) for span, content in inline_code(text, block) if not _BRACKETED.fullmatch(content.strip())]
    found: list[_Mark] = []
    for match in _BRACKETED.finditer(text, block.start, block.end):
        if not any(start <= match.start() and match.end() <= end for (start, end), _ in code):
            found.extend(_split(match[1], match.span(), paths))
    return found


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


def _inline_quotes(text: str, block: Block, scope: Span, *, opaque: Sequence[Span]) -> list[str]:
    return [
        content.strip()
        for (start, end), content in inline_code(text, block)
        if scope[0] <= start and end <= scope[1] and not any(start <= left and right <= end for left, right in opaque)
    ]


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


def _uncited(text: str, found: Sequence[Span], citations: Sequence[Span]) -> Iterator[str]:
    spans = list(found)
    cited = [False] * len(spans)
    for index, (start, end) in enumerate(spans):
        inside = [span for span in citations if start <= span[0] < end]
        opening = [span for span in inside if not text[start : span[0]].strip("[(` ")]
        if opening and index and not cited[index - 1]:
            cited[index - 1] = True
            leading = [span for span in inside if _leads(text, start, span)]
            inside = [span for span in inside if span not in leading]
            start = max(end_of for _, end_of in leading)
            spans[index] = (start, end)
        cited[index] = bool(inside)
    for (start, end), done in zip(spans, cited, strict=True):
        sentence = text[start:end].strip()
        bare = _without(text, (start, end), citations)
        if not done and len(bare.split()) >= _MIN_WORDS and not sentence.endswith(":"):
            yield sentence


def _leads(text: str, start: int, span: Span) -> bool:
    """Whether nothing but other citations stands between the sentence's start and this one."""
    return not _BRACKETED.sub("", text[start : span[0]]).strip("[(`,; ")


def _without(text: str, sentence: Span, citations: Sequence[Span]) -> str:
    pieces: list[str] = []
    begin = sentence[0]
    for start, end in citations:
        if sentence[0] <= start and end <= sentence[1]:
            pieces.append(text[begin:start])
            begin = max(begin, end)
    pieces.append(text[begin : sentence[1]])
    return "".join(pieces)
