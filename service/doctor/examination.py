"""Measures one endpoint in bounded time: what is short first, then longer and longer prompts, the longest one twice.

Knows nothing of terminals, nor of what a measurement is used for.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from ...errors import EngineError
from ..engine.protocol import Engine, EngineInfo, Message, Prompt
from .context_length import Readings, read_growing
from .measurement import Measurement, Speed
from .prefix_cache import repeat_longest
from .probe import Prober, Sample, is_garbled
from .structured_output import try_schema

__all__ = ["examine"]

_COUNTING = Prompt(
    messages=(Message("user", "Count from 1 to 100 in digits, separated by blanks. Write nothing else."),)
)
_COUNTING_TOKENS = 400
_FIRST = Prompt(messages=(Message("user", "Reply with the word ready."),))
# of the time, for each short question: a weak model on a slow machine goes on until it is cut off
_SHARE = 0.1
_LEAST_REPLY_TOKENS, _MOST_REPLY_TOKENS = 64, 512
# pieces that were written one by one lie further apart than those that lay in a buffer
_BUFFERED_S = 0.02

_Part = TypeVar("_Part")


def examine(
    engine: Engine,
    *,
    max_tokens: int,
    max_seconds: float,
    seed: int,
    on_step: Callable[[str], None] = lambda _: None,
) -> Measurement:
    """All that can be measured in the time.

    Args:
        engine: Of the endpoint; its own timeout should be longer.
        max_tokens: The longest prompt that is sent.
        max_seconds: For all of it.
        seed: Of the text that is sent; a new one finds nothing cached.
        on_step: Gets what is done next, in words.

    Raises:
        EngineError: Not even a short question is answered.
        TimeoutError: Nor in time.
    """
    prober = Prober(engine, max_seconds=max_seconds)
    on_step("a first question")
    # it loads the model, or tells what is wrong with the whole endpoint
    enough_s = _SHARE * max_seconds
    first = prober.ask(_FIRST, max_tokens=_COUNTING_TOKENS, enough_s=enough_s)
    examination = _Examination(prober)
    on_step("speed of writing")
    counting = examination.attempt(
        "speed", lambda: prober.ask(_COUNTING, max_tokens=_COUNTING_TOKENS, enough_s=enough_s)
    )
    reply_tokens = _reply_tokens(counting, enough_s)
    on_step("structured output")
    structured = examination.attempt("structured output", lambda: try_schema(prober, reply_tokens=reply_tokens))
    readings = read_growing(
        prober,
        max_tokens=max_tokens,
        reply_tokens=reply_tokens,
        seed=seed,
        on_try=lambda tokens: on_step(f"a prompt of {tokens:,} tokens"),
    )
    if readings.length is None:
        examination.notes.append("context: no code is found in the shortest prompt, and the server counts no tokens")
    on_step("the longest prompt again")
    cache = examination.attempt(
        "prefix cache", lambda: repeat_longest(prober, readings.whole, reply_tokens=reply_tokens)
    )
    if cache is None and not any(note.startswith("prefix cache") for note in examination.notes):
        examination.notes.append("prefix cache: no time left, or no long prompt was read")
    info = examination.described()
    return Measurement(
        base_url=info.base_url,
        model=info.model,
        served_model=first.model,
        engine=f"{info.engine} {info.versions.get(info.engine, '')}".strip(),
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        counts_tokens=first.usage is not None or readings.counts_tokens,
        context=readings.length,
        cache=cache,
        structured=structured,
        speed=_speed(counting, readings) if counting else None,
        garbled_at=0 if counting and is_garbled(counting.text) else readings.garbled_at,
        notes=tuple(examination.notes),
    )


class _Examination:
    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self.notes: list[str] = []

    def attempt(self, name: str, measure: Callable[[], _Part]) -> _Part | None:
        """A part, or a note of why there is none."""
        try:
            return measure()
        except TimeoutError:
            self.notes.append(f"{name}: not measured within {self._prober.max_seconds:g} s")
        except EngineError as error:
            self.notes.append(f"{name}: {error}")
        return None

    def described(self) -> EngineInfo:
        return asyncio.run(self._prober.engine.describe())


def _reply_tokens(counting: Sample | None, seconds: float) -> int:
    """Room for a reply: what is written in the seconds, within bounds."""
    if counting is None:
        return _LEAST_REPLY_TOKENS
    per_s = counting.num_pieces / max(counting.last_s - counting.first_s, 1e-6) if counting.num_pieces > 1 else math.inf
    return int(min(_MOST_REPLY_TOKENS, max(_LEAST_REPLY_TOKENS, per_s * seconds)))


def _speed(counting: Sample, readings: Readings) -> Speed:
    # where nobody counts: a piece is a token with most servers
    num_tokens = counting.usage.completion_tokens if counting.usage else counting.num_pieces
    apart_s = counting.last_s - counting.first_s
    streams = counting.num_pieces > 2 and apart_s > _BUFFERED_S
    took_s = apart_s if streams else counting.last_s
    return Speed(
        first_token_s=round(counting.first_s, 3),
        decode_tokens_per_s=round(num_tokens / max(took_s, 1e-6), 1),
        # the best: a server may have loaded the model anew for a longer prompt
        prefill_tokens_per_s=max((round(one.tokens_per_s, 1) for one in readings.whole), default=None),
        streams=streams,
    )
