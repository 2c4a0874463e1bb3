"""Reads the reply of a server, in OpenAI's protocol or Ollama's, streamed or whole, and stops one that never ends.

Knows nothing of requests. What goes wrong in the client library is left as it is raised.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator

import openai

from ...errors import EngineReplyError
from .ollama_wire import read_ollama_piece
from .protocol import Delta
from .wire import Piece, read_piece

__all__ = ["read_reply"]


async def read_reply(
    stream: openai.AsyncStream[object], *, url: str, timeout_s: float, max_chars: int
) -> AsyncGenerator[Delta, None]:
    """The pieces of a reply.

    Args:
        stream: As the client library opened it; closed at the end.
        url: Of the endpoint, for messages.
        timeout_s: How long the server may send nothing that counts; comments and empty pieces do not count.
        max_chars: How long a reply may be.

    Raises:
        EngineReplyError: It is empty, too long, or not in the protocol.
        TimeoutError: The server fell silent.
    """
    num_chars = 0
    try:
        async for piece in _pieces(stream, url=url, timeout_s=timeout_s):
            num_chars += len(piece.delta.text)
            if num_chars > max_chars:
                raise EngineReplyError(f"{url}: the server goes on past max_tokens (over {max_chars:,} characters)")
            yield piece.delta
    finally:
        await stream.close()
    if not num_chars:
        raise EngineReplyError(
            f"{url}: the model wrote nothing; raise --max-tokens if it thinks before it writes, or name another --model"
        )


async def _pieces(stream: openai.AsyncStream[object], *, url: str, timeout_s: float) -> AsyncGenerator[Piece, None]:
    content_type = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-ndjson":
        lines = stream.response.aiter_lines()
        read = (read_ollama_piece(json.loads(line), url=url) async for line in lines if line.strip())
        async for piece in _in_time(read, timeout_s=timeout_s):
            yield piece
    elif content_type.endswith("json"):  # a server that does not stream
        yield read_piece(json.loads(await stream.response.aread()), url=url)
    elif content_type == "text/event-stream":
        async for piece in _in_time((read_piece(data, url=url) async for data in stream), timeout_s=timeout_s):
            yield piece
    else:
        raise EngineReplyError(
            f"{url}: the reply is {content_type or 'of no type'}, not a model's; is --base-url right"
            " (it usually ends in /v1)?"
        )


async def _in_time(pieces: AsyncIterator[Piece], *, timeout_s: float) -> AsyncGenerator[Piece, None]:
    clock = asyncio.get_running_loop()
    deadline = clock.time() + timeout_s
    while True:
        async with asyncio.timeout_at(deadline):
            try:
                piece = await anext(pieces)
            except StopAsyncIteration:
                return
        if piece.thinking or piece.delta.text or piece.delta.finish_reason or piece.delta.usage:
            deadline = clock.time() + timeout_s
        yield piece
