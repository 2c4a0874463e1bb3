"""What an engine is: a prompt goes in, text comes out piece by piece.

Knows nothing of repositories, HTTP or any one server.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = [
    "Completion",
    "Delta",
    "Engine",
    "EngineInfo",
    "Forecast",
    "Message",
    "Prompt",
    "SamplingParams",
    "Schema",
    "Segment",
    "Usage",
]

_ID_BYTES = 4

Schema = Mapping[str, Any]
"""A JSON schema; its values are JSON, which Python's types cannot say without recursion."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Segment:
    """Token ids that many prompts share, so that a server may be sent them once.

    Attributes:
        digest: sha256 of the ids, 4 little-endian bytes each, hex.
        num_tokens: How many there are.
        read: Gives these bytes. Segments with the same digest are equal, whatever reads them.
    """

    digest: str
    num_tokens: int
    read: Callable[[], bytes] = field(compare=False, repr=False)

    @classmethod
    def of(cls, ids: bytes) -> "Segment":
        """The segment of ids that are at hand, as `read` gives them."""
        return cls(hashlib.sha256(ids).hexdigest(), len(ids) // _ID_BYTES, lambda: ids)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Chat messages, or token ids for an engine that takes a rendered template. Exactly one of the two.

    Attributes:
        messages: Oldest first.
        segments: Where it is token ids: those that it begins with and shares with other prompts.
        token_ids: The ids behind the segments; without segments the whole prompt, control tokens included.
    """

    messages: tuple[Message, ...] = ()
    token_ids: tuple[int, ...] = ()
    segments: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.messages) == bool(self.token_ids):
            raise ValueError("a prompt is either chat messages or token ids; segments have ids behind them")
        if self.messages and self.segments:
            raise ValueError("chat messages have no segments")

    def encoded(self) -> bytes:
        """What `hash` covers: the prompt as canonical JSON, segments by their digests."""
        content: Any = [[message.role, message.content] for message in self.messages] or list(self.token_ids)
        if self.segments:
            content = {"segments": [segment.digest for segment in self.segments], "token_ids": content}
        # ascii: a lone surrogate in the text must not make hashing fail
        return json.dumps(content, separators=(",", ":")).encode("ascii")

    @property
    def hash(self) -> str:
        """sha256 of `encoded`, hex."""
        return hashlib.sha256(self.encoded()).hexdigest()

    @property
    def num_tokens(self) -> int:
        """Of a prompt of token ids; 0 for messages, whose tokens the server alone counts."""
        return sum(segment.num_tokens for segment in self.segments) + len(self.token_ids)

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of the text, or 4 for each id."""
        if self.token_ids:
            return _ID_BYTES * self.num_tokens
        return sum(len(message.content.encode("utf-8", "surrogatepass")) for message in self.messages)


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How to draw the reply. The settings hold the defaults.

    Attributes:
        temperature: 0 takes the likeliest token.
        seed: Of the server's random numbers; None leaves it to the server.
        max_tokens: Limit of the reply.
    """

    temperature: float
    seed: int | None
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them.

    Attributes:
        prompt_tokens: Sent.
        completion_tokens: Written.
        cached_tokens: Those of the prompt that came from the server's cache.
        restored_tokens: Of these, read back from its tier of KV on disk or in host memory.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    restored_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a prompt would cost, told before it is asked.

    Attributes:
        prompt_tokens: Of the whole prompt.
        cached_tokens: Of these, expected to be cached.
        restored_tokens: Of the cached, expected to be read back from disk or host memory.
        seconds: Until the first token, from what the server measured of itself; None where it has measured nothing.
        place: How many requests would be let in before it; 0 for none.
    """

    prompt_tokens: int
    cached_tokens: int
    restored_tokens: int = 0
    seconds: float | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the reply. Any field may be empty.

    Attributes:
        text: Added text.
        finish_reason: "stop", "length", ... on the last piece that holds text, as the server says it.
        usage: On one piece at the end, when the server counts.
        model: The name of the model as the server reports it.
        fingerprint: The server's name for its configuration (`system_fingerprint`).
        place: Place in the server's queue, from 1, on pieces that come while the prompt waits; None on all others.
    """

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    model: str = ""
    fingerprint: str = ""
    place: int | None = None


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine it is. Known in full only after `describe` and `generate`.

    Attributes:
        model: The name that is asked for.
        base_url: Without credentials.
        loopback: True when the endpoint is this machine.
        engine: "vllm", "ollama", ...; "" when the server does not tell.
        versions: By name: the engine, the client library.
        refused: What the server refused, or is known to ignore, so that it was not sent: sampling parameters, ways of
            asking for a JSON schema (see `forms`).
        max_model_len: Tokens of the longest prompt with its answer; None where the server does not tell.
    """

    model: str
    base_url: str
    loopback: bool
    engine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    max_model_len: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply.

    Attributes:
        text: All pieces.
        finish_reason: As the server says it; "" when it never did.
        usage: None when the server does not count.
        model: As the server reports it.
        fingerprint: As the server reports it.
        info: The engine, with what it told of itself.
        first_s: From the request to the first text that is no thought.
    """

    text: str
    finish_reason: str
    usage: Usage | None
    model: str
    fingerprint: str
    info: EngineInfo
    first_s: float | None = None


class Engine(Protocol):
    """A model's server."""

    @property
    def info(self) -> EngineInfo:
        """What is known without asking the server."""
        ...

    async def describe(self) -> EngineInfo:
        """The same with what the server tells of itself; `info` knows it from then on. A silent server is no error."""
        ...

    def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        """The reply, piece by piece.

        Args:
            prompt: What to reply to.
            params: How to draw it.
            schema: A JSON schema that the reply must follow.
            salt: Separates the cache of tenants on engines that have one.

        Raises:
            EngineUnreachableError: No connection, or it broke off.
            EngineReplyError: The server answered with something that cannot be used.
        """
        ...

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        """What `generate` would find cached; None where the server cannot tell. A silent server is no error."""
        ...
