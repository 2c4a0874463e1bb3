"""Reads the pieces of a reply, however they came, and stops a reply that never ends. Knows no protocol."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ...errors import EngineReplyError
from .protocol import Delta
from .wire import Piece

__all__ = ["read_pieces"]

# a limit for a mean is none for a few: one token may be a line of dashes
_LEAST_CHARS = 1024


async def read_pieces(
    pieces: AsyncGenerator[Piece, None], *, url: str, timeout_s: float, max_chars: int
) -> AsyncGenerator[Delta, None]:
    """What the pieces add.

    Args:
        pieces: Of one reply; closed at the end.
        url: Of the endpoint, for messages.
        timeout_s: How long the server may send nothing that counts; comments and empty pieces do not count.
        max_chars: How long a reply may be; a short one is not held to it.

    Raises:
        EngineReplyError: It is empty, or too long.
        TimeoutError: The server fell silent.
    """
    num_chars, max_chars = 0, max(_LEAST_CHARS, max_chars)
    async with aclosing(_in_time(pieces, timeout_s=timeout_s)) as coming:
        async for piece in coming:
            num_chars += len(piece.delta.text)
            if num_chars > max_chars:
                raise EngineReplyError(f"{url}: the server goes on past max_tokens (over {max_chars:,} characters)")
            yield piece.delta
    if not num_chars:
        raise EngineReplyError(
            f"{url}: the model wrote nothing; raise --max-tokens if it thinks before it writes, or name another --model"
        )


async def _in_time(pieces: AsyncGenerator[Piece, None], *, timeout_s: float) -> AsyncGenerator[Piece, None]:
    clock = asyncio.get_running_loop()
    deadline = clock.time() + timeout_s
    async with aclosing(pieces):
        while True:
            async with asyncio.timeout_at(deadline):
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
            if _counts(piece):
                deadline = clock.time() + timeout_s
            yield piece


def _counts(piece: Piece) -> bool:
    delta = piece.delta
    return piece.thinking or bool(delta.text or delta.finish_reason or delta.usage or delta.place)
