"""The tokenizer of a vLLM server that the user named: texts are sent to it. Knows nothing of HTTP.

`/tokenize` makes control tokens of their names and cannot be told not to. So where the server tells which added tokens
it has (`/tokenizer_info`), their names are cut in two before they are sent and looked for in what comes back; where it
does not, it counts and gives no ids. Source: vLLM, entrypoints/serve/tokenize/.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ....errors import ConfigError, EngineReplyError
from ...endpoint import OnFirstUse
from ...endpoint_client import EndpointClient, StatusError
from ..types import TokenIds
from .encoding import parts_of
from .vocabulary_file import content_id

__all__ = ["ServerCounter", "ServerTokenizer", "server_tokenizer"]

_SETTING = "--tokenizer"
_TIMEOUT_S = 120.0
# A reply may hold 64 MB, of which an id takes eight bytes at most and a character a few ids.
_MAX_CHARS = 1_000_000
# What a vocabulary that loses something loses: blanks at the ends, two forms of a character, its own blank's sign.
_PROBE = (
    "  a  \u2581b\te\u0301\u00e9\r\n\n<x>\u4e2d\U0001f600 A \n\tdef first_line(self, path: Path) -> str | None:\n"
    "#include <stdio.h> SELECT * FROM users WHERE id != 12345; it's https://example.org/\u0438\u0639?q=%20 getById "
)


def server_tokenizer(
    url: str, model: str | None = None, *, api_key: str | None = None, on_first_use: OnFirstUse | None = None
) -> "ServerCounter | ServerTokenizer":
    """The tokenizer of a server, or only its count where that is all that can be had safely.

    Args:
        url: Of the server, with or without `/v1`.
        model: As the server names it; None for its only one.
        api_key: Sent as bearer token; None sends none.
        on_first_use: Gets the endpoint and the bytes of the texts that are at hand first.

    Raises:
        ConfigError: `url` is no http(s) URL, or holds credentials.
        EngineUnreachableError: There is no connection.
        EngineReplyError: The answer cannot be used.
    """
    counter = ServerCounter(url, model, api_key=api_key, on_first_use=on_first_use)
    added = counter.added_tokens()
    return counter if added is None else ServerTokenizer(counter, added)


class ServerCounter:
    """Counts by a server, in whose count the name of a control token may be one token.

    Raises:
        EngineUnreachableError: From any method, when there is no connection.
        EngineReplyError: From any method, when the answer cannot be used.
    """

    exact = True

    def __init__(
        self, url: str, model: str | None = None, *, api_key: str | None = None, on_first_use: OnFirstUse | None = None
    ) -> None:
        """Names the server; connects to nothing."""
        root = url.strip().rstrip("/").removesuffix("/tokenize").removesuffix("/v1")
        self._client, self._back, self._info = (
            EndpointClient(
                root, page, setting=_SETTING, api_key=api_key, on_first_use=on_first_use, timeout_s=_TIMEOUT_S
            )
            for page in ("/tokenize", "/detokenize", "/tokenizer_info")
        )
        self._model = {"model": model} if model else {}
        self.url = self._client.url
        self.name = f"{model or 'the model'} at {self.url}"

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text."""
        with self.announced(texts):
            return [sum(len(self.ids(part)) for part in _pieces(text)) for text in texts]

    def announced(self, texts: Sequence[str]) -> AbstractContextManager[None]:
        """To be entered around the requests that send these texts."""
        return self._client.announced(texts)

    def ids(self, text: str) -> TokenIds:
        """What the server makes of a text, control tokens included."""
        if not text:
            return np.zeros(0, np.uint32)
        body = {**self._model, "prompt": text, "add_special_tokens": False}
        return self._ids(self._client.post(body))

    def text(self, ids: TokenIds) -> str:
        """What the server makes of ids."""
        reply: Any = self._back.post({**self._model, "tokens": ids.tolist()})
        prompt = reply.get("prompt") if isinstance(reply, dict) else None
        if not isinstance(prompt, str):
            raise self._back.unusable("no text")
        return prompt

    def added_tokens(self) -> dict[int, str] | None:
        """The names of added and control tokens by id; None where the server does not tell."""
        try:
            # the user has a say before the server is asked at all, and again with the first texts
            with self._info.announced([""]):
                reply: Any = self._info.get()
        except StatusError as error:
            if error.status in {404, 405, 501}:
                return None
            raise
        decoder = reply.get("added_tokens_decoder") if isinstance(reply, dict) else None
        # every model that is asked anything has some: to take none for an answer lets files write control tokens
        if not isinstance(decoder, dict) or not decoder:
            return None
        try:
            return {int(number): _content(entry) for number, entry in decoder.items()}
        except (ValueError, TypeError, KeyError) as error:
            raise self._info.unusable("no list of added tokens") from error

    def unusable(self, what: str) -> EngineReplyError:
        """The error for ids that are `what`."""
        return self._client.unusable(what)

    def _ids(self, reply: Any) -> TokenIds:
        tokens = reply.get("tokens") if isinstance(reply, dict) else None
        try:
            ids = np.array(tokens, np.int64)
        except (ValueError, TypeError, OverflowError) as error:
            raise self.unusable("no list of ids") from error
        if not isinstance(tokens, list) or ids.ndim != 1 or not all(type(token) is int for token in tokens):
            raise self.unusable("no list of ids")
        if not len(ids) or ids.min() < 0 or ids.max() > np.iinfo(np.uint32).max:
            raise self.unusable("no list of ids")
        return ids.astype(np.uint32)


