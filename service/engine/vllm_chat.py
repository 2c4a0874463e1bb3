"""The chat template of a vLLM server that runs, found by asking it once and remembered in a file.

Two things are learnt at the same time: the template's pieces, and that the tokenizer at hand is the server's own.
Source: vLLM, entrypoints/serve/tokenize/. Knows nothing of packs or questions.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...context.endpoint_client import EndpointClient, StatusError
from ...context.storage.replacement import replace_file
from ...errors import ConfigError
from .chat_template import ChatTemplate, Ids, derive_template
from .protocol import EngineInfo, Message

if TYPE_CHECKING:
    from ...context.pack.types import Tokenizer

__all__ = ["ServerChat"]

_VERSION = 1  # of what is remembered
_SETTING = "--base-url"
_TIMEOUT_S = 30.0
# Of Llama 3's templates, which else write the day of the question at the very top: no prefix would outlive a night.
# It is what they write themselves where they know no date.
_TEMPLATE_ARGUMENTS = {"date_string": "26 Jul 2024"}
_SAMPLE = (
    "def first_line(self, path: Path) -> str | None:\n\treturn path.read_text()[0]  # 12345 \u00e9\u4e2d\U0001f600\n"
    "#include <stdio.h>\r\nSELECT * FROM users WHERE id != 42; https://example.org/a?b=c%20#e getById\n"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerChat:
    """How one server lays out a conversation.

    Attributes:
        info: Of the server, once it was described.
        api_key: Sent as bearer token; None sends none.
        folder: Where templates are remembered.
    """

    info: EngineInfo
    api_key: str | None
    folder: Path

    def template(self, tokenizer: "Tokenizer", *, anew: bool = False) -> ChatTemplate | None:
        """The template's pieces; None where it does not follow the shape, or there is none.

        Args:
            tokenizer: Gives the ids of texts.
            anew: Ask the server even where its template is remembered.

        Raises:
            ConfigError: The tokenizer is not that of the server's model.
            EngineError: The server cannot be asked.
        """
        file = self.folder / f"{self._key(tokenizer)}.json"
        if not anew and (known := _read(file)) is not None:
            return known.template
        found = self._derived(tokenizer)
        try:
            replace_file(file, json.dumps({"version": _VERSION, "pieces": asdict(found) if found else None}).encode())
        except OSError as error:
            _log.debug("%s: not remembered: %s", file, error)
        return found

    def _derived(self, tokenizer: "Tokenizer") -> ChatTemplate | None:
        def encode(text: str) -> Ids:
            return tuple(tokenizer.encode([text])[0].tolist())

        if self._ids({"prompt": _SAMPLE, "add_special_tokens": False}) != encode(_SAMPLE):
            raise ConfigError(
                f"--tokenizer: {tokenizer.name} gives other ids than {self.info.model or 'the model'} at "
                f"{self.info.base_url}; name the tokenizer of that model, or none"
            )
        try:
            return derive_template(self._rendered, encode=encode, decode=self._text)
        except StatusError as error:
            if error.status >= 500:
                raise
            return None  # it has no template, or none that takes a system message

    def _rendered(self, messages: Sequence[Message]) -> Ids:
        said = [asdict(message) for message in messages]
        arguments = {"add_generation_prompt": True, "chat_template_kwargs": _TEMPLATE_ARGUMENTS}
        return self._ids({"messages": said, **arguments})

    def _ids(self, body: dict[str, Any]) -> Ids:
        client, reply = self._asked("/tokenize", body)
        tokens = reply.get("tokens") if isinstance(reply, dict) else None
        if not isinstance(tokens, list) or not all(type(token) is int and token >= 0 for token in tokens):
            raise client.unusable("no list of ids")
        return tuple(tokens)

    def _text(self, ids: Ids) -> str:
        client, reply = self._asked("/detokenize", {"tokens": list(ids)})
        text = reply.get("prompt") if isinstance(reply, dict) else None
        if not isinstance(text, str):
            raise client.unusable("no text")
        return text

    def _asked(self, page: str, body: dict[str, Any]) -> tuple[EndpointClient, Any]:
        client = EndpointClient(
            self.info.base_url.removesuffix("/v1"),
            page,
            setting=_SETTING,
            api_key=self.api_key,
            on_first_use=None,  # nothing of the user's is sent
            timeout_s=_TIMEOUT_S,
        )
        return client, client.post(({"model": self.info.model} if self.info.model else {}) | body)

    def _key(self, tokenizer: "Tokenizer") -> str:
        told = (self.info.base_url, self.info.model, sorted(self.info.versions.items()), self.info.max_model_len)
        return hashlib.sha256(repr((*told, tokenizer.id)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Known:
    template: ChatTemplate | None


def _read(file: Path) -> _Known | None:
    try:
        kept = json.loads(file.read_bytes())
        if kept["version"] != _VERSION:
            return None
        pieces = kept["pieces"]
        return _Known(ChatTemplate(**{name: tuple(map(int, ids)) for name, ids in pieces.items()}) if pieces else None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
