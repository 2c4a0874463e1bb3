"""What an engine is: a prompt goes in, text comes out piece by piece.

Knows nothing of repositories, HTTP or any one server.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = ["Completion", "Delta", "Engine", "EngineInfo", "Message", "Prompt", "SamplingParams", "Schema", "Usage"]

Schema = Mapping[str, Any]
"""A JSON schema; its values are JSON, which Python's types cannot say without recursion."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Chat messages, or token ids for an engine that takes a rendered template. Exactly one of the two.

    Attributes:
        messages: Oldest first.
        token_ids: The whole prompt, control tokens included.
    """

    messages: tuple[Message, ...] = ()
    token_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.messages) == bool(self.token_ids):
            raise ValueError("a prompt is either chat messages or token ids")

    def encoded(self) -> bytes:
        """The prompt as canonical JSON: what `hash` covers."""
        content: Any = [[message.role, message.content] for message in self.messages] or list(self.token_ids)
        # ascii: a lone surrogate in the text must not make hashing fail
        return json.dumps(content, separators=(",", ":")).encode("ascii")

    @property
    def hash(self) -> str:
        """sha256 of the canonical JSON, hex."""
        return hashlib.sha256(self.encoded()).hexdigest()

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of the text, or of the ids as JSON."""
        if self.token_ids:
            return len(self.encoded())
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
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the reply. Any field may be empty.

    Attributes:
        text: Added text.
        finish_reason: "stop", "length", ... on the last piece that holds text, as the server says it.
        usage: On one piece at the end, when the server counts.
        model: The name of the model as the server reports it.
        fingerprint: The server's name for its configuration (`system_fingerprint`).
    """

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    model: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine it is. Known in full only after `describe` and `generate`.

    Attributes:
        model: The name that is asked for.
        base_url: Without credentials.
        loopback: True when the endpoint is this machine.
        engine: "vllm", "ollama", ...; "" when the server does not tell.
        versions: By name: the engine, the client library.
        refused: Sampling parameters that the server refused, so that they were not sent.
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
    """

    text: str
    finish_reason: str
    usage: Usage | None
    model: str
    fingerprint: str
    info: EngineInfo


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
