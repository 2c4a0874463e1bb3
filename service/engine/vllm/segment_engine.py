"""An engine that sends a prompt's segments once, where the server has repoask's middleware.

Anywhere else, and for chat messages, it is the OpenAI client: a server is asked what it is before the first prompt of
token ids, and once. Importing this module is cheap, and so is asking: the openai library stays out of it.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager, aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ....errors import EngineError, EngineReplyError, EngineUnreachableError, OfflineError
from ..openai_client import MAX_CHARS_PER_TOKEN, OpenAIEngine
from ..protocol import Delta, EngineInfo, Forecast, Prompt, SamplingParams, Schema, Segment
from .cache_counters import CacheCounters, counted, read_counters

if TYPE_CHECKING:
    import httpx2

    from ..wire import Piece
    from .segment_wire import ServerInfo

__all__ = ["SegmentEngine"]

_ASK_TIMEOUT_S = 2.0
# a forecast hashes a pack the first time: 1 s for 10M tokens
_FORECAST_TIMEOUT_S = 30.0
# other clients' segments may push some of a prompt's out again before it is asked
_MAX_ROUNDS = 3
_STREAM = "text/event-stream"
# what a forecast depends on is the prompt alone
_FORECAST_PARAMS = SamplingParams(temperature=0.0, seed=None, max_tokens=1)
_LOGGER = logging.getLogger(__name__)


class SegmentEngine:
    """A server that speaks the OpenAI protocol, or repoask's own as well."""

    def __init__(
        self,
        base_url: str,
        model: str = "",
        *,
        api_key: str | None = None,
        timeout_s: float,
        max_retries: int = 2,
        refused: tuple[str, ...] = (),
    ) -> None:
        """Connects to nothing yet; the parameters are those of `OpenAIEngine`.

        Raises:
            ConfigError: `base_url` is no http(s) URL, or holds credentials.
        """
        self._plain = OpenAIEngine(
            base_url, model, api_key=api_key, timeout_s=timeout_s, max_retries=max_retries, refused=refused
        )
        self._url = self._plain.info.base_url
        self._pages = f"{self._url.removesuffix('/v1')}/repoask"
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._max_retries = max_retries
        self._has_messages = False
        self._server: ServerInfo | None = None
        self._is_known = False
        self._asking: asyncio.Task[None] | None = None

    @property
    def info(self) -> EngineInfo:
        """What is known so far."""
        info, server = self._plain.info, self._server
        if server is None:
            return info
        return replace(
            info,
            model=info.model or self._model(server),
            engine="vllm",
            versions={**(info.versions if self._has_messages else {}), "vllm": server.vllm},
            max_model_len=(server.max_model_len or None) if (info.model or server.models[0]) in server.models else None,
        )

    async def describe(self) -> EngineInfo:
        """What the server tells of itself; one with the middleware is asked one page."""
        # a question of messages needs nothing of the middleware, and is not told apart
        if self._has_messages or await self._recognised() is None:
            await self._plain.describe()
        return self.info

    async def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        """The reply, piece by piece; see `Engine.generate`."""
        self._has_messages = bool(prompt.messages)
        server = None if prompt.messages else await self._recognised()
        deltas = (
            self._generate_plainly(prompt, params=params, schema=schema, salt=salt)
            if server is None
            else self._generate(server, prompt, params=params, schema=schema, salt=salt)
        )
        async with aclosing(deltas):
            async for delta in deltas:
                yield delta

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        """What `generate` would find cached; None of chat messages, and of servers without the middleware."""
        server = None if prompt.messages else await self._recognised()
        if server is None:
            return None
        from .segment_wire import question_of, read_forecast

        timeout_s = min(self._timeout_s, _FORECAST_TIMEOUT_S)
        with suppress(EngineError, OfflineError), self._translated():
            async with self._client(timeout_s=timeout_s) as client, asyncio.timeout(timeout_s):
                body, sent = question_of(prompt, model=self._model(server), params=_FORECAST_PARAMS, schema=None)
                response = await self._asked(client, "forecast", body, sent.segments, salt=salt)
                return read_forecast(await response.aread())
        return None

    async def _generate_plainly(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None, salt: str | None
    ) -> AsyncGenerator[Delta, None]:
        """The OpenAI way; what a vLLM server does not tell of its cache is taken from its counters."""
        has_counters = bool(prompt.token_ids) and self._plain.info.engine == "vllm"
        before = await self._counters() if has_counters else None
        async with aclosing(self._plain.generate(prompt, params=params, schema=schema, salt=salt)) as deltas:
            async for delta in deltas:
                usage = delta.usage
                if before and usage and not usage.cached_tokens:
                    usage = counted(usage, before, await self._counters())
                yield replace(delta, usage=usage)

    async def _counters(self) -> CacheCounters | None:
        """What the server has counted; a server that does not tell is no error."""
        with suppress(EngineError, OfflineError), self._translated():
            async with self._client(timeout_s=_ASK_TIMEOUT_S) as client:
                response = await client.get(f"{self._url.removesuffix('/v1')}/metrics")
                return read_counters(response.text) if response.is_success else None
        return None

    async def _generate(
        self, server: "ServerInfo", prompt: Prompt, *, params: SamplingParams, schema: Schema | None, salt: str | None
    ) -> AsyncGenerator[Delta, None]:
        from ..pieces import read_pieces
        from .segment_wire import question_of

        with self._translated():
            async with self._client(timeout_s=self._timeout_s) as client:
                body, sent = question_of(prompt, model=self._model(server), params=params, schema=schema)
                response = await self._asked(client, "completions", body, sent.segments, salt=salt)
                deltas = read_pieces(
                    self._pieces(response),
                    url=self._url,
                    timeout_s=self._timeout_s,
                    max_chars=params.max_tokens * MAX_CHARS_PER_TOKEN,
                )
                async with aclosing(deltas):
                    async for delta in deltas:
                        yield delta

    async def _recognised(self) -> "ServerInfo | None":
        """What the server tells, if it has the middleware; asked once."""
        if not self._is_known:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._recognise())
            # who waits may be cancelled without the others that wait
            await asyncio.shield(self._asking)
        return self._server

    async def _recognise(self) -> None:
        from .segment_wire import PROTOCOL, read_server

        try:
            with self._translated():
                async with self._client(timeout_s=_ASK_TIMEOUT_S) as client:
                    response = await client.get(self._pages)
                    server = read_server(response.content) if response.is_success else None
        except EngineUnreachableError:  # it may come back
            return
        except (EngineError, OfflineError):
            server = None
        if server is not None and server.repoask != PROTOCOL:
            _LOGGER.warning(
                "%s: its repoask pages speak protocol %d, this repoask speaks %d; prompts are sent whole",
                self._url, server.repoask, PROTOCOL,
            )  # fmt: skip
            server = None
        self._server = server if server is not None and server.models else None
        self._is_known = True

    async def _asked(
        self, client: "httpx2.AsyncClient", page: str, body: bytes, segments: Sequence[Segment], *, salt: str | None
    ) -> "httpx2.Response":
        """The response to a question, whose body is not read yet; segments that the server lacks are sent first."""
        import httpx2

        from .segment_wire import read_missing, salt_header

        url, headers = f"{self._pages}/v1/{page}", {"content-type": "application/json", **salt_header(salt)}
        for _ in range(_MAX_ROUNDS - 1):
            try:
                return await self._sent(client, "POST", url, body, headers)
            except httpx2.HTTPStatusError as error:
                if error.response.status_code != 409:
                    raise
                missing = read_missing(error.response.content, segments, url=self._url)
            for segment in missing:
                path = f"{self._pages}/v1/segments/{segment.digest}"
                kept = await self._sent(client, "PUT", path, segment.read(), salt_header(salt))
                # read to its end, so that the next one has the connection: a client has a hundred at most
                await kept.aread()
        return await self._sent(client, "POST", url, body, headers)

    async def _sent(
        self, client: "httpx2.AsyncClient", method: str, url: str, body: bytes, headers: dict[str, str]
    ) -> "httpx2.Response":
        from ..http_errors import failure_of
        from ..retrying import retried

        async def send() -> "httpx2.Response":
            import httpx2

            request = client.build_request(method, url, content=body, headers=headers)
            response = await client.send(request, stream=True)
            if not response.is_success:
                await response.aread()
                raise httpx2.HTTPStatusError(str(response.status_code), request=request, response=response)
            return response

        return await retried(send, url=self._url, max_retries=self._max_retries, failure_of=failure_of)

    async def _pieces(self, response: "httpx2.Response") -> "AsyncGenerator[Piece, None]":
        content_type = response.headers.get("content-type", "")
        if not content_type.startswith(_STREAM):
            raise EngineReplyError(f"{self._url}: the reply is {content_type or 'of no type'}, not a model's")
        is_whole = False
        async with aclosing(response):
            # to the very end, which comes at once: what is left unread has to be torn down
            async for line in response.aiter_lines():
                if is_whole or not line.startswith("data:"):
                    continue
                data = line.removeprefix("data:").strip()
                is_whole = data == "[DONE]"
                if not is_whole:
                    yield self._piece(json.loads(data))
        if not is_whole:
            raise EngineUnreachableError(f"{self._url}: the reply broke off; look at the server's log, or try again")

    def _piece(self, told: object) -> "Piece":
        from ..http_errors import cleaned, server_message
        from ..wire import read_piece

        if isinstance(told, dict) and told.get("error"):
            said = cleaned(server_message(told), self._api_key)
            raise EngineReplyError(f"{self._url}: the server broke off with an error: {said}")
        return read_piece(told, url=self._url)

    def _model(self, server: "ServerInfo") -> str:
        return self._plain.info.model or server.models[0]

    def _client(self, *, timeout_s: float) -> "httpx2.AsyncClient":
        from ..http_connection import open_http

        return open_http(self._url, api_key=self._api_key, timeout_s=timeout_s, loopback=self._plain.info.loopback)

    def _translated(self) -> AbstractContextManager[None]:
        from ..http_errors import translated

        return translated(url=self._url, model=self._plain.info.model, timeout_s=self._timeout_s, api_key=self._api_key)
