"""Shows how far long work is: a bar with an estimate on stderr, on a terminal only, after one second.

rich is imported when the bar appears, so short work pays nothing. Knows nothing of what the stages do.
"""

import time
from types import TracebackType
from typing import TYPE_CHECKING

from .clean import clean_line
from .console import terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["TerminalProgress"]

_PATIENCE_S = 1.0


class TerminalProgress:
    """A `Progress` of ingest: called with (stage, done, total). Leaves no trace on the screen when it stops."""

    def __init__(self, *, patience_s: float = _PATIENCE_S) -> None:
        """Work that takes less than `patience_s` shows nothing."""
        self._shown = terminal("stderr")
        self._patience_s = patience_s
        self._begin = time.monotonic()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "TerminalProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tells how far a stage is; `total` is 0 where it is not known."""
        if not self._shown or time.monotonic() - self._begin < self._patience_s:
            return
        bar = self._bar or self._start()
        if stage not in self._tasks:
            for task in self._tasks.values():
                bar.update(task, visible=False)
            self._tasks[stage] = bar.add_task(clean_line(stage), total=total or None)
        bar.update(self._tasks[stage], completed=done, total=total or None, visible=True)

    def stop(self) -> None:
        """Takes the bar off the screen; a later call brings it back."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
        self._tasks = {}

    def _start(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        # lines said meanwhile go above the bar; the answer must never be taken for one of them
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        self._bar.start()
        return self._bar
