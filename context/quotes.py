"""Says what is meant as a quote, and whether it stands in given lines. Reads no file; knows nothing of citations."""

import re
from collections.abc import Iterable, Sequence

from .control_tokens import harmless

__all__ = ["MIN_QUOTE_CHARS", "contains", "is_quote", "verifies"]

MIN_QUOTE_CHARS = 20

_NUMBERED_LINE = re.compile(r"\s*\d+\s?[|:\u2502]\s?")
_ELLIPSIS = re.compile(r"\s*(?:(?:#|//|--|/\*)?\s*(?:\.{3}|\u2026)\s*(?:\*/)?)\s*")
_COMMENT_MARK = re.compile(r"^(?:[#*;!>]+|/[/*!]+|--+)(?: |$)")
# `retries = 5`, `return 42`, `if banana:`: short, yet quotes of code and no names, as `git commit` and `a -> b` are
_STATEMENT = re.compile(
    r"\w\S* (?:\S{0,2}=|&&|\|\||[<>+*%]) \S|[;{]$"
    r"|^(?:assert|await|case|class|const|def|del|else if|elif|enum|except|extends|fn|for|from|func|if|impl|import|let"
    r"|match|new|package|pub|raise|return|static|struct|switch|throw|type|use|var|while|with|yield) \S"
)
# `flask.sansio.app.App.register()`: long, yet a name and no quote of code
_NAME = re.compile(r"[\w.:/\\@$#<>*&~+-]+(?:\(\))?")


def is_quote(quote: str) -> bool:
    """Whether it can be meant as a quote at all, rather than as a name; a false one must not go unseen."""
    flat = " ".join(quote.split())
    if _NAME.fullmatch(flat):
        return False
    return len(flat) >= MIN_QUOTE_CHARS or bool(_STATEMENT.search(flat))


def verifies(quote: str, lines: Sequence[str]) -> bool:
    """Whether it is long enough or a whole line, and stands in the lines."""
    return _verifies(quote, lines) or _verifies(*_as_shown(quote, lines))


def _verifies(quote: str, lines: Sequence[str]) -> bool:
    pieces = _pieces(quote)
    if not pieces or not _contains(quote, lines):
        return False
    if max(len(piece) for piece in pieces) >= MIN_QUOTE_CHARS:
        return True
    whole_lines = set(_flat_lines(lines))
    quoted = [line for piece in pieces for line in piece.split("\n")]
    return all(line in whole_lines for line in quoted) and any(char.isalnum() for char in "".join(quoted))


def contains(lines: Sequence[str], quote: str) -> bool:
    """Whether every piece of a quote stands in the lines, in order.

    White space counts as one blank; so does the end of a line where the quote has none, and a comment's mark after it.
    """
    return _contains(quote, lines) or _contains(*_as_shown(quote, lines))


def _contains(quote: str, lines: Sequence[str]) -> bool:
    pieces, flat = _pieces(quote), _flat_lines(lines)
    if _stand_in_order(pieces, "\n".join(flat)):
        return True
    running = " ".join(_COMMENT_MARK.sub("", line) for line in flat)
    return not any("\n" in piece for piece in pieces) and _stand_in_order(pieces, running)


def _as_shown(quote: str, lines: Sequence[str]) -> tuple[str, list[str]]:
    """Both as a model is shown the lines: it may copy them letter by letter."""
    return harmless(quote), [harmless(line) for line in lines]


def _stand_in_order(pieces: Iterable[str], text: str) -> bool:
    position = 0
    for piece in pieces:
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True


def _pieces(quote: str) -> list[str]:
    """A quote as it is compared: flat lines, cut where "..." leaves something out, without copied line numbers."""
    lines = quote.split("\n")
    if all(_NUMBERED_LINE.match(line) for line in lines if line.strip()):
        lines = [_NUMBERED_LINE.sub("", line, count=1) for line in lines]
    pieces: list[list[str]] = [[]]
    for line in lines:
        if _ELLIPSIS.fullmatch(line):
            pieces.append([])
        else:
            pieces[-1].extend(_flat_lines([line]))
    return ["\n".join(piece) for piece in pieces if piece]


def _flat_lines(lines: Iterable[str]) -> list[str]:
    return [flat for line in lines if (flat := " ".join(line.split()))]
