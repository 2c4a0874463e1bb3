"""How a server is asked to keep to a JSON schema: the ways to say it, the strictest first.

Servers differ in which they know. One that refuses a way is asked the next. Knows nothing of connections.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .protocol import Schema

__all__ = ["FORM_NAMES", "Form", "is_about_form", "ollama_forms", "openai_forms"]

FORM_NAMES = frozenset({"json_schema", "structured_outputs", "json_object", "format", "json"})
"""All of them: `json_schema`, `structured_outputs` and `format` hold the schema, the others ask for any JSON."""

_ABOUT_FORM = re.compile(r"response[_ ]format|json|schema|structured|grammar|guided|\bformat\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One way.

    Attributes:
        name: Noted in `EngineInfo.refused` where the server refuses it.
        fields: What it adds to the request.
    """

    name: str
    fields: Mapping[str, Any]


def openai_forms(schema: Schema, *, of_tokens: bool) -> tuple[Form, ...]:
    """The ways of OpenAI's protocol; a prompt of token ids goes to `/completions`, which few but vLLM can constrain."""
    strict = {"name": "reply", "schema": dict(schema), "strict": True}
    forms = [Form("json_schema", {"response_format": {"type": "json_schema", "json_schema": strict}})]
    if of_tokens:
        # vLLM 0.32 takes `response_format` here as well; older ones took this alone, and `guided_json` before it
        forms.append(Form("structured_outputs", {"structured_outputs": {"json": dict(schema)}}))
    forms.append(Form("json_object", {"response_format": {"type": "json_object"}}))
    return tuple(forms)


def ollama_forms(schema: Schema) -> tuple[Form, ...]:
    """The ways of Ollama's protocol; before 0.5 it knew the second alone."""
    return Form("format", {"format": dict(schema)}), Form("json", {"format": "json"})


def is_about_form(said: str) -> bool:
    """Whether a refusal, in the server's words, speaks of the form that was asked for."""
    return bool(_ABOUT_FORM.search(said))
