"""Ollama's own protocol as it comes over the wire, read with suspicion. Knows its shapes and nothing of connections."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import EngineReplyError
from .protocol import Delta, Usage
from .wire import Piece, sound

__all__ = ["read_loaded_context", "read_model_context", "read_ollama_models", "read_ollama_piece"]

_MAX_ERROR_CHARS = 200
_CONTEXT_KEY = ".context_length"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(_Wire):
    content: str | None = None
    thinking: str | None = None


class _Reply(_Wire):
    model: str | None = None
    message: _Message | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: str | None = None


class _Model(_Wire):
    name: str
    context_length: int | None = None


class _Models(_Wire):
    models: list[_Model]


class _Shown(_Wire):
    model_info: dict[str, Any]


def read_ollama_piece(data: object, *, url: str) -> Piece:
    """A line of `/api/chat`.

    Raises:
        EngineReplyError: It is something else, or tells of an error.
    """
    try:
        reply = _Reply.model_validate(data)
    except ValidationError as error:
        raise EngineReplyError(f"{url}: the reply is not in Ollama's protocol; is --base-url right?") from error
    if reply.error is not None:
        said = " ".join(reply.error.split())[:_MAX_ERROR_CHARS]
        raise EngineReplyError(f"{url}: the server broke off with an error: {said}")
    if reply.message is None and not reply.done:
        raise EngineReplyError(f"{url}: the reply is not in Ollama's protocol; is --base-url right?")
    message = reply.message or _Message()
    delta = Delta(
        text=sound(message.content or ""),
        finish_reason=(reply.done_reason or "stop") if reply.done else "",
        usage=_usage(reply),
        model=reply.model or "",
    )
    return Piece(delta=delta, thinking=bool(message.thinking))


def read_ollama_models(data: object) -> tuple[str, ...]:
    """The names in a reply of `/api/tags`; empty for anything else."""
    try:
        return tuple(model.name for model in _Models.model_validate(data).models)
    except ValidationError:
        return ()


def read_loaded_context(data: object, *, model: str) -> int:
    """With how many tokens of context a model is loaded, from `/api/ps`; 0 where it is not or nobody says."""
    try:
        loaded = _Models.model_validate(data).models
    except ValidationError:
        return 0
    name = model.removesuffix(":latest")
    return max((one.context_length or 0 for one in loaded if one.name.removesuffix(":latest") == name), default=0)


def read_model_context(data: object) -> int:
    """How many tokens of context a model was made for, from `/api/show`; 0 where it does not say."""
    try:
        info = _Shown.model_validate(data).model_info
    except ValidationError:
        return 0
    told = (value for key, value in info.items() if key.endswith(_CONTEXT_KEY))
    return next((value for value in told if isinstance(value, int) and value > 0), 0)


def _usage(reply: _Reply) -> Usage | None:
    if reply.prompt_eval_count is None or reply.prompt_eval_count < 0:
        return None
    return Usage(prompt_tokens=reply.prompt_eval_count, completion_tokens=max(0, reply.eval_count or 0))
