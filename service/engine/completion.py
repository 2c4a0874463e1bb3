"""Runs an engine to the end from synchronous code. Knows nothing of what is asked, nor of the server's protocol."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace

from ...errors import EngineReplyError
from .protocol import Completion, Delta, Engine, EngineInfo, Forecast, Prompt, SamplingParams
from .thinking import ThoughtFilter

__all__ = ["complete", "describe", "foresee"]


def describe(engine: Engine) -> EngineInfo:
    """What the engine tells of itself."""
    return asyncio.run(engine.describe())


def foresee(engine: Engine, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
    """What of a prompt is cached, told before it is asked; None where the engine cannot tell."""
    return asyncio.run(engine.forecast(prompt, salt=salt))


def complete(
    engine: Engine,
    prompt: Prompt,
    *,
    params: SamplingParams,
    salt: str | None = None,
    on_delta: Callable[[str], None] | None = None,
    on_place: Callable[[int], None] | None = None,
) -> Completion:
    """Generates the whole reply, handing on each piece of text as it comes. Ctrl-C ends it at once.

    Args:
        engine: What replies.
        prompt: What to reply to.
        params: How to draw it.
        salt: Separates the cache of tenants on engines that have one.
        on_delta: Gets each piece of text.
        on_place: Gets the place in the server's queue, from 1, while the prompt waits there.

    Raises:
        EngineError: As `Engine.generate`.
    """
    return asyncio.run(_complete(engine, prompt, params, salt, on_delta, on_place))


async def _complete(
    engine: Engine,
    prompt: Prompt,
    params: SamplingParams,
    salt: str | None,
    on_delta: Callable[[str], None] | None,
    on_place: Callable[[int], None] | None,
) -> Completion:
    # the server is asked who it is while it works on the reply: costs no time
    description = asyncio.create_task(engine.describe())
    try:
        deltas: list[Delta] = []
        async with aclosing(_without_thoughts(engine.generate(prompt, params=params, salt=salt))) as stream:
            async for delta in stream:
                if delta.place is not None and on_place:
                    on_place(delta.place)
                deltas.append(delta)
                if delta.text and on_delta:
                    on_delta(delta.text)
        await description
    finally:
        description.cancel()
    text = "".join(delta.text for delta in deltas)
    if not text.strip():
        raise EngineReplyError(f"{engine.info.base_url}: the model thought but wrote nothing; raise --max-tokens")
    return Completion(
        text=text,
        finish_reason=_last(delta.finish_reason for delta in deltas),
        usage=next((delta.usage for delta in reversed(deltas) if delta.usage), None),
        model=_last(delta.model for delta in deltas),
        fingerprint=_last(delta.fingerprint for delta in deltas),
        info=engine.info,
    )


async def _without_thoughts(deltas: AsyncGenerator[Delta, None]) -> AsyncGenerator[Delta, None]:
    thoughts = ThoughtFilter()
    async with aclosing(deltas):
        async for delta in deltas:
            yield replace(delta, text=thoughts.feed(delta.text))
    yield Delta(text=thoughts.finish())


def _last(values: Iterable[str]) -> str:
    found = ""
    for value in values:
        found = value or found
    return found
