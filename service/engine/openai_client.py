"""An engine behind the OpenAI protocol: vLLM, Ollama, LM Studio, llama.cpp, Together, Groq, ...

Sends what it is given to the endpoint it is given, and trusts nothing that comes back. Knows nothing of repositories.
Importing this module is cheap; the client library (0.4 s) is imported when the first question is sent.
"""

import asyncio
import importlib.metadata
import sys
from array import array
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, aclosing
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from ...context.endpoint import read_endpoint
from ...errors import ConfigError, EngineError, EngineReplyError, OfflineError
from .forms import Form, is_about_form, openai_forms
from .protocol import Delta, EngineInfo, Forecast, Prompt, SamplingParams, Schema, Segment
from .wire import read_max_model_len, read_models

if TYPE_CHECKING:
    import openai

__all__ = ["MAX_CHARS_PER_TOKEN", "OpenAIEngine"]

_DESCRIBE_TIMEOUT_S = 2.0
MAX_CHARS_PER_TOKEN = 24
"""A server that ignores max_tokens, or sends for ever, is cut off here: no tokenizer's mean token is as long."""

# (engine, page beside /v1, key of the version on it)
_VERSION_PAGES = (
    ("vllm", "/version", "version"),
    ("ollama", "/api/version", "version"),
    ("llama.cpp", "/props", "build_info"),
)
_MAX_VERSION_CHARS = 64
_REFUSING_WORDS = (
    "unsupported",
    "not support",
    "unknown",
    "unrecognized",
    "unexpected",
    "not permitted",
    "not allowed",
)


