"""Sends one prompt and takes the time of what comes back; never goes on past its deadline. Judges nothing."""

import asyncio
import math
import time
from contextlib import aclosing
from dataclasses import dataclass
from unicodedata import category

from ..engine.protocol import Delta, Engine, Prompt, SamplingParams, Schema, Usage
from ..engine.thinking import ThoughtFilter

__all__ = ["Prober", "Sample", "is_garbled"]

# control characters, halves of pairs, private use, unassigned
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})
_LONGEST_RUN = 24
_MOST_REPEATS = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """A reply.

    Attributes:
        text: Without thoughts.
        usage: None when the server does not count.
        finish_reason: As the server says it; "" when it never did.
        model: As the server reports it.
        first_s: From the request to the first text.
        last_s: To the last.
        num_pieces: Pieces with text.
    """

    text: str
    usage: Usage | None
    finish_reason: str
    model: str
    first_s: float
    last_s: float
    num_pieces: int


class Prober:
    """An engine with a deadline."""

    def __init__(self, engine: Engine, *, max_seconds: float) -> None:
        """The time begins now."""
        self.engine = engine
        self.max_seconds = max_seconds
        self._deadline = time.monotonic() + max_seconds

    @property
    def left_s(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())

    def ask(
        self, prompt: Prompt, *, max_tokens: int, schema: Schema | None = None, enough_s: float = math.inf
    ) -> Sample:
        """The reply.

        Args:
            prompt: What is asked.
            max_tokens: Of the reply.
            schema: That it must follow.
            enough_s: After so long, what has come is the reply; the server's count, which comes last, is then missing.

        Raises:
            TimeoutError: The deadline has come.
            EngineError: As `Engine.generate`.
        """
        params = SamplingParams(temperature=0.0, seed=None, max_tokens=max_tokens)
        return asyncio.run(self._ask(prompt, params, schema, enough_s))

    async def _ask(self, prompt: Prompt, params: SamplingParams, schema: Schema | None, enough_s: float) -> Sample:
        deltas: list[Delta] = []
        times: list[float] = []
        begin = time.perf_counter()
        async with asyncio.timeout(self.left_s):
            async with aclosing(self.engine.generate(prompt, params=params, schema=schema)) as stream:
                async for delta in stream:
                    deltas.append(delta)
                    if delta.text:
                        times.append(time.perf_counter() - begin)
                    if times and times[-1] >= enough_s:
                        break
        thoughts = ThoughtFilter()
        return Sample(
            text=thoughts.feed("".join(delta.text for delta in deltas)) + thoughts.finish(),
            usage=next((delta.usage for delta in reversed(deltas) if delta.usage), None),
            finish_reason=next((delta.finish_reason for delta in reversed(deltas) if delta.finish_reason), ""),
            model=next((delta.model for delta in deltas if delta.model), ""),
            first_s=times[0],
            last_s=times[-1],
            num_pieces=len(times),
        )


def is_garbled(text: str) -> bool:
    """Whether a reply to a question in plain English is no text: marks of broken bytes, or one thing over and over."""
    if any(char == "\ufffd" or (not char.isspace() and category(char) in _NO_TEXT) for char in text):
        return True
    solid = "".join(text.split())
    if any(solid[start : start + _LONGEST_RUN] == solid[start] * _LONGEST_RUN for start in range(len(solid))):
        return True
    words = text.split()
    return any(len(set(words[start : start + _MOST_REPEATS])) == 1 for start in range(len(words) - _MOST_REPEATS + 1))
