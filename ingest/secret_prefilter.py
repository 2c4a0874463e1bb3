"""Tells cheaply whether a text could hold a secret, so that the scanner's 0.3 s of loading is paid where it must be.

Made once from the scanner's own rules and kept as JSON beside its compiled ones. A rule becomes two tests: words of
which one stands in every match, and its pattern loosened to what Python's `re` reads. Both only ever err towards
"could": a rule without words is tried by its pattern on every text, and one that `re` cannot read always could. Never
loads the scanner.
"""

import json
import os
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["FORMAT_VERSION", "Prefilter"]

FORMAT_VERSION = 2

_FLAGS = re.compile(r"\(\?[ims-]+\)")
_FLAGGED_GROUP = re.compile(r"\(\?[im-]+:")
_DOT_ALL = re.compile(r"\(\?[im]*s[im]*\)")
# "anything but these letters" would shrink when cases are folded: anything at all is wider
_NEGATED_LETTERS = re.compile(r"\[\^(?:\\.|[^\]\\a-zA-Z])*[a-zA-Z](?:\\.|[^\]\\])*\]")
# Several of these in one pattern take a backtracking engine minutes on a hostile text: the words alone decide.
_UNBOUNDED = re.compile(r"\.[*+]")
# So do the others, whose repetitions stop at white space, on a hostile line: such a text is left to the scanner.
_MAX_LINE_CHARS = 4_000
_POSIX = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9a-fA-F",
}
_MIN_WORD = 3


class Prefilter:
    """The rules as (words, loosened pattern); a pattern of None means that its words alone decide."""

    def __init__(self, rules: Iterable[tuple[tuple[str, ...], str | None]]) -> None:
        self._rules = tuple(rules)
        self._words = frozenset(word for words, _ in self._rules for word in words)
        self._compiled: dict[str, re.Pattern[str]] = {}

    @classmethod
    def of_patterns(cls, patterns: Iterable[str]) -> "Prefilter":
        """Made from the scanner's patterns, written for Rust's `regex`."""
        return cls(map(_rule, patterns))

    @classmethod
    def load(cls, path: Path) -> "Prefilter | None":
        """What `save` wrote, or None when there is none or it cannot be read."""
        try:
            written = json.loads(path.read_text("utf-8"))
            if written["format"] != FORMAT_VERSION:
                return None
            return cls((tuple(words), pattern) for words, pattern in written["rules"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, path: Path) -> None:
        """Written whole or not at all."""
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps({"format": FORMAT_VERSION, "rules": self._rules}), "utf-8")
        draft.replace(path)

    def could_match(self, text: str) -> bool:
        """False only when no rule can match the text. True also for one that a backtracking engine should not read."""
        if max(map(len, text.split("\n"))) > _MAX_LINE_CHARS:
            return True
        lowered = text.lower()
        present = {word for word in self._words if word in lowered}
        return any(
            (not words or not present.isdisjoint(words)) and self._loosely_matches(pattern, text)
            for words, pattern in self._rules
        )

    def _loosely_matches(self, pattern: str | None, text: str) -> bool:
        if pattern is None:
            return True
        compiled = self._compiled.get(pattern)
        if compiled is None:
            compiled = self._compiled[pattern] = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
        return compiled.search(text) is not None


def _rule(pattern: str) -> tuple[tuple[str, ...], str | None]:
    # Rust's `regex` has no look-around, so wider flags only widen what matches
    loosened = _FLAGGED_GROUP.sub("(?:", _FLAGS.sub("", pattern)).replace(r"\b", r"(?a:\b)").replace(r"\z", r"\Z")
    loosened = _NEGATED_LETTERS.sub(r"[\\s\\S]", loosened)
    for name, characters in _POSIX.items():
        loosened = loosened.replace(name, characters)
    if _DOT_ALL.search(pattern):
        loosened = f"(?s:{loosened})"
    try:
        with warnings.catch_warnings():
            # Python warns of what it would read otherwise than Rust, such as a set inside a set
            warnings.simplefilter("error")
            re.compile(loosened, re.IGNORECASE | re.MULTILINE)
    except (re.error, FutureWarning):
        return (), None
    words = _words(loosened)
    return words, None if words and _UNBOUNDED.search(pattern) else loosened


def _words(pattern: str) -> tuple[str, ...]:
    """Lower-case words of which one stands in every match, or none when there are no such words."""
    try:
        from re import _parser  # type: ignore[attr-defined]  # private; without it every pattern is tried, at more cost

        required = _required(_parser.parse(pattern))
    except (ImportError, AttributeError, ValueError, TypeError):
        return ()
    return tuple(sorted(required or ()))


def _required(tree: Any) -> frozenset[str] | None:
    """The best set of words in a sequence: the one whose shortest word is longest."""
    best: frozenset[str] | None = None
    run = ""
    for operator, operand in [*tree, (None, None)]:
        name = str(operator)
        if name == "LITERAL" and operand < 128:  # folding cases beyond ASCII may change a word's length
            run += chr(operand).lower()
            continue
        best = _better(best, frozenset({run}))
        run = ""
        if name == "SUBPATTERN":
            best = _better(best, _required(operand[-1]))
        elif name == "BRANCH":
            options = [_required(option) for option in operand[1]]
            if all(options):
                best = _better(best, frozenset().union(*(option for option in options if option)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT") and operand[0] > 0:
            best = _better(best, _required(operand[2]))
    return best


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    def shortest(words: frozenset[str] | None) -> int:
        return min(map(len, words)) if words else 0

    if shortest(other) < _MIN_WORD or shortest(other) <= shortest(one):
        return one
    return other
