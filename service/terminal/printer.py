"""Writes one answer to stdout: a model's text as it comes, the rest when the answer is whole.

Knows nothing of how an answer is made.
"""

from typing import Literal

from ..answer import Answer
from . import console
from .clean import clean
from .ink import choose_ink
from .progress import TerminalProgress
from .render import render_json, render_text

__all__ = ["AnswerPrinter"]


class AnswerPrinter:
    """Prints an answer in one of the formats. Leaving it early ends the line of a text that broke off."""

    def __init__(self, form: Literal["text", "markdown", "json"], *, progress: TerminalProgress) -> None:
        """`progress` is taken off the screen before the answer appears."""
        self._form = form
        self._progress = progress
        self._streamed = ""

    def __enter__(self) -> "AnswerPrinter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._progress.stop()
        if kind is not None and self._streamed and not self._streamed.endswith("\n"):
            console.write("\n")

    @property
    def is_watched(self) -> bool:
        """Whether a person reads the answer at a terminal."""
        return self._form == "text" and console.terminal("stdout") and console.terminal("stderr")

    @property
    def streams(self) -> bool:
        """Whether a model's text is written as it comes."""
        return self._form == "text" and console.terminal("stdout")

    def stream(self, text: str) -> None:
        """Writes a piece of a model's text."""
        self._progress.stop()
        self._streamed += text
        console.write(clean(text))

    def finish(self, answer: Answer) -> None:
        """Writes the whole answer, or what of it follows the stream."""
        self._progress.stop()
        if self._form == "json":
            console.write(render_json(answer))
        elif self._form == "markdown":
            from .markdown import render_markdown

            console.write(render_markdown(answer))
        else:
            if self._streamed:
                console.write("\n" * (2 - min(2, len(self._streamed) - len(self._streamed.rstrip("\n")))))
            ink = choose_ink(coloured=console.terminal("stdout"))
            console.write(render_text(answer, ink=ink, streamed=bool(self._streamed)))
