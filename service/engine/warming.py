"""Has a server read a prompt ahead of the question that will begin with it. Keeps nothing of the reply."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

from ...errors import EngineReplyError
from .protocol import Engine, Prompt, SamplingParams, Usage

__all__ = ["warm_up"]


def warm_up(engine: Engine, prompt: Prompt, *, params: SamplingParams, salt: str | None = None) -> Usage | None:
    """Sends the prompt for one token; gives what the server counted, None where it does not count.

    Args:
        engine: Whose cache is to hold the prompt.
        prompt: What questions will begin with.
        params: As questions are drawn; one token is.
        salt: As questions have it.

    Raises:
        EngineError: As `Engine.generate`.
    """
    return asyncio.run(_warm_up(engine, prompt, replace(params, max_tokens=1), salt))


async def _warm_up(engine: Engine, prompt: Prompt, params: SamplingParams, salt: str | None) -> Usage | None:
    usage: Usage | None = None
    try:
        async with aclosing(engine.generate(prompt, params=params, salt=salt)) as deltas:
            async for delta in deltas:
                usage = delta.usage or usage
    except EngineReplyError:
        # one token may be no text, which is no reply; but the prompt was read, or nothing would have been counted
        if usage is None:
            raise
    return usage
