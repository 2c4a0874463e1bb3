"""Ids of the pieces of a pack's entries, each whole file's made once for a tokenizer. Knows no file and no format."""

from collections.abc import Iterable, Sequence

from ..storage.row_cache import RowCache
from .types import Piece, TokenIds, Tokenizer

__all__ = ["IdsCache"]

# A run that is cut off keeps what was done.
_BATCH_CHARS = 16 * 1024**2


class IdsCache:
    """Encodes pieces, and remembers the ids of those whose text has a name."""

    def __init__(
        self, tokenizer: Tokenizer, cache: RowCache, *, format_version: int, batch_chars: int = _BATCH_CHARS
    ) -> None:
        """Reads nothing yet.

        Args:
            tokenizer: Its id is part of what is remembered.
            cache: Of uint32.
            format_version: Of what is laid around texts before they get here: another one is encoded anew.
            batch_chars: Of text that is encoded before its ids are stored.
        """
        self._tokenizer = tokenizer
        self._cache = cache
        self._batch_chars = batch_chars
        self._suffix = f"\0{tokenizer.id}\0{format_version}"

    def encode(self, pieces: Sequence[Piece]) -> list[TokenIds]:
        """The ids of each piece."""
        known = self._cache.get({self._key(piece) for piece in pieces if piece.content})
        for batch in _batches(self._missing(pieces, known), self._batch_chars):
            made = dict(zip(batch, self._tokenizer.encode(list(batch.values())), strict=True))
            self._cache.put({key: ids for key, ids in made.items() if key[0] != "\0"})
            known.update(made)
        return [known[self._key(piece) if piece.content else _unnamed(piece)] for piece in pieces]

    def count(self, pieces: Sequence[Piece]) -> list[int]:
        """The number of tokens of each piece."""
        return [len(ids) for ids in self.encode(pieces)]

    def _missing(self, pieces: Sequence[Piece], known: dict[str, TokenIds]) -> dict[str, str]:
        keyed = ((self._key(piece) if piece.content else _unnamed(piece), piece.text) for piece in pieces)
        return {key: text for key, text in keyed if key not in known}

    def _key(self, piece: Piece) -> str:
        return piece.content + self._suffix


def _unnamed(piece: Piece) -> str:
    return "\0" + piece.text


def _batches(texts: dict[str, str], size: int) -> Iterable[dict[str, str]]:
    batch: dict[str, str] = {}
    room = size
    for key, text in texts.items():
        if batch and len(text) > room:
            yield batch
            batch, room = {}, size
        batch[key] = text
        room -= len(text)
    if batch:
        yield batch
