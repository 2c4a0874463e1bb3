"""The OpenAI protocol as it comes over the wire: both kinds of reply, streamed or whole, read with suspicion.

Knows the shape of a reply and nothing of connections.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import EngineReplyError
from .protocol import Delta, Usage

__all__ = ["Piece", "read_max_model_len", "read_models", "read_piece", "sound"]


# of any prompt or reply; JSON has numbers that no price can be multiplied with
_MOST_TOKENS = 10**12


class _Wire(BaseModel):
    # lax in what it does not need: servers add fields, and leave out or null those that they do not use
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Text(_Wire):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(_Wire):
    delta: _Text | None = None
    message: _Text | None = None
    text: str | None = None
    finish_reason: str | None = None


class _TokenDetails(_Wire):
    cached_tokens: int | None = None
    restored_tokens: int | None = None


class _Usage(_Wire):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _TokenDetails | None = None


class _Waiting(_Wire):
    place: int | None = None


class _Reply(_Wire):
    model: str | None = None
    system_fingerprint: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    # of the server that repoask starts, before the first text: the place in its queue, 0 for let in
    repoask: _Waiting | None = None


class _Model(_Wire):
    id: str
    max_model_len: int | None = None
    meta: Any = None

    @property
    def length(self) -> int | None:
        """Of a prompt and its answer, as vLLM tells it, or llama.cpp of each of its slots."""
        told = self.meta.get("n_ctx") if isinstance(self.meta, dict) else None
        return self.max_model_len or (told if isinstance(told, int) else None)


class _Models(_Wire):
    data: list[_Model]


class Piece(_Wire):
    """One piece of a reply.

    Attributes:
        delta: What it adds.
        thinking: True when the model is at work on what is not part of the answer, its prompt included.
    """

    delta: Delta
    thinking: bool = False


def read_piece(data: object, *, url: str) -> Piece:
    """A streamed chunk, or a whole reply, of `/v1/chat/completions` or `/v1/completions`.

    Raises:
        EngineReplyError: It is something else.
    """
    try:
        reply = _Reply.model_validate(data)
    except ValidationError as error:
        raise EngineReplyError(f"{url}: the reply is not in the OpenAI protocol; is --base-url right?") from error
    if reply.choices is None and reply.usage is None:
        raise EngineReplyError(f"{url}: the reply is not in the OpenAI protocol; is --base-url right?")
    choice = reply.choices[0] if reply.choices else _Choice()
    said = choice.delta or choice.message or _Text()
    place = reply.repoask.place if reply.repoask else None
    delta = Delta(
        text=sound(said.content or choice.text or ""),
        finish_reason=choice.finish_reason or "",
        usage=_usage(reply.usage),
        model=reply.model or "",
        fingerprint=reply.system_fingerprint or "",
        place=place if place and place > 0 else None,
    )
    return Piece(delta=delta, thinking=bool(said.reasoning_content or said.reasoning) or place == 0)


def read_models(data: Mapping[str, Any] | object) -> tuple[str, ...]:
    """The ids in a reply of `/v1/models`; empty for anything else."""
    try:
        return tuple(model.id for model in _Models.model_validate(data).data)
    except ValidationError:
        return ()


def read_max_model_len(data: Mapping[str, Any] | object, model: str) -> int | None:
    """How long a prompt and its answer may be, as a reply of `/v1/models` tells it; None where it does not.

    Args:
        data: The reply.
        model: Its name; "" for the only one.
    """
    try:
        told = {each.id: each.length for each in _Models.model_validate(data).data}
    except ValidationError:
        return None
    length = told.get(model) if model or len(told) != 1 else next(iter(told.values()))
    return length if length and length > 0 else None


def sound(text: str) -> str:
    """The text with halves of surrogate pairs replaced: JSON may carry them, no file or terminal takes them."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _usage(usage: _Usage | None) -> Usage | None:
    """The counts, or None where the server does not count or counts nonsense: then an estimate is worth more."""
    if usage is None or usage.prompt_tokens is None:
        return None
    details = usage.prompt_tokens_details
    cached = (details and details.cached_tokens) or 0
    restored = (details and details.restored_tokens) or 0
    counted = Usage(usage.prompt_tokens, usage.completion_tokens or 0, cached, restored)
    counts = (counted.prompt_tokens, counted.completion_tokens)
    is_sound = all(0 <= count <= _MOST_TOKENS for count in counts) and 0 <= restored <= cached <= counted.prompt_tokens
    return counted if is_sound else None
