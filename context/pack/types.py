"""The values of a pack. A pack is a log of entries; runs of entries are its segments, immutable and chained by hash.

Text is what a prompt says; ids are the same in a model's tokens. Offsets count from the pack's start; spans are half
open; lines are 1-based and inclusive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EntryKind", "PackFile", "Piece", "TextReader", "TokenCounter", "TokenIds", "Tokenizer"]

TokenIds: TypeAlias = "NDArray[np.uint32]"
"""Token ids of a model's vocabulary. Shape (n,). Numpy takes 60 ms to load, and a pack that is found needs no ids."""


class EntryKind(StrEnum):
    """What an entry of the log tells its reader."""

    RULES = "rules"  # how to read what follows; the first entry, the same in every pack
    FILE = "file"  # a whole file
    PATCH = "patch"  # line ranges of a file that replace those of its version so far
    DELETED = "deleted"
    RENAMED = "renamed"
    UPDATE = "update"  # a new section begins: the snapshot moved
    CURRENT = "current"  # the manifest of what is current; the last entry, rewritten with every section


class PackFile(NamedTuple):
    """A file of a snapshot as a pack takes it. A tuple, for one edit of a large pack makes 10,000 of them.

    Attributes:
        path: Relative to the source's root.
        content: Names the text: equal contents are equal texts (the blob, what it is read as, the transform).
    """

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an entry's text that is turned into ids on its own.

    Attributes:
        content: Names the text where it is worth remembering its ids, as a whole file's; "" elsewhere.
    """

    text: str
    content: str = ""


class TextReader(Protocol):
    """Gives the text of a file of the snapshot that is packed."""

    def __call__(self, file: PackFile, /) -> str:
        """The text, lines ended by a line feed, secrets withheld.

        Raises:
            SourceError: The file vanished or changed since the snapshot was taken.
        """
        ...


class TokenCounter(Protocol):
    """Tells how many tokens a text is.

    Attributes:
        name: Said to the user, as "o200k_base" or "estimate (3.6 bytes a token)".
        exact: False where the count is an estimate, and must be called one.
    """

    name: str
    exact: bool

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text."""
        ...


class Tokenizer(TokenCounter, Protocol):
    """A model's own vocabulary.

    Attributes:
        id: Hex; equal ids give equal token ids for every text, on any machine.
    """

    id: str

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        """The ids of each text. No text, whatever it says, gives a control or an added token."""
        ...

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes that ids stand for; the inverse of `encode` for every text."""
        ...
