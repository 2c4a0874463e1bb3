"""The protocol between repoask and its server as it comes over the wire: checked coming in, shaped going out.

Everything that comes in is taken for hostile: its size is bounded before it is read, its fields before they are used.
Knows nothing of vLLM, nor of what becomes of a question.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "MAX_QUESTION_BYTES",
    "ClientGoneError",
    "EventStream",
    "Message",
    "Question",
    "Receive",
    "RefusalError",
    "Scope",
    "Send",
    "announced_length",
    "header",
    "read_body",
    "read_digest",
    "read_question",
    "read_salt",
    "reply",
    "until_gone",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_QUESTION_BYTES = 4 * 1024 * 1024
"""A question holds the ids that no other question shares, and a schema: longer tails are sent as segments."""

_MAX_SEGMENTS = 65_536
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAX_SEED = (1 << 63) - 1
_MAX_TEMPERATURE = 10.0
# vLLM compiles one schema at a time: of 20,000 properties one kept those of all tenants waiting for over 100 s
_MAX_SCHEMA_CHARS = 16_384
_SCHEMA_WANTED = f"a JSON schema of at most {_MAX_SCHEMA_CHARS:,} characters"
_FIELDS = frozenset({"model", "segments", "tail", "max_tokens", "temperature", "seed", "schema"})


class RefusalError(Exception):
    """A request that is not answered.

    Attributes:
        status: Of HTTP.
        message: One line for people.
        more: What the error holds beside the message.
    """

    def __init__(self, status: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.status, self.message, self.more = status, message, more


class ClientGoneError(Exception):
    """The client hung up before it had sent everything."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asks.

    Attributes:
        model: A name that the server goes by, or one of its adapters.
        segments: Digests of the segments that the prompt begins with.
        tail: The ids behind them.
        max_tokens: Of the reply.
        temperature: 0 takes the likeliest token.
        seed: Of the random numbers; None for none.
        schema: A JSON schema that the reply follows; None for none.
    """

    model: str
    segments: tuple[str, ...]
    tail: list[int]
    max_tokens: int
    temperature: float
    seed: int | None
    schema: dict[str, Any] | None


def header(scope: Scope, name: bytes) -> str:
    """A header's value; "" where it is missing."""
    for key, value in scope["headers"]:
        if key.lower() == name:
            return str(value.decode("latin-1"))
    return ""


def read_salt(scope: Scope) -> str:
    """The salt that tells tenants apart; "" for those without one.

    Raises:
        RefusalError: It is none.
    """
    salt = header(scope, b"x-repoask-salt")
    if salt and not _DIGEST.fullmatch(salt):
        raise RefusalError(400, "X-Repoask-Salt wants 64 hex digits")
    return salt


def read_digest(name: str) -> str:
    """The digest that a segment goes by.

    Raises:
        RefusalError: It is none.
    """
    if not _DIGEST.fullmatch(name):
        raise RefusalError(400, "a segment goes by the sha256 of its ids, 64 hex digits")
    return name


def announced_length(scope: Scope) -> int:
    """How long a body says that it is.

    Raises:
        RefusalError: It does not say.
    """
    announced = header(scope, b"content-length")
    if not announced.isdecimal() or len(announced) > 18:
        raise RefusalError(411, "the request's length is missing; send Content-Length")
    return int(announced)


async def read_body(scope: Scope, receive: Receive, *, max_bytes: int, what: str) -> bytes:
    """The whole body of a request.

    Raises:
        RefusalError: It is over the limit, or shorter than it says.
        ClientGoneError: The client hung up.
    """
    length = announced_length(scope)
    if length > max_bytes:
        raise RefusalError(413, f"{what} of {length:,} bytes is over the limit of {max_bytes:,}")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > length:
            raise RefusalError(413, f"{what} is longer than it says ({length:,} bytes)")
        if not message.get("more_body"):
            return bytes(body)


def read_question(body: bytes, *, vocabulary: int, max_tokens: int) -> Question:
    """A question.

    Args:
        body: As it came.
        vocabulary: Ids are below this.
        max_tokens: The longest prompt with its reply.

    Raises:
        RefusalError: It is none.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "the question is no JSON") from error
    if not isinstance(asked, dict):
        raise RefusalError(400, "the question is no JSON object")
    unknown = asked.keys() - _FIELDS
    if unknown:
        raise RefusalError(400, f"the question has fields that are not known: {', '.join(sorted(unknown))[:200]!r}")
    return Question(
        model=_field(asked, "model", isinstance(asked.get("model"), str), "a string"),
        segments=_segments(asked.get("segments", [])),
        tail=_tail(asked.get("tail"), vocabulary),
        max_tokens=_field(asked, "max_tokens", _is_int(asked.get("max_tokens"), 1, max_tokens), "a count of tokens"),
        temperature=_field(
            asked, "temperature", _is_number(asked.get("temperature")), f"a number of 0 to {_MAX_TEMPERATURE:g}"
        ),
        seed=_optional(asked, "seed", _is_int(asked.get("seed"), -_MAX_SEED, _MAX_SEED), "an integer of 64 bits"),
        schema=_optional(asked, "schema", _is_schema(asked.get("schema")), _SCHEMA_WANTED),
    )


def _field(asked: Mapping[str, Any], name: str, is_right: bool, wanted: str) -> Any:
    if not is_right:
        raise RefusalError(400, f"{name} is missing or wrong; it wants {wanted}")
    return asked[name]


def _optional(asked: Mapping[str, Any], name: str, is_right: bool, wanted: str) -> Any:
    return None if asked.get(name) is None else _field(asked, name, is_right, wanted)


def _is_int(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_TEMPERATURE


def _is_schema(value: object) -> bool:
    try:
        return isinstance(value, dict) and len(json.dumps(value)) <= _MAX_SCHEMA_CHARS
    except RecursionError:
        return False


def _segments(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MAX_SEGMENTS:
        raise RefusalError(400, f"segments wants a list of at most {_MAX_SEGMENTS:,} digests")
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in value):
        raise RefusalError(400, "segments wants digests of 64 hex digits each")
    return tuple(value)


def _tail(value: object, vocabulary: int) -> list[int]:
    if not isinstance(value, list) or not value:
        raise RefusalError(400, "tail wants the ids behind the segments, at least one")
    if not all(type(number) is int for number in value) or min(value) < 0 or max(value) >= vocabulary:
        raise RefusalError(400, f"tail holds what is no id of the vocabulary (0 to {vocabulary - 1:,})")
    return value


async def reply(send: Send, content: Mapping[str, object], *, status: int = 200) -> None:
    """Sends JSON."""
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status >= 400:  # what is left of the body is not read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class EventStream:
    """Server-sent events. The response begins with the first: until then a request can still be refused."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = asyncio.Lock()
        self.has_begun = False

    async def write(self, event: Mapping[str, object]) -> None:
        """Sends one event."""
        await self._write(json.dumps(event).encode())

    async def end(self) -> None:
        """Ends the stream as OpenAI's servers do."""
        await self._write(b"[DONE]")
        await self._send({"type": "http.response.body", "body": b""})

    async def _write(self, data: bytes) -> None:
        async with self._lock:
            if not self.has_begun:
                self.has_begun = True
                headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
                await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._send({"type": "http.response.body", "body": b"data: " + data + b"\n\n", "more_body": True})


async def until_gone(receive: Receive) -> None:
    """Comes back when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
