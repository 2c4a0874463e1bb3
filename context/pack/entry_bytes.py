"""Text and ids of a stored pack, by segment and by entry, each checked when it is read.

Knows nothing of what an entry tells, nor of lines.
"""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import PackError
from .manifest import Manifest
from .segments import SegmentReader

if TYPE_CHECKING:
    from .types import TokenIds, Tokenizer

__all__ = ["EntryBytes"]


class EntryBytes:
    """The bytes that a manifest tells of. Entries have numbers, from 0.

    Args:
        manifest: Of the pack.
        folder: Where the files lie that it names.
        tokenizer: The one that gave the ids; the text of a pack that keeps ids alone needs it.
        kept_as: The manifest's file where the pack can be made again: it is removed when the bytes prove damaged.
    """

    def __init__(
        self, manifest: Manifest, *, folder: Path, tokenizer: "Tokenizer | None", kept_as: Path | None
    ) -> None:
        self._manifest = manifest
        self._folder = folder
        self._tokenizer = tokenizer
        self._kept_as = kept_as
        self._segments = SegmentReader(folder)
        self._last_text: tuple[int, bytes] = (-1, b"")

    def are_whole(self) -> bool:
        """Whether the files are there and long enough."""
        return self._segments.are_whole(self._manifest.segments)

    def segment_text(self, segment: int) -> bytes:
        """The text of a segment, by its number."""
        found = self._manifest.segments[segment]
        if found.text is None:
            return self._decode(self.segment_id_bytes(segment))
        with self._forgotten_when_damaged():
            return self._segments.text(found)

    def segment_ids(self, segment: int) -> "TokenIds":
        """The ids of a segment that has some."""
        return _numbers(self.segment_id_bytes(segment))

    def segment_id_bytes(self, segment: int) -> bytes:
        """The same, 4 little-endian bytes each."""
        with self._forgotten_when_damaged():
            return self._segments.ids(self._manifest.segments[segment])

    def text(self, number: int) -> str:
        """The text of one entry."""
        segment = self._segment_of(number)
        if self._last_text[0] != segment:
            self._last_text = segment, self.segment_text(segment)
        start = self._byte_ends[number] - self._byte_ends[self._first_entries[segment]]
        try:
            return self._last_text[1][start : start + self._manifest.sizes[number]].decode()
        except UnicodeDecodeError as error:
            raise PackError(f"{self._folder}: the pack is damaged; pack anew, without --onto") from error

    def cut(self, first: int, last: int) -> tuple[bytes, bytes]:
        """Text and ids of the entries from `first` up to `last`, which lie in one segment; no ids where none are."""
        segment = self._segment_of(first)
        begin = self._first_entries[segment]
        text = self.segment_text(segment)
        text = text[self._byte_ends[first] - self._byte_ends[begin] : self._byte_ends[last] - self._byte_ends[begin]]
        if self._manifest.segments[segment].ids is None:
            return text, b""
        start = self._token_ends[begin]
        ids = self.segment_id_bytes(segment)
        return text, ids[4 * (self._token_ends[first] - start) : 4 * (self._token_ends[last] - start)]

    def num_tokens(self, first: int, last: int) -> int:
        """Of the entries from `first` up to `last`."""
        return self._token_ends[last] - self._token_ends[first]

    def holding(self, token: int) -> tuple[int, int]:
        """The entry that holds a token of the pack, and which of its own tokens that is."""
        number = bisect_right(self._token_ends, token) - 1
        return number, token - self._token_ends[number]

    def byte_of_token(self, number: int, token: int) -> int:
        """Where in the text of an entry one of its tokens begins; by its share where tokens are estimated."""
        size: int = self._sizes[number]
        if self._manifest.segments[self._segment_of(number)].ids is None:
            return self._manifest.sizes[number] * token // max(size, 1)
        _, ids = self.cut(number, number + 1)
        return len(self._decode(ids[: 4 * token]))

    def token_at_byte(self, number: int, position: int) -> int:
        """The token of the pack that holds a byte of an entry's text."""
        # the first one that reaches beyond it; the more tokens, the more bytes
        tokens = range(self._sizes[number] - 1)
        within = bisect_right(tokens, position, key=lambda token: self.byte_of_token(number, token + 1))
        return self._token_ends[number] + within

    @contextmanager
    def _forgotten_when_damaged(self) -> Iterator[None]:
        try:
            yield
        except PackError:
            if self._kept_as is not None:
                self._kept_as.unlink(missing_ok=True)
            raise

    def _decode(self, ids: bytes) -> bytes:
        if self._tokenizer is None or self._tokenizer.id != self._manifest.tokenizer_id:
            name = self._manifest.tokenizer_name
            raise PackError(f"{self._folder}: its ids are of {name}; name that with --tokenizer")
        return self._tokenizer.decode(_numbers(ids))

    def _segment_of(self, number: int) -> int:
        return bisect_right(self._first_entries, number) - 1

    @cached_property
    def _first_entries(self) -> list[int]:
        counts = (segment.num_entries for segment in self._manifest.segments)
        return list(accumulate(counts, initial=0))[:-1]

    @cached_property
    def _byte_ends(self) -> list[int]:
        return list(accumulate(self._manifest.sizes, initial=0))

    @cached_property
    def _token_ends(self) -> list[int]:
        return list(accumulate(self._sizes, initial=0))

    @property
    def _sizes(self) -> list[int]:
        sizes: list[int] = self._manifest.state["columns"]["sizes"]
        return sizes


def _numbers(ids: bytes) -> "TokenIds":
    import numpy as np  # a pack that is found, and has its text, needs none

    return np.frombuffer(ids, "<u4").astype(np.uint32, copy=False)
