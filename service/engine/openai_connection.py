"""Opens the openai client over a guarded connection, so that it sends nothing of the environment. Knows no prompts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openai

from .http_connection import open_http

__all__ = ["open_client"]


@asynccontextmanager
async def open_client(
    url: str, *, api_key: str | None, timeout_s: float, loopback: bool
) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client of one endpoint; closed at the end.

    Args:
        url: Up to and with `/v1`.
        api_key: Sent as bearer token; None sends none.
        timeout_s: How long the server may be silent.
        loopback: Then no proxy of the environment is used.
    """
    async with openai.AsyncOpenAI(
        # the library wants some key; the guard sends the right one or none
        api_key=api_key or "none",
        base_url=url,
        max_retries=0,  # `retrying` tells of each wait
        http_client=open_http(url, api_key=api_key, timeout_s=timeout_s, loopback=loopback),
    ) as client:
        yield client
