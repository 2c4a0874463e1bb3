"""Who is told what while a model works: the text as it comes, what a prompt will cost, the place in a queue.

Knows nothing of how any of it is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine.protocol import Engine, Forecast, Prompt

__all__ = ["Watched"]


@dataclass(frozen=True, slots=True)
class Watched:
    """Each is called where somebody listens, else None.

    Attributes:
        on_delta: Gets the model's text, once a citation in it is confirmed.
        on_preview: Gets the prompt before it is sent, and what of it is cached, where the engine can tell.
        on_place: Gets the place in the server's queue, from 1, while the prompt waits there.
    """

    on_delta: Callable[[str], None] | None = None
    on_preview: "Callable[[Prompt, Forecast | None], None] | None" = None
    on_place: Callable[[int], None] | None = None

    def preview(self, engine: "Engine", prompt: "Prompt", *, salt: str | None) -> None:
        """Asks the engine for its forecast, where somebody wants to know."""
        if self.on_preview is None:
            return
        from .engine.completion import foresee

        self.on_preview(prompt, foresee(engine, prompt, salt=salt))