class ServerTokenizer:
    """Ids by a server that tells its added tokens."""

    exact = True

    def __init__(self, server: ServerCounter, added: dict[int, str]) -> None:
        """Learns who the server is by its ids of a text, and that they give it back.

        Args:
            server: Is asked.
            added: The names of its added and control tokens, by id.

        Raises:
            ConfigError: Its vocabulary does not give back every text.
        """
        # white space alone stands for nothing but itself
        named = {number: name for number, name in added.items() if name.strip()}
        self._server, self._added = server, np.array(sorted(named), np.uint32)
        self.name = server.name
        # a look-ahead, so that of two names that overlap both are cut
        names = "|".join(re.escape(name) for name in sorted(named.values()) if len(name) > 1)
        self._names = re.compile(f"(?={names})") if names else None
        probe = self._encoded(_PROBE)
        if server.text(probe) != _PROBE:
            raise ConfigError(f"{self.name}: its vocabulary does not give back every text; leave the tokenizer out")
        self.id = content_id(b"server 1", probe.tobytes(), repr(sorted(added.items())).encode())

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text."""
        return [len(ids) for ids in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        """The ids of each text. No text, whatever it says, gives a control or an added token.

        Raises:
            EngineReplyError: The server made one all the same.
        """
        with self._server.announced(texts):
            return [self._encoded(text) for text in texts]

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes that ids stand for, if they are the ids of whole texts."""
        if not len(ids):
            return b""
        return self._server.text(ids).encode()

    def _encoded(self, text: str) -> TokenIds:
        parts = [self._server.ids(part) for piece in _pieces(text) for part in self._cut(piece)]
        ids = np.concatenate(parts) if parts else np.zeros(0, np.uint32)
        if np.isin(ids, self._added).any():
            raise self._server.unusable("a control token where a text only names one")
        return ids

    def _cut(self, text: str) -> list[str]:
        """The text, cut after the first character of every name of an added token."""
        cuts = [match.start() + 1 for match in self._names.finditer(text)] if self._names else []
        return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if start < end]


def _content(entry: Any) -> str:
    name = entry["content"] if isinstance(entry, dict) else entry
    if not isinstance(name, str):
        raise TypeError(name)
    return name


def _pieces(text: str) -> list[str]:
    whole = "".join(parts_of(text))
    return [whole[first : first + _MAX_CHARS] for first in range(0, len(whole), _MAX_CHARS)]
