"""Reads the reply of a server, in OpenAI's protocol or Ollama's, streamed or whole.

Knows nothing of requests. What goes wrong in the client library is left as it is raised.
"""

import json
from collections.abc import AsyncGenerator

import openai

from ...errors import EngineReplyError
from .ollama_wire import read_ollama_piece
from .pieces import read_pieces
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
    try:
        async for delta in read_pieces(_pieces(stream, url=url), url=url, timeout_s=timeout_s, max_chars=max_chars):
            yield delta
    finally:
        await stream.close()


async def _pieces(stream: openai.AsyncStream[object], *, url: str) -> AsyncGenerator[Piece, None]:
    content_type = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-ndjson":
        lines = stream.response.aiter_lines()
        async for line in lines:
            if line.strip():
                yield read_ollama_piece(json.loads(line), url=url)
    elif content_type.endswith("json"):  # a server that does not stream
        yield read_piece(json.loads(await stream.response.aread()), url=url)
    elif content_type == "text/event-stream":
        async for data in stream:
            yield read_piece(data, url=url)
    else:
        raise EngineReplyError(
            f"{url}: the reply is {content_type or 'of no type'}, not a model's; is --base-url right"
            " (it usually ends in /v1)?"
        )
