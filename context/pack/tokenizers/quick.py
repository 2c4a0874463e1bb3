"""Ids of short ASCII texts from a mapped file: loading a library takes 0.2 to 3 s, and a commit changes 300 tokens.

The file holds a vocabulary's tokens and merges as sorted arrays. Knows no library; whoever makes the file compares what
comes out of it with the oracle first.
"""

import hashlib
import logging
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...storage.array_file import DamagedFileError, read_arrays
from ...storage.replacement import discard
from ..types import TokenIds

__all__ = ["QuickEncoding", "Vocabulary", "merge_rows", "quick_arrays"]

_log = logging.getLogger(__name__)

_VERSION = 1
_MAX_PIECE = 64  # bytes; merging is quadratic here
_NO_RANK = 1 << 32


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What decides the ids of ASCII texts.

    Attributes:
        tokens: The bytes of each, by id.
        merges: The ids of left, right and both, the first to be merged first. Shape (n, 3).
        patterns: Split a text one after the other, in Python's syntax.
        whole_first: Whether a piece that is a token is one without merging.
    """

    tokens: Mapping[int, bytes]
    merges: NDArray[np.uint32]
    patterns: Sequence[str]
    whole_first: bool


class QuickEncoding:
    """A vocabulary in a mapped file."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Looks at nothing yet.

        Args:
            arrays: As `write` lays them out.
            meta: Likewise.
        """
        # of an array, `bisect` would make a numpy number at each step
        self._hashes, self._hashed = arrays["hashes"].data, arrays["hashed"].data
        self._pairs, self._ranks, self._merged = arrays["pairs"].data, arrays["ranks"].data, arrays["merged"].data
        self._starts, self._blob = arrays["starts"].data, arrays["blob"].data
        self._bytes: list[int] = arrays["bytes"].tolist()
        self._patterns = [re.compile(pattern) for pattern in meta["patterns"]]
        self._whole_first = bool(meta["whole_first"])
        self._known: dict[str, list[int]] = {}

    @classmethod
    def read(cls, path: Path) -> "QuickEncoding | None":
        """The vocabulary of a file; None where there is none, and a damaged one is removed."""
        try:
            arrays, meta = read_arrays(path)
            if meta["version"] == _VERSION:
                return cls(arrays, meta)
        except FileNotFoundError:
            return None
        except (DamagedFileError, OSError, KeyError, TypeError, re.error) as error:
            _log.debug("%s: removed: %s", path, error)
        discard(path)
        return None

    def encode(self, text: str) -> "TokenIds | None":
        """The ids of an ASCII text; None where it takes the library."""
        ids: list[int] = []
        for piece in self._pieces(text):
            found = self._known.get(piece) or self._piece_ids(piece.encode("ascii"))
            if found is None:
                return None
            self._known[piece] = found
            ids += found
        return np.array(ids, np.uint32)

    def _pieces(self, text: str) -> list[str]:
        pieces = [text]
        for pattern in self._patterns:
            pieces = [part for piece in pieces for part in _isolated(pattern, piece)]
        return pieces

    def _piece_ids(self, piece: bytes) -> list[int] | None:
        whole = self._token(piece) if self._whole_first else None
        if whole is not None:
            return [whole]
        if len(piece) > _MAX_PIECE:
            return None
        ids = [self._bytes[byte] for byte in piece]
        while len(ids) > 1:
            rank, place, merged = min(self._merge(ids[place], ids[place + 1], place) for place in range(len(ids) - 1))
            if rank == _NO_RANK:
                break
            ids[place : place + 2] = [merged]
        # a damaged file must not change what is said
        return ids if b"".join(map(self._token_bytes, ids)) == piece else None

    def _merge(self, left: int, right: int, place: int) -> tuple[int, int, int]:
        pair = left << 32 | right
        found = bisect_left(self._pairs, pair)
        if found == len(self._pairs) or self._pairs[found] != pair:
            return _NO_RANK, place, 0
        return self._ranks[found], place, self._merged[found]

    def _token(self, data: bytes) -> int | None:
        wanted = _hash(data)
        found = bisect_left(self._hashes, wanted)
        if found == len(self._hashes) or self._hashes[found] != wanted:
            return None
        token: int = self._hashed[found]
        return token if self._token_bytes(token) == data else None

    def _token_bytes(self, token: int) -> bytes:
        return (
            bytes(self._blob[self._starts[token] : self._starts[token + 1]]) if token + 1 < len(self._starts) else b""
        )


def merge_rows(merges: Iterable[tuple[int, int, int]]) -> NDArray[np.uint32]:
    """Merges, half a million of them, without a Python number each. Shape (n, 3)."""
    return np.fromiter(chain.from_iterable(merges), np.uint32).reshape(-1, 3)


def quick_arrays(vocabulary: Vocabulary) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What a file of the vocabulary holds: arrays, and a JSON value."""
    size = max(vocabulary.tokens) + 1
    ordered = [vocabulary.tokens.get(token, b"") for token in range(size)]
    starts = np.zeros(size + 1, np.int64)
    np.cumsum([len(token) for token in ordered], out=starts[1:])
    hashes = np.array([_hash(token) for token in ordered], np.uint64)
    by_hash = np.argsort(hashes, kind="stable")
    triples = vocabulary.merges.astype(np.uint64)
    pairs = triples[:, 0] << np.uint64(32) | triples[:, 1]
    by_pair = np.argsort(pairs, kind="stable")
    of_byte = {token: number for number, token in vocabulary.tokens.items() if len(token) == 1}
    arrays = {
        "hashes": hashes[by_hash],
        "hashed": by_hash.astype(np.uint32),
        "pairs": pairs[by_pair],
        "ranks": by_pair.astype(np.uint32),
        "merged": triples[by_pair, 2].astype(np.uint32),
        "bytes": np.array([of_byte[bytes([byte])] for byte in range(256)], np.uint32),
        "starts": starts,
        "blob": np.frombuffer(b"".join(ordered), np.uint8),
    }
    return arrays, {"version": _VERSION, "patterns": list(vocabulary.patterns), "whole_first": vocabulary.whole_first}


def _isolated(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The matches and what is between them."""
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        if match.end() > match.start():
            yield match.group()
        end = match.end()
    if end < len(text):
        yield text[end:]


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
