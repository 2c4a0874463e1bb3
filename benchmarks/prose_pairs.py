"""Pairs of prose and code in a file: what a comment says, and the terms of the code that it stands at.

A comment is told by how its lines start, a docstring by what is defined above it: no grammar is needed, and what is
missed or cut wrongly is one pair among hundreds of thousands. Knows nothing of git, of vocabularies or of vectors.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from repoask.context import terms
from repoask.context.retrieval.stopwords import STOP_WORDS

__all__ = ["COMMENTED", "Pair", "code_terms", "is_comment", "pairs_of_text", "said_words", "stems_of"]

_MOST_LINES = 6_000  # longer files are tables, or written by machines
_MOST_LINE_CHARS = 400
_MOST_COMMENT_LINES = 80
_MOST_PROSE_CHARS = 600
_NUM_WORDS = range(3, 91)  # fewer name what the code names already, more are pages of a manual
_NUM_CODE_LINES = 12
_NUM_LINES_ABOVE = 6  # in which the definition that a docstring belongs to starts
_MOST_NAME_CHARS = 60

_MARKUP = re.compile(r"@\w+|\{@\w+|https?://\S+|<[^>]+>")
_LICENSE = re.compile(r"copyright|licen[cs]e", re.IGNORECASE)
_REFERENCE = re.compile(r"\s*(?:@|:param|\\param|Args:|Parameters|Returns?:|[#\s]*Example|```|>>>)")  # no prose follows
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"[A-Za-z_]\w+")
_BEHIND_CODE = re.compile(r"(?://|#\s|--\s).*$")
_ATTRIBUTE = re.compile(r"\s*[@\[#]")
_KEYWORDS = """
abstract async await bool boolean case catch char class const defp do double elif else end enum except export
extends false final finally float fn for from fun func function if impl implements import in int interface internal
lambda let long match module mut namespace new nil none null override package private protected pub public raise
readonly return sealed self static std str string struct super switch then this throw throws trait true try type
typedef u8 u32 u64 i32 i64 unsigned use usize using val var virtual void when where while with yield def size_t
"""
_NO_NAMES = frozenset(_KEYWORDS.split())


class _Shape(NamedTuple):
    """How comments of a language look.

    Attributes:
        line: Matches a line that is all comment; the group is what it says.
        opening, closing: Of a comment of several lines, if there is one.
        above: Matches the definition that a block stands in, where it does not stand before it.
    """

    line: re.Pattern[str]
    opening: re.Pattern[str] | None = None
    closing: re.Pattern[str] | None = None
    above: re.Pattern[str] | None = None


def _shape(line: str, opening: str = "", closing: str = "", *, above: str = "") -> _Shape:
    parts = (re.compile(rf"\s*{part}") if part else None for part in (opening, above))
    start, definition = parts
    return _Shape(re.compile(rf"\s*{line}\s?(.*)$"), start, re.compile(closing) if closing else None, definition)


_SLASHES = _shape(r"(?://[/!]?|\*(?=\s|$))", r"/\*+!?", r"\*/")
_SHAPES = {
    **dict.fromkeys(("c", "cpp", "csharp", "go", "java", "javascript", "kotlin", "objc"), _SLASHES),
    **dict.fromkeys(("rust", "scala", "swift", "tsx", "typescript", "zig"), _SLASHES),
    "php": _shape(r"(?://|#(?!\[)|\*(?=\s|$))", r"/\*+", r"\*/"),
    "python": _shape(r"#(?!!)", r"[rRuU]?(?:\"{3}|'{3})", r"\"{3}|'{3}", above=r"(?:async\s+)?(?:def|class)\s+\w+"),
    **dict.fromkeys(("bash", "julia", "ruby"), _shape(r"#(?!!)")),
    "elixir": _shape(r"#", r"@(?:module|type)?doc\s+(?:~[sS])?\"{3}", r"\"{3}"),
    "haskell": _shape(r"--+(?:\s\|)?(?=\s|$)", r"\{-+(?!#)(?:\s?\|)?", r"-\}"),
    "lua": _shape(r"--+(?!\[)", r"--\[=*\[", r"\]=*\]"),
}

COMMENTED = frozenset(_SHAPES)
"""The languages whose comments are known, by the names of `repoask.ingest.languages`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and the code that it is about.

    Attributes:
        said: The stems of the text's words, each once, in order; without stop words.
        code: The terms of the code, each once, in order.
    """

    said: tuple[str, ...]
    code: tuple[str, ...]


class _Comment(NamedTuple):
    """Lines from `start` up to `end`, and what they say."""

    start: int
    end: int
    prose: list[str]
    is_block: bool


def pairs_of_text(text: str, language: str) -> Iterator[Pair]:
    """The comments of a file that say something about code, each with the terms of that code."""
    lines = [line[:_MOST_LINE_CHARS] for line in text.split("\n")]
    shape = _SHAPES.get(language)
    if shape is None or len(lines) > _MOST_LINES:
        return
    at = 0
    while at < len(lines):
        comment = _comment_at(lines, at, shape)
        at = max(comment.end, at + 1)
        said = _said_in(comment.prose)
        if said and (code := code_terms(_code_of(lines, comment, shape))):
            yield Pair(said, code)


def said_words(text: str) -> tuple[str, ...]:
    """The stems of a text, as `Pair.said` has them; none where it says too little or too much."""
    words = _words(_MARKUP.sub(" ", text))
    return _stems(words) if len(words) in _NUM_WORDS else ()


def stems_of(text: str) -> tuple[str, ...]:
    """The stems of a text of any length, as `Pair.said` has them."""
    return _stems(_words(text))


def code_terms(lines: Iterable[str]) -> tuple[str, ...]:
    """The terms of the names in lines of code, each once, in order; without keywords and what a comment behind says."""
    names = (name for line in lines for name in _NAME.findall(_BEHIND_CODE.sub("", line)))
    wanted = (name for name in names if name not in _NO_NAMES and len(name) <= _MOST_NAME_CHARS)
    return tuple(dict.fromkeys(term for name in wanted for term in _terms_of(name)))


def is_comment(line: str, language: str) -> bool:
    """Whether a line is nothing but comment."""
    shape = _SHAPES.get(language)
    return shape is not None and _starts_comment(line, shape)


def _words(text: str) -> list[str]:
    return [word for run in _WORD.findall(text) for word in terms.split_identifier(run)]


def _stems(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms.join([word]) for word in words if len(word) > 1 and word not in STOP_WORDS))


@lru_cache(maxsize=200_000)
def _terms_of(name: str) -> tuple[str, ...]:
    return tuple(terms.terms_of(name))


def _starts_comment(line: str, shape: _Shape) -> bool:
    return bool(shape.line.match(line) or (shape.opening and shape.opening.match(line)))


def _comment_at(lines: Sequence[str], start: int, shape: _Shape) -> _Comment:
    """The comment that starts at a line; one without lines where there is none."""
    found = shape.opening.match(lines[start]) if shape.opening else None
    if found and (shape.above is None or _is_first_of_body(lines, start)):
        return _block_at(lines, start, found.end(), shape)
    prose = []
    for line in lines[start : start + _MOST_COMMENT_LINES]:
        if (found := shape.line.match(line)) is None:
            break
        prose.append(found[1])
    return _Comment(start, start + len(prose), prose, is_block=False)


def _block_at(lines: Sequence[str], start: int, column: int, shape: _Shape) -> _Comment:
    assert shape.closing is not None
    prose: list[str] = []
    end = start
    for end in range(start, len(lines)):
        line = lines[end][column:] if end == start else lines[end]
        closed = shape.closing.search(line)
        if len(prose) < _MOST_COMMENT_LINES:
            prose.append(line[: closed.start() if closed else None].strip(" \t*!|/-"))
        if closed:
            break
    return _Comment(start, end + 1, prose, is_block=True)


def _is_first_of_body(lines: Sequence[str], at: int) -> bool:
    """Whether the line above ends a definition's head: else quotes that start a line most often end a text."""
    return at > 0 and lines[at - 1].rstrip().endswith(":")


def _said_in(prose: Sequence[str]) -> tuple[str, ...]:
    """The words of a comment up to its reference of parameters; none of a license."""
    kept = []
    for line in prose:
        if _REFERENCE.match(line):
            break
        kept.append(line)
    text = " ".join(kept)[:_MOST_PROSE_CHARS]
    return () if _LICENSE.search(text) else said_words(text)


def _code_of(lines: Sequence[str], comment: _Comment, shape: _Shape) -> list[str]:
    """The lines of code that a comment is about: those below, and the definition above a docstring."""
    below = [line for line in lines[comment.end : comment.end + _NUM_CODE_LINES] if not _starts_comment(line, shape)]
    if shape.above and comment.is_block:
        for at in range(comment.start - 1, max(-1, comment.start - 1 - _NUM_LINES_ABOVE), -1):
            if shape.above.match(lines[at]):
                return [*lines[at : comment.start], *below]
        return []  # of a module, or a text that is no docstring
    return below if any(line.strip() and not _ATTRIBUTE.match(line) for line in below) else []
