"""What repoask and the middleware of its own server say to one another, on repoask's side. Knows no connections.

The other side is `plugin/repoask_vllm/wire.py`.
"""

import hashlib
import json
import re
from array import array
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from ....errors import EngineReplyError
from ..protocol import Forecast, Prompt, SamplingParams, Schema, Segment

__all__ = ["PROTOCOL", "ServerInfo", "question_of", "read_forecast", "read_missing", "read_server", "salt_header"]

PROTOCOL = 1
"""The protocol that is spoken here."""

# A question has room for 4 MiB; more ids than this behind the segments are sent as one.
_MAX_TAIL = 65_536
_SALT = re.compile(r"[0-9a-f]{64}")


class ServerInfo(BaseModel):
    """What a server with the middleware tells of itself.

    Attributes:
        repoask: The number of its protocol.
        vllm: Its version.
        models: Names that it goes by.
        max_model_len: Tokens of the longest prompt with its reply.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    repoask: int
    vllm: str = ""
    models: tuple[str, ...] = ()
    max_model_len: NonNegativeInt = 0


class _Forecast(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    prompt_tokens: NonNegativeInt
    cached_tokens: NonNegativeInt
    restored_tokens: NonNegativeInt = 0
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    place: NonNegativeInt = 0


class _Missing(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    missing: tuple[str, ...]


class _Refusal(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    error: _Missing


def read_server(data: bytes) -> ServerInfo | None:
    """What GET /repoask tells; None where it is another page."""
    try:
        return ServerInfo.model_validate_json(data)
    except ValidationError:
        return None


def read_forecast(data: bytes) -> Forecast | None:
    """A forecast; None where it is none, or cannot be."""
    try:
        told = _Forecast.model_validate_json(data)
    except ValidationError:
        return None
    is_sound = told.restored_tokens <= told.cached_tokens <= told.prompt_tokens
    return Forecast(**told.model_dump()) if is_sound else None


def read_missing(data: bytes, segments: Iterable[Segment], *, url: str) -> list[Segment]:
    """The segments that the server lacks, each once, as it says in a reply of status 409.

    Raises:
        EngineReplyError: It asks for what it was not told of.
    """
    known = {segment.digest: segment for segment in segments}
    try:
        return [known[digest] for digest in dict.fromkeys(_Refusal.model_validate_json(data).error.missing)]
    except (ValidationError, KeyError) as error:
        raise EngineReplyError(f"{url}: the server asks for segments that it was not told of") from error


def question_of(prompt: Prompt, *, model: str, params: SamplingParams, schema: Schema | None) -> tuple[bytes, Prompt]:
    """The body of a question, and the prompt as it is sent: with a segment more where its tail is long.

    Args:
        prompt: Of token ids.
        model: Its name.
        params: How to draw the reply.
        schema: That it must follow.
    """
    if len(prompt.token_ids) > _MAX_TAIL:
        head = array("I", prompt.token_ids[:-1])
        prompt = replace(
            prompt, segments=(*prompt.segments, Segment.of(head.tobytes())), token_ids=prompt.token_ids[-1:]
        )
    question = {
        "model": model,
        "segments": [segment.digest for segment in prompt.segments],
        "tail": prompt.token_ids,
        "max_tokens": params.max_tokens,
        "temperature": params.temperature,
        "seed": params.seed,
        "schema": None if schema is None else dict(schema),
    }
    return json.dumps(question).encode("ascii"), prompt


def salt_header(salt: str | None) -> dict[str, str]:
    """The header that tells tenants apart; other salts than those of 64 hex digits are brought into that form."""
    if salt is None:
        return {}
    return {"x-repoask-salt": salt if _SALT.fullmatch(salt) else hashlib.sha256(salt.encode()).hexdigest()}
