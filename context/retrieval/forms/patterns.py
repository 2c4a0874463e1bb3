"""Compiles a pattern of a question with RE2, whose time is linear in the text whatever the pattern is.

The one module that knows RE2. Imported when a question holds a pattern: loading it takes 11 ms.
"""

import re
from collections.abc import Iterator
from typing import Protocol

import re2

from ....errors import InputError
from .literals import Pattern

__all__ = ["Matcher", "compile_open", "compile_pattern"]

# One step of RE2's slow path costs 3 ns a byte: (\w{1,30}){1,30}! has 3,604 steps and takes 9 s for 1 MB
_MOST_STEPS = 1_000
_MAX_MEMORY = 1 << 20  # bytes, of the program and its cache of states
_MAX_CHUNK = 100_000  # bytes of a chunk that are searched; chunks are of 60 lines, so what is longer is data

_UNBALANCED = {"missing )": "(", "unexpected )": ")"}
_ATOM = re.compile(rb"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]", re.DOTALL)


class _Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...


class Matcher:
    """Finds the first match on each line of a chunk."""

    def __init__(self, pattern: bytes, *, ignores_case: bool = False) -> None:
        options = re2.Options()
        options.max_mem = _MAX_MEMORY
        options.log_errors = False
        options.never_nl = True
        options.case_sensitive = not ignores_case
        self._compiled = re2.compile(b"(?m)" + pattern, options)
        self.steps: int = self._compiled.programsize

    @property
    def matches_nothing(self) -> bool:
        """Whether it matches an empty line, and so every line."""
        return self._compiled.search(b"") is not None

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Start and end of the first match of each line, in order."""
        text, at = text[:_MAX_CHUNK], 0
        while at <= len(text):
            match: _Match | None = self._compiled.search(text, at)
            if match is None:
                return
            yield match.start(), match.end()
            line_end = text.find(b"\n", match.end())
            at = len(text) + 1 if line_end < 0 else line_end + 1


def compile_pattern(pattern: Pattern) -> Matcher | None:
    """What finds a pattern; None for what only looked like one.

    Raises:
        InputError: It is meant as a pattern and is none, is too large, or matches every line.
    """
    try:
        return _compile(pattern)
    except InputError:
        if pattern.is_meant:
            raise
        return None


def _compile(pattern: Pattern) -> Matcher:
    written = pattern.body.encode("utf-8", "replace")
    try:
        matcher = Matcher(written, ignores_case="i" in pattern.flags)
    except re2.error as error:
        raise InputError(_told(pattern, written, error)) from None
    if matcher.steps > _MOST_STEPS:
        raise InputError(
            f"{pattern.shown}: {matcher.steps:,} steps, over {_MOST_STEPS:,}; repeat a smaller part, or less often"
        )
    if matcher.matches_nothing:
        raise InputError(f"{pattern.shown}: matches every line, as it matches nothing; write what must stand there")
    return matcher


def _told(pattern: Pattern, written: bytes, error: Exception) -> str:
    """RE2 names the part that is wrong; a person looks for its position."""
    said = error.args[0] if error.args else b""
    message = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    what, _, part = message.partition(": ")
    if what in _UNBALANCED:
        at = _unbalanced(written, _UNBALANCED[what].encode())
    else:
        at = max(written.find(part.encode()), 0) if part else 0
    position = len(written[:at].decode("utf-8", "replace")) + 1
    return (
        f"{pattern.shown}: {what} at character {position}; patterns are RE2's: no look-around, no back-reference"
        if what
        else f"{pattern.shown}: no pattern"
    )


def _unbalanced(written: bytes, parenthesis: bytes) -> int:
    """Where the parenthesis stands that has no partner."""
    opened: list[int] = []
    for atom in _ATOM.finditer(written):
        if atom[0] == b"(":
            opened.append(atom.start())
        elif atom[0] == b")":
            if not opened and parenthesis == b")":
                return atom.start()
            opened = opened[:-1]
    return opened[-1] if opened else 0


def compile_open(pieces: list[str]) -> Matcher:
    """What finds these pieces in order on one line, up to 80 characters apart."""
    return Matcher(b".{0,80}?".join(re2.escape(piece.encode("utf-8", "replace")) for piece in pieces))
