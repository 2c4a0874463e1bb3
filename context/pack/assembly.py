"""Lays the entries of a log out as segments: what stands is kept, what is new is encoded and written.

The base is cut into segments of some 32,000 tokens, so that a later cut rewrites one of them alone; each section that
follows, and the end, are segments of their own. Knows nothing of snapshots or where packs are kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .encoder import Encoder
from .entries import Entry
from .manifest import Segment
from .pack import Pack
from .segments import SegmentWriter
from .types import EntryKind

__all__ = ["Layout", "lay_out"]

_SEGMENT_TOKENS = 32_768
_BATCH = 128  # entries that are encoded in one go
_OPENING = frozenset({EntryKind.UPDATE, EntryKind.CURRENT})


@dataclass(frozen=True, slots=True)
class Layout:
    """Entries as segments.

    Attributes:
        segments: All of them, in order.
        sizes: Bytes of each entry's text, in order.
    """

    segments: tuple[Segment, ...]
    sizes: list[int]


def lay_out(
    added: Sequence[Entry], *, onto: Pack | None, num_kept: int, writer: SegmentWriter, encoder: Encoder
) -> Layout:
    """Writes the segments that are not there yet.

    Args:
        added: The entries behind those that are kept.
        onto: The pack whose first entries are kept, or None.
        num_kept: How many those are.
        writer: Takes the new segments; where it writes to the folder of `onto`, whole segments of that are not copied.
        encoder: Gives the ids of what was added.
    """
    kept: list[Segment] = []
    sizes: list[int] = []
    if onto is not None:
        kept = _keep(onto, num_kept, writer)
        sizes = list(onto.manifest.sizes[:num_kept])
    cutter = _Cutter(writer.write)
    for start in range(0, len(added), _BATCH):
        batch = added[start : start + _BATCH]
        ids = iter(encoder.encode([piece for entry in batch for piece in entry.pieces]))
        for entry in batch:
            text = "".join(piece.text for piece in entry.pieces).encode()
            cutter.add(entry, text, b"".join(next(ids).astype("<u4", copy=False).tobytes() for _ in entry.pieces))
            sizes.append(len(text))
    cutter.finish()
    return Layout((*kept, *writer.segments), sizes)


def _keep(onto: Pack, num_kept: int, writer: SegmentWriter) -> list[Segment]:
    """The segments that stay; the rest of what is kept is written, a part of one as a segment of its own."""
    kept: list[Segment] = []
    first = 0
    for segment in onto.manifest.segments:
        last = min(first + segment.num_entries, num_kept)
        if last <= first:
            break
        is_whole = last - first == segment.num_entries
        if is_whole and onto.folder == writer.folder:
            kept.append(segment)
        else:
            text, ids = onto.entries.cut(first, last)
            num_tokens = segment.num_tokens if is_whole else onto.entries.num_tokens(first, last)
            writer.write(text, ids, num_entries=last - first, num_tokens=num_tokens)
        first = last
    return kept


class _Cutter:
    """Gathers entries until they are a segment."""

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._texts: list[bytes] = []
        self._ids: list[bytes] = []
        self._num_tokens = 0

    def add(self, entry: Entry, text: bytes, ids: bytes) -> None:
        """Takes the next entry."""
        if entry.kind in _OPENING or self._num_tokens + entry.size > _SEGMENT_TOKENS:
            self.finish()
        self._texts.append(text)
        self._ids.append(ids)
        self._num_tokens += entry.size

    def finish(self) -> None:
        """Ends the segment at hand."""
        if self._texts:
            text, ids = b"".join(self._texts), b"".join(self._ids)
            self._write(text, ids, num_entries=len(self._texts), num_tokens=self._num_tokens)
        self._texts, self._ids, self._num_tokens = [], [], 0
