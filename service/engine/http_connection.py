"""Opens the HTTP client so that it sends only what it is told to and reads only so much.

Keys, organisations and proxies of the environment, and redirects: none of this may reach, or lead to, a server that the
user did not name. Knows nothing of prompts or replies.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx2

from ...errors import EngineReplyError

__all__ = ["open_http"]

_CONNECT_TIMEOUT_S = 10.0
# a reply of 8,192 tokens, each in its own event, is some 3 MB
_MAX_REPLY_BYTES = 64 * 1024 * 1024
_STREAMS = ("text/event-stream", "application/x-ndjson")
_SENT_HEADERS = frozenset({
    "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding",
    "x-repoask-salt",
})  # fmt: skip


def open_http(url: str, *, api_key: str | None, timeout_s: float, loopback: bool) -> httpx2.AsyncClient:
    """A client of one endpoint, to be closed.

    Args:
        url: Of the endpoint, for messages.
        api_key: Sent as bearer token; None sends none.
        timeout_s: How long the server may be silent.
        loopback: Then no proxy of the environment is used.
    """
    guard = _Guard(url, api_key, timeout_s)
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_TIMEOUT_S, timeout_s)),
        follow_redirects=False,
        trust_env=not loopback,
        # reading the certificates takes 24 ms; without TLS and without a proxy nothing is checked against them
        verify=not (loopback and url.startswith("http://")),
        event_hooks={"request": [guard.on_request], "response": [guard.on_response]},
    )


class _Guard:
    def __init__(self, url: str, api_key: str | None, timeout_s: float) -> None:
        self._url = url
        self._api_key = api_key
        self._timeout_s = timeout_s

    async def on_request(self, request: httpx2.Request) -> None:
        for name in [name for name in request.headers if name.lower() not in _SENT_HEADERS]:
            del request.headers[name]
        request.headers["user-agent"] = "repoask"
        if self._api_key:
            request.headers["authorization"] = f"Bearer {self._api_key}"

    async def on_response(self, response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            # an event stream may take its time; its reader knows whether there is progress
            is_stream = response.headers.get("content-type", "").startswith(_STREAMS)
            timeout_s = None if is_stream else self._timeout_s
            response.stream = _BoundedStream(response.stream, url=self._url, timeout_s=timeout_s)


class _BoundedStream(httpx2.AsyncByteStream):
    """A body that may not be longer, nor take longer as a whole, than any honest one."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, url: str, timeout_s: float | None) -> None:
        self._stream = stream
        self._url = url
        self._timeout_s = timeout_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _MAX_REPLY_BYTES
        async for chunk in self._in_time():
            left -= len(chunk)
            if left < 0:
                raise EngineReplyError(
                    f"{self._url}: the reply is over {_MAX_REPLY_BYTES // 1024**2} MB; is this a model's server?"
                )
            yield chunk

    async def _in_time(self) -> AsyncIterator[bytes]:
        # the client's own timeout starts anew with every byte
        clock = asyncio.get_running_loop()
        deadline = None if self._timeout_s is None else clock.time() + self._timeout_s
        chunks = aiter(self._stream)
        while True:
            async with asyncio.timeout_at(deadline):
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
