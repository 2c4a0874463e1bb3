"""Adds up the wall time of stages that take turns. Knows nothing of what they do."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["Stopwatch"]

_Item = TypeVar("_Item")


class Stopwatch:
    """Seconds by stage. A stage that runs inside another is not counted twice."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        """Goes on from `seconds`, which others measured."""
        self.seconds = dict(seconds or {})
        self._open: list[str] = []
        self._since = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the block towards a stage."""
        self._switch()
        self._open.append(name)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    def timed(self, name: str, items: Iterable[_Item]) -> Iterator[_Item]:
        """The items, with the time that making each takes counted towards a stage."""
        iterator = iter(items)
        while True:
            with self.stage(name):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    def _switch(self) -> None:
        now = time.perf_counter()
        if self._open:
            stage = self._open[-1]
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now
