"""Several servers of one model as one engine: a pack stays with the server that holds its KV, unless that is busy.

Knows nothing of packs: prompts that begin alike belong together.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from ...errors import EngineUnreachableError
from .protocol import Delta, Engine, EngineInfo, Forecast, Prompt, SamplingParams, Schema

__all__ = ["Replicas"]

# The rules, which many packs share, and the first segment of a pack's base: a commit that appends leaves both alone.
_LEADING_SEGMENTS = 2
_LEADING_CHARS = 4096
# What vLLM prefills in one step. A request that is let in before this one costs at least that, and so much must be won
# by leaving the server that a pack belongs to: what is prefilled elsewhere is missing there again next time.
_STEP_TOKENS = 8192
# A token that is read back from disk costs a small part of one that is computed.
_RESTORED_SHARE = 0.05


class Replicas:
    """Servers of one model, each of which can answer any prompt."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        """Asks nothing yet.

        Args:
            engines: At least one, each with another `base_url`.
        """
        self._engines = tuple(engines)
        self._chosen = self._engines[0]
        self._has_asked = False

    @property
    def info(self) -> EngineInfo:
        """Of the server that was chosen last, before that of the first that tells; loopback only if all are."""
        return replace(self._chosen.info, loopback=all(engine.info.loopback for engine in self._engines))

    async def describe(self) -> EngineInfo:
        """The same, asked for what it tells. One that is gone says nothing, and which prompts are made hangs on it."""
        if not self._has_asked:
            for engine in self._engines:
                if (await engine.describe()).engine and not self._has_asked:
                    self._chosen = engine
                    break
        await self._chosen.describe()
        return self.info

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        """What the server that the prompt would go to tells of it."""
        self._chosen, told = (await self._ranked(prompt, salt))[0]
        return told

    async def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        """The reply of the best server; of the next one where that cannot be reached. See `Engine.generate`."""
        self._has_asked = True
        unreachable: EngineUnreachableError | None = None
        for engine, _ in await self._ranked(prompt, salt):
            self._chosen = engine
            has_begun = False
            try:
                async with aclosing(engine.generate(prompt, params=params, schema=schema, salt=salt)) as deltas:
                    async for delta in deltas:
                        has_begun = True
                        yield delta
            except EngineUnreachableError as error:
                if has_begun:  # text was shown: another reply cannot take its place
                    raise
                unreachable = unreachable or error
            else:
                return
        assert unreachable is not None, "there is at least one server"
        raise unreachable

    async def _ranked(self, prompt: Prompt, salt: str | None) -> list[tuple[Engine, Forecast | None]]:
        """The servers, the best first; each with its forecast.

        Without forecasts the order depends on how the prompt begins alone (rendezvous hashing: Thaler and Ravishankar
        1998), so that a server more or less moves no pack but its own.
        """
        key = _beginning(prompt)
        engines = sorted(self._engines, key=lambda engine: _weight(key, engine.info.base_url), reverse=True)
        told = await asyncio.gather(*(engine.forecast(prompt, salt=salt) for engine in engines))
        ranked = list(zip(engines, told, strict=True))
        _, expected = ranked[0]
        if expected is None:
            return ranked
        limit = _cost(expected) - _STEP_TOKENS
        cheaper = [each for each in ranked[1:] if each[1] is not None and _cost(each[1]) < limit]
        if not cheaper:
            return ranked
        best = min(cheaper, key=lambda each: _cost(each[1]) if each[1] else limit)
        return [best, *(each for each in ranked if each is not best)]


def _beginning(prompt: Prompt) -> str:
    """Names what prompts about the same pack share."""
    if prompt.segments:
        return "/".join(segment.digest for segment in prompt.segments[:_LEADING_SEGMENTS])
    if prompt.messages:
        return prompt.messages[0].content[:_LEADING_CHARS]
    return prompt.hash


def _weight(key: str, base_url: str) -> bytes:
    return hashlib.sha256(f"{base_url}\0{key}".encode("utf-8", "surrogatepass")).digest()


def _cost(told: Forecast) -> float:
    """Tokens that are computed before the reply begins, those of requests let in before it included."""
    computed = told.prompt_tokens - told.cached_tokens
    return computed + _RESTORED_SHARE * told.restored_tokens + _STEP_TOKENS * told.place
