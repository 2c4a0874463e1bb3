"""Files of ranks: tiktoken's `*.tiktoken` and Llama's `tokenizer.model`. Loads them into tiktoken, which is the oracle.

A file of ranks holds no control tokens, so none can come out. Downloads nothing: tiktoken's own names and its
registry, which would, are not used.
"""

import binascii
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import ConfigError
from ..types import TokenIds
from .patterns import known_kinds, ranks_kind
from .vocabulary_file import content_id, read_vocabulary_file, remembered

if TYPE_CHECKING:
    from .quick import Vocabulary

__all__ = ["RanksEncoding", "RanksFile"]

_VERSION = b"ranks 1"


class RanksFile:
    """A file of ranks, looked at but not parsed.

    Attributes:
        path: The file.
        kind: What it is.
        id: Of its content and the pattern.
        loss: Why not every text can be had back from its ids: every one can.
    """

    loss = ""

    def __init__(self, path: Path, *, cache: Path | None = None) -> None:
        """Reads the file, unless what it holds is remembered.

        Args:
            path: As named by the user.
            cache: A folder where that is remembered; None remembers nothing.

        Raises:
            ConfigError: It is no file of ranks, or of a model that is not known.
        """
        self.path = path
        self._seen = remembered(path, cache, self._look)
        count = int(self._seen.partition(" ")[0])
        known = ranks_kind(count)
        if known is None:
            raise ConfigError(
                f"{path}: {count:,} ranks are those of no known model ({known_kinds()}), or the file is cut off; "
                "name the model's tokenizer.json instead"
            )
        self.kind = known
        self.id = content_id(_VERSION, known.pattern.encode(), self._seen.encode())

    @cached_property
    def ranks(self) -> dict[bytes, int]:
        """The bytes of each token, and its id.

        Raises:
            ConfigError: The file is damaged.
        """
        if self._look() != self._seen:
            raise ConfigError(f"{self.path}: this tokenizer has just changed; try again")
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

    def release(self) -> None:
        """Frees what was parsed; it is parsed again where it is asked for again."""
        for name in ("ranks", "_data"):
            self.__dict__.pop(name, None)

    @cached_property
    def _data(self) -> bytes:
        return read_vocabulary_file(self.path)

    def _look(self) -> str:
        """How many ranks there are, which tells the model, and the name of the content."""
        first = self._data[:512].partition(b"\n")[0].split()
        if len(first) != 2 or not first[1].isdigit():
            raise ConfigError(
                f"{self.path}: this is no file of ranks (a base64 text and a number a line){_way_out(self._data)}"
            )
        return f"{_line_count(self._data)} {content_id(self._data)}"

    @property
    def vocabulary(self) -> "Vocabulary | None":
        """What decides the ids of ASCII texts; None where the pattern is not known there."""
        from .ascii_patterns import ascii_pattern
        from .quick import Vocabulary, merge_rows

        pattern = ascii_pattern(self.kind.pattern)
        if pattern is None:
            return None
        ranks = self.ranks
        ordered = sorted(ranks.items(), key=lambda item: item[1])
        merges = (
            (ranks[token[:cut]], ranks[token[cut:]], rank)
            for token, rank in ordered
            for cut in range(1, len(token))
            if token[:cut] in ranks and token[cut:] in ranks
        )
        return Vocabulary({rank: token for token, rank in ordered}, merge_rows(merges), [pattern], whole_first=True)


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
        import numpy as np

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
