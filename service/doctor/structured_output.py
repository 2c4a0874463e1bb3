"""Asks for prose under a schema of odd words: only a server that constrains its model gives the odd words."""

import json

from ...errors import EngineBusyError, EngineReplyError
from ..engine.forms import FORM_NAMES
from ..engine.protocol import Message, Prompt, Schema
from .measurement import StructuredOutput
from .probe import Prober

__all__ = ["try_schema"]

_MOODS = ("quorl-417", "vexat-902")
_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "zq_mood": {"type": "string", "enum": list(_MOODS)},
        "zq_flag": {"type": "boolean"},
    },
    "required": ["zq_mood", "zq_flag"],
    "additionalProperties": False,
}
# a model that is free says it in prose, and cannot guess the words
_PROMPT = Prompt(
    messages=(Message("user", "What is the capital of France? Reply in one short sentence of plain prose."),)
)
_SHOWN_CHARS = 60


def try_schema(prober: Prober, *, reply_tokens: int) -> StructuredOutput:
    """Whether the schema holds; `reply_tokens` is room enough for the reply.

    Raises:
        TimeoutError: The time is up.
        EngineError: As `Engine.generate`, where it is not the schema that was refused.
    """
    try:
        sample = prober.ask(_PROMPT, max_tokens=reply_tokens, schema=_SCHEMA)
    except EngineBusyError:
        raise
    except EngineReplyError as error:
        return StructuredOutput(status="refused", said=str(error))
    text = sample.text
    if left_out := [name for name in prober.engine.info.refused if name in FORM_NAMES]:
        return StructuredOutput(status="refused", said=f"the server refuses {left_out[0]}")
    if _follows(text):
        return StructuredOutput(status="constrained")
    # a weak model may write blanks after the brace for ever, which JSON allows
    if sample.finish_reason == "length" and text.lstrip().startswith("{"):
        return StructuredOutput(status="unclear", said=text.strip()[:_SHOWN_CHARS])
    return StructuredOutput(status="ignored", said=text.strip()[:_SHOWN_CHARS])


def _follows(text: str) -> bool:
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(reply, dict)
        and reply.keys() == {"zq_mood", "zq_flag"}
        and reply["zq_mood"] in _MOODS
        and isinstance(reply["zq_flag"], bool)
    )