class OpenAIEngine:
    """A server that speaks the OpenAI protocol."""

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
        """Connects to nothing yet.

        Args:
            base_url: Up to and with `/v1`.
            model: As the server names it; "" takes the only one that the server has.
            api_key: Sent as bearer token; None sends none.
            timeout_s: How long the server may be silent.
            max_retries: After 408, 409, 429, 5xx and broken connections, waiting as Retry-After says; see `retrying`.
            refused: What is not sent, as the server is known to refuse or ignore it; see `EngineInfo`.

        Raises:
            ConfigError: `base_url` is no http(s) URL, or holds credentials.
        """
        endpoint = read_endpoint(base_url, setting="--base-url")
        self._url = endpoint.url
        self._root = endpoint.url.removesuffix("/v1")
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._max_retries = max_retries
        self._info = EngineInfo(
            model=model,
            base_url=self._url,
            loopback=endpoint.is_loopback,
            versions={"openai": importlib.metadata.version("openai")},
            refused=refused,
        )

    @property
    def info(self) -> EngineInfo:
        """What is known so far."""
        return self._info

    async def describe(self) -> EngineInfo:
        """Asks the server for its version, where vLLM, Ollama and llama.cpp tell it, and for its limit."""
        async with self._client(timeout_s=_DESCRIBE_TIMEOUT_S) as client:
            versions = await asyncio.gather(*(self._version(client, page, key) for _, page, key in _VERSION_PAGES))
            for (engine, _, _), version in zip(_VERSION_PAGES, versions, strict=True):
                if version:
                    told = {**self._info.versions, engine: version}
                    self._info = replace(self._info, engine=engine, versions=told)
                    break
            if self._info.engine in ("vllm", "llama.cpp"):
                length = read_max_model_len(await self._page(client, f"{self._url}/models"), self._info.model)
                self._info = replace(self._info, max_model_len=length)
        return self._info

    async def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        """The reply, piece by piece; see `Engine.generate`."""
        async with self._client(timeout_s=self._timeout_s) as client:
            with self._translated():
                if not self._info.model:
                    self._info = replace(self._info, model=await self._only_model(client))
                body = await self._body(client, prompt, params=params, salt=salt)
                for name in self._info.refused:
                    body.pop(name, None)
                from .openai_reply import read_reply

                stream = await self._request(client, body, self._forms(body, schema) if schema else ())
                reply = read_reply(
                    stream,
                    url=self._url,
                    timeout_s=self._timeout_s,
                    max_chars=params.max_tokens * MAX_CHARS_PER_TOKEN,
                )
                async with aclosing(reply) as deltas:
                    async for delta in deltas:
                        yield delta

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        """None: the protocol has no question for it."""
        return None

    def _client(self, *, timeout_s: float) -> AbstractAsyncContextManager["openai.AsyncOpenAI"]:
        from .openai_connection import open_client

        return open_client(
            self._url,
            api_key=self._api_key,
            timeout_s=timeout_s,
            loopback=self._info.loopback,
        )

    def _translated(self) -> AbstractContextManager[None]:
        from .openai_errors import translated

        return translated(url=self._url, model=self._info.model, timeout_s=self._timeout_s, api_key=self._api_key)

    async def _version(self, client: "openai.AsyncOpenAI", page: str, key: str) -> str:
        told = await self._page(client, f"{self._root}{page}")
        version = told.get(key) if isinstance(told, dict) else None
        return version[:_MAX_VERSION_CHARS] if isinstance(version, str) else ""

    async def _page(self, client: "openai.AsyncOpenAI", url: str) -> object:
        try:
            with self._translated():
                return await client.get(url, cast_to=object)
        except (EngineError, OfflineError):  # `generate` reports it
            return None

    async def _models(self, client: "openai.AsyncOpenAI") -> tuple[str, ...]:
        return read_models(await client.get("/models", cast_to=object))

    async def _body(
        self,
        client: "openai.AsyncOpenAI",
        prompt: Prompt,
        *,
        params: SamplingParams,
        salt: str | None,
    ) -> dict[str, Any]:
        return _body(prompt, model=self._info.model, params=params, salt=salt)

    def _forms(self, body: dict[str, Any], schema: Schema) -> tuple[Form, ...]:
        """The ways to ask this server for a schema, the strictest first."""
        return openai_forms(schema, of_tokens="prompt" in body)

    def _path(self, body: dict[str, Any]) -> str:
        return "/completions" if "prompt" in body else "/chat/completions"

    async def _only_model(self, client: "openai.AsyncOpenAI") -> str:
        models = await self._models(client)
        if len(models) == 1:
            return models[0]
        if not models:
            raise EngineReplyError(f"{self._url}: the server lists no model; name one with --model")
        named = ", ".join(models[:5])
        raise ConfigError(f"{self._url}: the server has {len(models)} models ({named}, ...); choose one with --model")

    async def _request(
        self, client: "openai.AsyncOpenAI", body: dict[str, Any], forms: Sequence[Form]
    ) -> "openai.AsyncStream[object]":
        """Sends the prompt; what the server does not know is left out and noted in `info`.

        Args:
            client: Of this endpoint.
            body: The request; optional parameters go from it.
            forms: Ways to ask for a schema: the first that is not refused is sent along.
        """
        import openai

        from .openai_errors import failure_of, server_message
        from .retrying import retried

        left = [form for form in forms if form.name not in self._info.refused]

        async def send() -> "openai.AsyncStream[object]":
            sent = {**body, **left[0].fields} if left else body
            return await client.post(
                self._path(body), body=sent, cast_to=object, stream=True, stream_cls=openai.AsyncStream[object]
            )

        while True:
            try:
                return await retried(send, url=self._url, max_retries=self._max_retries, failure_of=failure_of)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refused = _refused_parameter(error, body)
                if not refused and left and is_about_form(server_message(error)):
                    refused = left.pop(0).name
                if not refused:
                    raise
                value = body.pop(refused, None)
                if refused == "max_tokens":
                    body["max_completion_tokens"] = value
                else:
                    self._info = replace(self._info, refused=(*self._info.refused, refused))


def _body(prompt: Prompt, *, model: str, params: SamplingParams, salt: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if params.seed is not None:
        body["seed"] = params.seed
    if prompt.token_ids:
        body["prompt"] = [*chain.from_iterable(map(_ids_of, prompt.segments)), *prompt.token_ids]
    else:
        body["messages"] = [{"role": message.role, "content": message.content} for message in prompt.messages]
    if salt is not None:
        body["cache_salt"] = salt
    return body


def _ids_of(segment: Segment) -> "array[int]":
    ids = array("I")
    ids.frombytes(segment.read())
    if sys.byteorder == "big":
        ids.byteswap()
    return ids


def _refused_parameter(error: "openai.APIStatusError", body: dict[str, Any]) -> str:
    """The optional parameter that the server says it does not know, or ""."""
    from .openai_errors import server_message

    said = server_message(error).lower()
    if not any(word in said for word in _REFUSING_WORDS):
        return ""
    named = [name for name in ("stream_options", "seed", "temperature") if name in body and name in said]
    if not named and "max_tokens" in body and "max_completion_tokens" in said:
        return "max_tokens"
    return named[0] if named else ""
