"""Holds a streamed answer back until a citation in it is confirmed, so that one without can say so in its first line.

Knows nothing of where the text comes from or goes to.
"""

import re
from collections.abc import Callable

from ..context.citations import CitationChecker, any_valid
from ..context.mentions import parse_citations

__all__ = ["Gate"]

# the sentence that holds a citation may go on behind it, with a quote
_SENTENCE_AFTER = re.compile(r"[.!?\u3002][*_)`\"]*\s+[^\s`>]|\n[ \t\n]*[^\s`>]")


class Gate:
    """Fed piece by piece; from the first confirmed citation on, all is handed on at once."""

    def __init__(
        self, checker: CitationChecker, on_delta: Callable[[str], None] | None, *, pass_at_once: re.Pattern[str]
    ) -> None:
        """Hands text on to `on_delta`; a text that begins with `pass_at_once` needs no citation."""
        self._checker = checker
        self._on_delta = on_delta
        self._pass_at_once = pass_at_once
        self._held = ""
        self._open = False
        # where the last citation ended that was looked at
        self._judged = 0

    @property
    def is_open(self) -> bool:
        """Whether anything was handed on."""
        return self._open

    def feed(self, text: str, *, is_confirmed: Callable[[], bool] | None = None) -> None:
        """Takes the next piece; `is_confirmed` tells whether what is held is confirmed, None has it looked at here."""
        if self._on_delta is None:
            return
        if self._open:
            self._on_delta(text)
            return
        self._held += text
        if is_confirmed() if is_confirmed else self._pass_at_once.match(self._held) or self._is_confirmed():
            self.finish("")

    def drop(self) -> None:
        """Forgets what is held: it is no part of the answer."""
        self._held = ""
        self._judged = 0

    def finish(self, prefix: str) -> None:
        """Hands on what is still held, with `prefix` before it."""
        if self._on_delta is not None and not self._open:
            self._open = True
            self._on_delta(prefix + self._held)

    def _is_confirmed(self) -> bool:
        """Whether a citation is confirmed for good: judged when a new sentence follows, as no quote can fail then."""
        end = self._held.rfind("]")
        # each is judged once, and ever fewer of many: the whole costs no more than a few readings of the text
        if end <= 1.1 * self._judged or not _SENTENCE_AFTER.search(self._held, end + 1) or self._is_in_quote(end):
            return False
        self._judged = end
        return any_valid(self._checker.check(parse_citations(self._held, paths=self._checker.paths)))

    def _is_in_quote(self, end: int) -> bool:
        last_line = self._held[self._held.rfind("\n") + 1 :]
        return bool(self._held.count("`", end) % 2 or self._held.count("```") % 2) or last_line.lstrip().startswith(">")
