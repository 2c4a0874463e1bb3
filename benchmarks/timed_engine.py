"""Questions of random ids, asked by repoask's own client and timed at both of its ends. Knows nothing of servers."""

import asyncio
import random
import time
from array import array
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from repoask.errors import EngineReplyError
from repoask.service.engine.protocol import Forecast, Prompt, SamplingParams, Segment, Usage
from repoask.service.engine.vllm.segment_engine import SegmentEngine

__all__ = ["Asked", "ask", "ask_at_once", "pack", "question"]

# behind control tokens and single bytes, of the model of `tests/vllm/tiny_model.py`
_IDS = range(5 + 256, 4096)
_TENANT = "b" * 64
_SEGMENT_IDS = 10_000
_QUESTION_IDS = 200
_REPLY_TOKENS = 8
_TIMEOUT_S = 600.0
# the engine's events come a little after its reply
_SETTLE_S = 0.3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered.

    Attributes:
        usage: As the server counted.
        forecast: Of the question; None where it was not asked for, or the server cannot tell.
        first_s: From the client's call to the first text.
        total_s: To the last.
        own_s: From the call until the engine has the prompt, and from the engine's last token until the text is here.
    """

    usage: Usage
    forecast: Forecast | None
    first_s: float
    total_s: float
    own_s: float


class _TimedEngine(SegmentEngine):
    """Keeps what the server tells of its own times, which the client has no use for."""

    times: dict[str, float]

    def _piece(self, told: Any) -> Any:
        if "times" in (told.get("repoask") or {}):
            self.times = told["repoask"]["times"]
        return super()._piece(told)


def pack(num_tokens: int, *, seed: int) -> tuple[Segment, ...]:
    """Segments of random ids; those of one seed are the same."""
    ids = array("I", random.Random(seed).choices(_IDS, k=num_tokens))
    step = max(_SEGMENT_IDS, num_tokens // 100)
    return tuple(Segment.of(ids[begin : begin + step].tobytes()) for begin in range(0, num_tokens, step))


def question(about: tuple[Segment, ...], *, seed: int) -> Prompt:
    """Another one for each seed."""
    return Prompt(segments=about, token_ids=tuple(random.Random(-seed - 1).choices(_IDS, k=_QUESTION_IDS)))


def ask(base_url: str, prompt: Prompt) -> Asked:
    """Forecasts and asks, with a client of its own, as a command does."""
    asked = asyncio.run(_ask(base_url, prompt, with_forecast=True))
    time.sleep(_SETTLE_S)
    return asked


def ask_at_once(base_url: str, prompts: Sequence[Prompt]) -> list[Asked]:
    """All of them together. No forecasts: what one finds depends on the others."""

    async def gathered() -> list[Asked]:
        return await asyncio.gather(*(_ask(base_url, prompt, with_forecast=False) for prompt in prompts))

    return asyncio.run(gathered())


async def _ask(base_url: str, prompt: Prompt, *, with_forecast: bool) -> Asked:
    engine = _TimedEngine(base_url, timeout_s=_TIMEOUT_S)
    forecast = await engine.forecast(prompt, salt=_TENANT) if with_forecast else None
    params = SamplingParams(temperature=0.0, seed=None, max_tokens=_REPLY_TOKENS)
    usage: Usage | None = None
    texts: list[float] = []
    begun = time.time()
    try:
        async with aclosing(engine.generate(prompt, params=params, salt=_TENANT)) as deltas:
            async for delta in deltas:
                usage = delta.usage or usage
                if delta.text:
                    texts.append(time.time())
    except EngineReplyError as error:
        if "the model wrote nothing" not in str(error):  # random weights may have nothing to say
            raise
    assert usage is not None
    times, texts = engine.times, texts or [time.time()]
    own_s = (times["arrived"] - begun) + max(0.0, texts[-1] - times["last"])
    return Asked(usage, forecast, texts[0] - begun, texts[-1] - begun, own_s)
