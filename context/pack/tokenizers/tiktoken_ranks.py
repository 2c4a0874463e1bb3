"""Files of ranks: tiktoken's `*.tiktoken` and Llama's `tokenizer.model`. Loads them into tiktoken, which is the oracle.

A file of ranks holds no control tokens, so none can come out. Downloads nothing: tiktoken's own names and its
registry, which would, are not used.
"""

import binascii
from functools import cached_property
from pathlib import Path

import numpy as np

from ....errors import ConfigError
from ..types import TokenIds
from .patterns import known_kinds, ranks_kind
from .vocabulary_file import content_id, read_vocabulary_file

__all__ = ["RanksEncoding", "RanksFile"]

_VERSION = b"ranks 1"


class RanksFile:
    """A file of ranks, looked at but not parsed.

    Attributes:
        kind: What it is.
        id: Of its content and the pattern.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file.

        Raises:
            ConfigError: It is no file of ranks, or of a model that is not known.
        """
        data = read_vocabulary_file(path)
        first = data[:512].partition(b"\n")[0].split()
        if len(first) != 2 or not first[1].isdigit():
            raise ConfigError(f"{path}: this is no file of ranks (a base64 text and a number a line){_way_out(data)}")
        count = _line_count(data)
        known = ranks_kind(count)
        if known is None:
            raise ConfigError(
                f"{path}: {count:,} ranks are those of no known model ({known_kinds()}), or the file is cut off; "
                "name the model's tokenizer.json instead"
            )
        self.path = path
        self.kind = known
        self.id = content_id(_VERSION, known.pattern.encode(), data)
        self._data = data

    @cached_property
    def ranks(self) -> dict[bytes, int]:
        """The bytes of each token, and its id.

        Raises:
            ConfigError: The file is damaged.
        """
        ranks: dict[bytes, int] = {}
        try:
            for line in self._data.splitlines():
                token, _, rank = line.partition(b" ")
                ranks[binascii.a2b_base64(token, strict_mode=True)] = int(rank)
        except ValueError as error:
            raise ConfigError(f"{self.path}: line {len(ranks) + 1} is no rank; copy the file again") from error
        lines = _line_count(self._data)
        if len(ranks) != lines or len(set(ranks.values())) != lines or max(ranks.values()) >= 2 * lines:
            raise ConfigError(f"{self.path}: a token or a rank stands there twice; copy the file again")
        if any(bytes([byte]) not in ranks for byte in range(256)):
            raise ConfigError(f"{self.path}: a single byte has no rank, so not every text has ids; copy the file again")
        return ranks


class RanksEncoding:
    """tiktoken over the ranks of a file."""

    def __init__(self, file: RanksFile) -> None:
        """Parses the file and loads the library.

        Raises:
            ConfigError: The file is damaged.
        """
        import tiktoken

        ranks = file.ranks
        self.size = max(ranks.values()) + 1
        self._tiktoken = tiktoken.Encoding(
            file.kind.name, pat_str=file.kind.pattern, mergeable_ranks=ranks, special_tokens={}
        )

    def encode(self, text: str) -> TokenIds:
        """The ids of a text of whole characters."""
        return np.array(self._tiktoken.encode_ordinary(text), np.uint32)

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes of ids below `size`.

        Raises:
            LookupError: An id that is no token.
        """
        return self._tiktoken.decode_bytes(ids.tolist())


def _line_count(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _way_out(data: bytes) -> str:
    if b"<unk>" in data[:64]:  # how every SentencePiece model begins
        return ", but a SentencePiece model; name the model's tokenizer.json instead"
    return "; name the model's tokenizer.json or its file of ranks"
