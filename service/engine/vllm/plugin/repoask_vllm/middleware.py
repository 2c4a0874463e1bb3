"""The middleware: `--middleware repoask_vllm.middleware.Repoask` adds the pages under /repoask to vLLM's server.

All other pages pass through untouched. Where vLLM is not as it is expected the pages say so, and the server runs on.
"""

import asyncio
import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from .segments import ID_BYTES
from .service import Service
from .wire import (
    MAX_QUESTION_BYTES,
    ClientGoneError,
    EventStream,
    Question,
    Receive,
    RefusalError,
    Scope,
    Send,
    announced_length,
    header,
    read_body,
    read_digest,
    read_question,
    read_salt,
    reply,
    until_gone,
)

__all__ = ["Repoask"]

_ROOT = "/repoask"
_PAGES = f"{_ROOT}/v1"
_SEGMENTS = f"{_PAGES}/segments/"
_LOGGER = logging.getLogger(__name__)


class Repoask:
    """An ASGI middleware."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        """Opens nothing yet.

        Args:
            app: What is wrapped.
        """
        self._app = app
        self._opening: asyncio.Task[Service] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or hands it on."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or not (path == _ROOT or path.startswith(f"{_ROOT}/")):
            await self._app(scope, receive, send)
            return
        try:
            _check_key(scope)
            await self._dispatch(scope["method"], path, scope, receive, send)
        except RefusalError as refusal:
            await reply(send, {"error": {"message": refusal.message, **refusal.more}}, status=refusal.status)
        except ClientGoneError:
            return

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        # events are followed from the beginning, so that none is missed
        self._open(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            if self._opening is not None:
                self._opening.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await (await self._opening).close()

    def _open(self, scope: Scope) -> "asyncio.Task[Service]":
        if self._opening is None:
            self._opening = asyncio.create_task(Service.open(scope["app"].state))
        return self._opening

    async def _service(self, scope: Scope) -> Service:
        try:
            return await asyncio.shield(self._open(scope))
        except Exception as error:
            _LOGGER.exception("repoask's pages are off: this vLLM is not as they expect it")
            raise RefusalError(501, f"repoask's pages are off in this server ({type(error).__name__})") from error

    async def _dispatch(self, method: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        service = await self._service(scope)
        match method, path.rstrip("/"):
            case "GET", page if page in {_ROOT, _PAGES}:
                await reply(send, service.describe())
            case "PUT", page if page.startswith(_SEGMENTS):
                await _put(service, read_digest(page.removeprefix(_SEGMENTS)), scope, receive, send)
            case "POST", page if page == f"{_PAGES}/forecast":
                question = await _question(service, scope, receive)
                await reply(send, await service.forecast(question, read_salt(scope)))
            case "POST", page if page == f"{_PAGES}/completions":
                await _answer(service, scope, receive, send)
            case _:
                raise RefusalError(404, f"no page {method} {path[:200]!r} here; GET {_ROOT} tells what this is")


def _check_key(scope: Scope) -> None:
    """Refuses who lacks the key: vLLM guards its own pages by it, and those alone."""
    keys = [key for key in (scope["app"].state.args.api_key or [os.environ.get("VLLM_API_KEY")]) if key]
    scheme, _, given = header(scope, b"authorization").partition(" ")
    is_right = [hmac.compare_digest(given.encode(), key.encode()) for key in keys]
    if keys and not (scheme.lower() == "bearer" and any(is_right)):
        raise RefusalError(401, "this server wants a key")


async def _question(service: Service, scope: Scope, receive: Receive) -> Question:
    body = await read_body(scope, receive, max_bytes=MAX_QUESTION_BYTES, what="a question")
    limits = service.limits
    return read_question(body, vocabulary=limits.vocabulary, max_tokens=limits.max_model_len)


async def _put(service: Service, digest: str, scope: Scope, receive: Receive, send: Send) -> None:
    salt = read_salt(scope)
    limit = ID_BYTES * service.limits.max_model_len
    with service.receiving(min(announced_length(scope), limit)):
        ids = await read_body(scope, receive, max_bytes=limit, what="a segment")
    await reply(send, {"tokens": await service.put(salt, digest, ids)})


async def _answer(service: Service, scope: Scope, receive: Receive, send: Send) -> None:
    salt = read_salt(scope)
    question = await _question(service, scope, receive)
    stream = EventStream(send)
    work = asyncio.create_task(_reported(service.answer(question, salt, stream), stream))
    gone = asyncio.create_task(until_gone(receive))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # who hung up is not answered: the engine's request goes with the task
        for task in (work, gone):
            task.cancel()
        await asyncio.wait({work, gone})
    if not work.cancelled():
        work.result()


async def _reported(answer: Awaitable[Any], stream: EventStream) -> None:
    """Tells of what goes wrong after the reply has begun; what does before is a refusal."""
    try:
        await answer
    except Exception as error:
        if isinstance(error, RefusalError):
            refusal = error
        else:
            _LOGGER.exception("a question failed")
            refusal = RefusalError(500, f"the engine failed ({type(error).__name__}); the server's log tells more")
        if not stream.has_begun:
            raise refusal from error
        await stream.write({"error": {"message": refusal.message, "code": refusal.status}})
        await stream.end()
