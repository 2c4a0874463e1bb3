"""Counts the pieces of a log's entries and gives their ids, each text once; without a vocabulary it counts alone.

Knows nothing of entries or segments.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

import numpy as np

from ..storage.row_buffer import RowBuffer
from .format import FORMAT
from .ids import IdsCache
from .types import Piece, TokenCounter, TokenIds, Tokenizer

__all__ = ["Encoder", "has_vocabulary"]


def has_vocabulary(tokenizer: TokenCounter) -> TypeGuard[Tokenizer]:
    """Whether it gives ids, not only counts."""
    return hasattr(tokenizer, "encode")


class Encoder:
    """The tokenizer of one pack.

    Args:
        tokenizer: What counts, or encodes.
        folder: Where ids are remembered.
    """

    def __init__(self, tokenizer: TokenCounter, *, folder: Path) -> None:
        self._counter = tokenizer
        self._rows = RowBuffer(folder, np.uint32)
        self._ids = IdsCache(tokenizer, self._rows, format_version=FORMAT) if has_vocabulary(tokenizer) else None
        self._unnamed: dict[str, TokenIds] = {}

    @property
    def has_ids(self) -> bool:
        """Whether `encode` gives ids."""
        return self._ids is not None

    def measure(self, pieces: Sequence[Piece]) -> list[int]:
        """The number of tokens of each piece."""
        if self._ids is None:
            return self._counter.count([piece.text for piece in pieces])
        return [len(ids) for ids in self._encode(pieces)]

    def encode(self, pieces: Sequence[Piece]) -> list[TokenIds]:
        """The ids of each piece; empty ones without a vocabulary."""
        if self._ids is None:
            return [np.zeros(0, np.uint32)] * len(pieces)
        return self._encode(pieces)

    def flush(self) -> None:
        """Has everything that was encoded remembered on disk."""
        self._rows.flush()

    def _encode(self, pieces: Sequence[Piece]) -> list[TokenIds]:
        """Tags and patches, which have no name in the cache, are remembered for as long as this lives."""
        assert self._ids is not None
        missing = [piece for piece in pieces if piece.content or piece.text not in self._unnamed]
        made = dict(zip(missing, self._ids.encode(missing), strict=True))
        self._unnamed.update((piece.text, ids) for piece, ids in made.items() if not piece.content)
        return [made[piece] if piece.content else self._unnamed[piece.text] for piece in pieces]
