"""Posts JSON to a server that the user named for embedding or reranking, and reads only so much of what comes back.

Redirects are not followed, no header or key comes from the environment, and a reply may neither be longer nor take
longer than an honest one. Importing this module is cheap; the HTTP library is imported with the first request. Knows
nothing of what is posted or answered.
"""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import EngineReplyError, EngineUnreachableError
from .endpoint import OnFirstUse, read_endpoint
from .retry_after import asked_wait

if TYPE_CHECKING:
    import httpx2

__all__ = ["EndpointClient", "StatusError"]

_CONNECT_TIMEOUT_S = 10.0
_MAX_REPLY_BYTES = 64 * 1024 * 1024  # 64 vectors of 4,096 numbers, written out, are some 6 MB
_MAX_TRIES = 4
_BUSY = frozenset({408, 429, 502, 503, 504})
_MAX_WAIT_S = 30.0  # a server that asks for more is not worth waiting for


class EndpointClient:
    """One page of a server. Connects to nothing before the first request."""

    def __init__(
        self,
        url: str,
        page: str,
        *,
        setting: str,
        api_key: str | None,
        on_first_use: OnFirstUse | None,
        timeout_s: float,
    ) -> None:
        """Names the page.

        Args:
            url: Up to the page, or with it.
            page: As "/embeddings".
            setting: Where the URL comes from, for messages.
            api_key: Sent as bearer token; None sends none.
            on_first_use: Gets the endpoint and the bytes of the texts, unless the server is this machine.
            timeout_s: For one whole reply.

        Raises:
            ConfigError: `url` is no http(s) URL, or holds credentials.
        """
        endpoint = read_endpoint(url.strip().rstrip("/").removesuffix(page), setting=setting)
        self.url = endpoint.url
        self._page, self._setting, self._api_key, self._timeout_s = page, setting, api_key, timeout_s
        self._is_loopback = endpoint.is_loopback
        self._on_first_use = None if endpoint.is_loopback else on_first_use

    def announced(self, texts: Sequence[str]) -> AbstractContextManager[None]:
        """To be entered around the requests that send these texts: tells of the first use of a server elsewhere."""
        announce = self._on_first_use if texts else None
        if announce is None:
            return nullcontext()
        self._on_first_use = None
        return announce(self.url, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))

    def post(self, body: Mapping[str, Any]) -> object:
        """What the server answers, parsed from JSON; a server that is busy is asked again, as it says when.

        Raises:
            EngineUnreachableError: There is no connection, or no reply in time.
            EngineReplyError: It answers with an error (`StatusError`), or with something that is no JSON.
            OfflineError: The connection is refused.
        """
        # half a character, as JSON may carry it, is none that can be sent
        return self._answer(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))

    def get(self) -> object:
        """What the server answers to a GET, parsed from JSON; as `post` in all else."""
        return self._answer(None)

    def _answer(self, content: bytes | None) -> object:
        for attempt in range(1, _MAX_TRIES + 1):
            status, wait_s, reply = self._ask(content)
            if status in _BUSY and attempt < _MAX_TRIES and wait_s <= _MAX_WAIT_S:
                time.sleep(wait_s or 0.5 * 2**attempt)
                continue
            break
        if status != 200:
            raise StatusError(f"{self.url}: {self._page} answered {status}; {_way_out(status, self._setting)}", status)
        try:
            return json.loads(reply)
        except (ValueError, RecursionError) as error:
            raise self.unusable("no JSON") from error

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    def unusable(self, what: str) -> EngineReplyError:
        """The error for an answer that is `what`."""
        return EngineReplyError(f"{self.url}: what it answers to {self._page} is {what}; check {self._setting}")

    def _ask(self, content: bytes | None) -> tuple[int, float, bytes]:
        import httpx2

        try:
            with self._client.stream(
                "GET" if content is None else "POST", self.url + self._page, content=content
            ) as response:
                return response.status_code, asked_wait(response.headers) or 0.0, self._read(response)
        except httpx2.TimeoutException as error:
            raise self._too_late() from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise EngineUnreachableError(
                f"{self.url}: no connection for {self._page} ({type(error).__name__}); is it running?"
            ) from error

    def _read(self, response: "httpx2.Response") -> bytes:
        # the library's own timeout starts anew with every byte
        deadline = time.monotonic() + self._timeout_s
        reply = bytearray()
        for piece in response.iter_bytes():
            reply += piece
            if len(reply) > _MAX_REPLY_BYTES:
                raise self.unusable(f"over {_MAX_REPLY_BYTES // 1024**2} MB")
            if time.monotonic() > deadline:
                raise self._too_late()
        return bytes(reply)

    def _too_late(self) -> EngineUnreachableError:
        return EngineUnreachableError(
            f"{self.url}: no reply to {self._page} within {self._timeout_s:g} s; try again, or without {self._setting}"
        )

    @cached_property
    def _client(self) -> "httpx2.Client":
        import httpx2

        headers = {"content-type": "application/json", "user-agent": "repoask"}
        if self._api_key:
            headers["authorization"] = f"Bearer {self._api_key}"
        return httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(self._timeout_s, connect=min(_CONNECT_TIMEOUT_S, self._timeout_s)),
            follow_redirects=False,
            # a proxy named in the environment must not see what was meant for this machine
            trust_env=not self._is_loopback,
        )


class StatusError(EngineReplyError):
    """The server answered with an HTTP status that is an error."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def _way_out(status: int, setting: str) -> str:
    if status in {401, 403}:
        return "it wants a key: REPOASK_API_KEY counts for the host of --base-url alone"
    if status == 404:
        return f"check the URL and the model of {setting}"
    return "look at its log" if status >= 500 else f"check {setting}"
