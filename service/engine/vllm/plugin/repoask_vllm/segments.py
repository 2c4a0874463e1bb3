"""Segments of token ids that clients sent, kept in memory within a bound. What one tenant sent no other can name.

Knows nothing of prompts.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from .wire import RefusalError

__all__ = ["ID_BYTES", "SegmentStore", "check_segment"]

ID_BYTES = 4


def check_segment(ids: bytes, *, digest: str, vocabulary: int) -> None:
    """Refuses a segment that is not what it says.

    Args:
        ids: 4 little-endian bytes each.
        digest: Its sha256, hex.
        vocabulary: Ids are below this.

    Raises:
        RefusalError: The digest differs, or it holds what is no id.
    """
    if not ids or len(ids) % ID_BYTES:
        raise RefusalError(400, f"a segment of {len(ids):,} bytes is not ids of {ID_BYTES} bytes each")
    if hashlib.sha256(ids).hexdigest() != digest:
        raise RefusalError(400, f"the segment's sha256 is not {digest}")
    if int(np.frombuffer(ids, "<u4").max()) >= vocabulary:
        raise RefusalError(400, f"the segment holds what is no id of the vocabulary (0 to {vocabulary - 1:,})")


class SegmentStore:
    """Segments by tenant and digest; the longest unused goes first."""

    def __init__(self, *, max_bytes: int) -> None:
        """Begins empty.

        Args:
            max_bytes: Of all segments, those that are being received included.
        """
        self._max_bytes = max_bytes
        self._held: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._num_bytes = 0
        self._num_coming = 0

    @contextmanager
    def receiving(self, num_bytes: int) -> Iterator[None]:
        """Makes room for a segment that is on its way.

        Raises:
            RefusalError: There is none.
        """
        if num_bytes > self._max_bytes:
            raise RefusalError(413, f"a segment of {num_bytes:,} bytes is over the store's {self._max_bytes:,}")
        if self._num_coming + num_bytes > self._max_bytes:
            raise RefusalError(503, "too many segments come at once; send this one again later")
        self._num_coming += num_bytes
        self._make_room()
        try:
            yield
        finally:
            self._num_coming -= num_bytes

    def put(self, tenant: str, digest: str, ids: bytes) -> None:
        """Keeps a segment that was checked."""
        key = (tenant, digest)
        if key not in self._held:
            self._held[key] = ids
            self._num_bytes += len(ids)
        self._held.move_to_end(key)
        self._make_room()

    def get(self, tenant: str, digests: Sequence[str]) -> list[bytes]:
        """The segments of a prompt, in order.

        Raises:
            RefusalError: Some are not there; it names them.
        """
        keys = [(tenant, digest) for digest in digests]
        missing = [digest for key, digest in zip(keys, digests, strict=True) if key not in self._held]
        if missing:
            missing = list(dict.fromkeys(missing))
            raise RefusalError(409, f"{len(missing):,} segments are not here; send them and ask again", missing=missing)
        for key in keys:
            self._held.move_to_end(key)
        return [self._held[key] for key in keys]

    def _make_room(self) -> None:
        while self._held and self._num_bytes + self._num_coming > self._max_bytes:
            _, ids = self._held.popitem(last=False)
            self._num_bytes -= len(ids)
