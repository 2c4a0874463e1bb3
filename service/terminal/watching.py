"""Who watches a model at work: the answer's printer, and a person at the terminal, if there is one."""

from typing import TYPE_CHECKING

from ..watched import Watched
from . import console
from .printer import AnswerPrinter
from .progress import TerminalProgress

if TYPE_CHECKING:
    from ..engine.protocol import Forecast, Prompt

__all__ = ["watched_by"]


def watched_by(printer: AnswerPrinter, progress: TerminalProgress) -> Watched:
    """What is told while a question is answered; nothing is asked of the server for nobody."""
    on_delta = printer.stream if printer.streams else None
    if not console.terminal("stderr"):
        return Watched(on_delta)
    return Watched(on_delta, _say_preview, lambda place: progress(f"waiting: place {place:,} in the queue", 0, 0))


def _say_preview(prompt: "Prompt", forecast: "Forecast | None") -> None:
    from .preview import preview_line  # a question that no model answers does without

    console.say(preview_line(prompt, forecast))
