"""What was measured of a model's server: the documented JSON of `repoask doctor --json`, kept in the state folder.

Measures nothing. A token is one of the model's where the server counts, else an estimate.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from ..printable import Printable, about

__all__ = [
    "SCHEMA_VERSION",
    "CacheStatus",
    "ContextLength",
    "ContextLimit",
    "Measurement",
    "PrefixCache",
    "SchemaStatus",
    "Speed",
    "StructuredOutput",
    "read_measurement",
]

SCHEMA_VERSION: Final = 1

ContextLimit = Literal["max_tokens", "time", "busy", "refused", "cut", "lost", "garbled", "failed"]
CacheStatus = Literal["reported", "seen", "none", "unclear"]
SchemaStatus = Literal["constrained", "ignored", "refused", "unclear"]

# where growing ended by a bound of the measurement, not of the server
_NO_LIMIT = frozenset({"max_tokens", "time", "busy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLength(Printable):
    """How long a prompt may be."""

    tokens: int = field(metadata=about("The longest prompt tried that was read whole."))
    tried: int = field(metadata=about("The shortest prompt tried that was not, else the longest tried."))
    limit: ContextLimit = field(
        metadata=about(
            "Why no longer one. max_tokens, time: the measurement's own bound. busy: the server took no more requests."
            " refused: it said so. cut: it counted fewer tokens than it was sent. lost: codes in the prompt were not"
            " found. garbled: the reply was no text. failed: the connection broke off."
        )
    )
    by_codes: bool = field(
        metadata=about("True when codes at the start, the middle and the end were found; false: by the count alone.")
    )
    said: str = field(default="", metadata=about("What the server said, where it refused or failed."))

    @property
    def is_limited(self) -> bool:
        """Whether the server's own limit was met."""
        return self.limit not in _NO_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixCache(Printable):
    """What a prompt costs that was sent before."""

    status: CacheStatus = field(
        metadata=about(
            "reported: the server counts at least half of the prompt as cached. seen: the reply began in less than"
            " half the time. none: neither. unclear: the first time was too short to tell."
        )
    )
    prompt_tokens: int = field(metadata=about("Of the prompt that was sent twice."))
    cached_tokens: int = field(metadata=about("Those of the second time that the server calls cached."))
    cold_s: float = field(metadata=about("Until the first text, the first time."))
    warm_s: float = field(metadata=about("The same, the second time."))


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredOutput(Printable):
    """Whether `response_format: json_schema` (Ollama: `format`) constrains."""

    status: SchemaStatus = field(
        metadata=about(
            "constrained: the reply follows a schema that the question did not mention. ignored: it does not, though"
            " the server accepted it. refused: the server gave an error instead. unclear: it began as JSON and was"
            " cut off before its end."
        )
    )
    said: str = field(default="", metadata=about("What came instead."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed(Printable):
    """How fast the server reads and writes, for one request alone."""

    first_token_s: float = field(metadata=about("Until the first text of a reply to a short prompt."))
    decode_tokens_per_s: float = field(metadata=about("Written."))
    prefill_tokens_per_s: float | None = field(metadata=about("Read; the best of the longer prompts."))
    streams: bool = field(metadata=about("The reply comes as it is written."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Printable):
    """One endpoint and model, as measured. A part is null where it could not be measured; `notes` says why."""

    schema_version: Literal[1] = SCHEMA_VERSION
    base_url: str = field(metadata=about("The endpoint."))
    model: str = field(metadata=about("As it was asked for."))
    served_model: str = field(metadata=about("As the server reports it."))
    engine: str = field(metadata=about('"vllm 0.32.0", "ollama 0.12.0", ...; "" when the server does not tell.'))
    measured_at: str = field(metadata=about("UTC, ISO 8601."))
    counts_tokens: bool = field(metadata=about("The server counts tokens; else all counts here are estimates."))
    context: ContextLength | None = field(default=None, metadata=about("How long a prompt may be."))
    cache: PrefixCache | None = field(default=None, metadata=about("What is kept of a prompt for the next one."))
    structured: StructuredOutput | None = field(default=None, metadata=about("Whether a schema constrains."))
    speed: Speed | None = field(default=None, metadata=about("How fast it is."))
    garbled_at: int | None = field(
        default=None, metadata=about("Tokens of the shortest prompt whose reply was no text; null where none was.")
    )
    notes: tuple[str, ...] = field(default=(), metadata=about("What could not be measured, and why."))

    def line(self) -> str:
        """The JSON, on one line."""
        return json.dumps(asdict(self)) + "\n"


def read_measurement(line: str) -> Measurement | None:
    """A measurement from its JSON; None for anything else, also for one of another version."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Measurement).validate_json(line)
    except ValidationError:
        return None
