"""`tokenizer.json` of a model's folder. Loads it into Hugging Face's `tokenizers`, which is the oracle.

Whatever may turn a text's words into control tokens is taken out before the library sees it: asked to leave special
tokens out, it still makes them of their names, and told to encode them as text, it still makes ordinary added tokens.
Added tokens that are white space alone (GPT-NeoX, Phi) stand for nothing but themselves and stay. Knows no model.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....errors import ConfigError
from ..types import TokenIds
from .byte_level import byte_symbols, loses, plain_vocabulary, token_bytes
from .vocabulary_file import content_id, read_vocabulary_file, remembered

if TYPE_CHECKING:
    from .quick import Vocabulary

__all__ = ["HuggingFaceEncoding", "TokenizerJson"]

_VERSION = b"tokenizer.json 1"


class TokenizerJson:
    """A `tokenizer.json`, not parsed yet.

    Attributes:
        path: The file.
        id: Of its content.
    """

    def __init__(self, path: Path, *, cache: Path | None = None) -> None:
        """Reads the file, unless its id is remembered.

        Args:
            path: As named by the user.
            cache: A folder where its id is remembered; None remembers nothing.

        Raises:
            ConfigError: It cannot be read, is empty or far too large.
        """
        self.path = path
        self.id = remembered(path, cache, lambda: content_id(_VERSION, self._data))

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """The configuration, without control and added tokens, templates, truncation and chance.

        Raises:
            ConfigError: It is no `tokenizer.json`, or one whose control tokens are plain bytes.
        """
        config = self._parsed
        model = dict(config["model"])
        blanks = [entry for entry in config.get("added_tokens") or () if _is_blank(entry)]
        if isinstance(model["vocab"], dict):
            gone = {token for token, number in model["vocab"].items() if number in self.removed}
            if gone & set(byte_symbols()) and not self.loss:
                raise ConfigError(f"{self.path}: a control token is a plain byte, so texts would hold it; use another")
            model["vocab"] = {token: number for token, number in model["vocab"].items() if token not in gone}
            # the library numbers added tokens anew unless the vocabulary has them
            model["vocab"] |= {entry["content"]: entry["id"] for entry in blanks}
            if gone and "merges" in model:
                model["merges"] = [merge for merge in model["merges"] if not gone & _tokens_of(merge)]
        if "dropout" in model:
            model["dropout"] = None
        return {
            **config,
            "model": model,
            "added_tokens": blanks,
            # the ids of a text as it stands: composed characters (NFC) could not be told from what they were
            "normalizer": config.get("normalizer") if self.loss else None,
            "truncation": None,
            "padding": None,
            "post_processor": None,
            "decoder": None,
        }

    @cached_property
    def removed(self) -> frozenset[int]:
        """The ids of control and added tokens, which no text gives and which are no text."""
        return frozenset(entry["id"] for entry in self._parsed.get("added_tokens") or () if not _is_blank(entry))

    def release(self) -> None:
        """Frees what was parsed, up to 300 MB; it is parsed again where it is asked for again."""
        for name in ("plain", "_parsed", "_data"):
            self.__dict__.pop(name, None)

    @property
    def vocabulary(self) -> "Vocabulary | None":
        """What decides the ids of ASCII texts; None where that cannot be told."""
        try:
            return None if self.loss else plain_vocabulary(self.plain)
        except (KeyError, TypeError, ValueError):  # whatever it is, the library has read it
            return None

    @cached_property
    def loss(self) -> str:
        """Why not every text can be had back from its ids; "" where it can."""
        return loses(self._parsed)

    @cached_property
    def _data(self) -> bytes:
        return read_vocabulary_file(self.path)

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        if content_id(_VERSION, self._data) != self.id:
            raise ConfigError(f"{self.path}: this tokenizer has just changed; try again")
        try:
            config = json.loads(self._data)
            model, added = config["model"], config.get("added_tokens") or []
            if not isinstance(model["vocab"], dict | list) or not all(
                isinstance(entry["content"], str) and isinstance(entry["id"], int) for entry in added
            ):
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ConfigError(f"{self.path}: this is no tokenizer.json, or a damaged one; copy it again") from error
        parsed: dict[str, Any] = config
        return parsed


class HuggingFaceEncoding:
    """The library over a plain `tokenizer.json`."""

    def __init__(self, file: TokenizerJson) -> None:
        """Parses the file and loads the library.

        Raises:
            ConfigError: The library refuses it.
        """
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(json.dumps(file.plain))
        except Exception as error:  # the library knows no narrower one
            reason = str(error).partition("\n")[0]
            raise ConfigError(f"{file.path}: this tokenizer cannot be loaded: {reason}") from error
        self._vocabulary: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=False)
        self._blanks = {entry["id"]: entry["content"].encode() for entry in file.plain["added_tokens"]}
        self.size = max([*self._vocabulary.values(), *self._blanks], default=-1) + 1

    def encode(self, text: str) -> TokenIds:
        """The ids of a text of whole characters."""
        import numpy as np

        return np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, np.uint32)

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes of ids below `size`.

        Raises:
            LookupError: An id that is no token.
        """
        return b"".join(map(self._bytes.__getitem__, ids.tolist()))

    @cached_property
    def _bytes(self) -> dict[int, bytes]:
        # what is of no byte-level symbols no text gives
        known = ((number, token_bytes(token)) for token, number in self._vocabulary.items())
        return {number: token for number, token in known if token is not None} | self._blanks


def _is_blank(entry: Mapping[str, Any]) -> bool:
    return not entry.get("special") and entry["content"].isspace()


def _tokens_of(merge: str | list[str]) -> set[str]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return {left, right, left + right}
