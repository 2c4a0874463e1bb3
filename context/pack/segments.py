"""Where the text and ids of segments lie in files: written in one go, and read back with a checksum.

All new segments of a pack stand in two files, one for text and one for ids, since opening hundreds costs more than
reading them. Knows nothing of entries or manifests.
"""

import hashlib
import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...errors import PackError
from .manifest import Extent, Segment

__all__ = ["SegmentReader", "SegmentWriter"]

_ID_BYTES = 4
_TEXT_SUFFIX, _IDS_SUFFIX = ".text", ".ids"


class SegmentWriter:
    """Writes segments to files that get their names when the block ends, and vanish when it fails.

    Attributes:
        folder: Where the files come to lie.
        segments: Those written so far.

    Args:
        stem: What the files are named, without suffix.
        with_ids: Whether there are ids.
    """

    def __init__(self, stem: Path, *, with_ids: bool) -> None:
        self._paths = [stem.with_name(stem.name + _TEXT_SUFFIX)]
        if with_ids:
            self._paths.append(stem.with_name(stem.name + _IDS_SUFFIX))
        self.folder = stem.parent
        self._files: list[Any] = []
        self._places: list[Extent] = []
        self.segments: list[Segment] = []

    def __enter__(self) -> "SegmentWriter":
        from ..storage.replacement import Replacement  # a pack that is found writes nothing

        with ExitStack() as opening:
            self._files = [opening.enter_context(Replacement(path)) for path in self._paths]
            self._stack = opening.pop_all()
        self._places = [Extent(path.name, 0) for path in self._paths]
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def write(self, text: bytes, ids: bytes, *, num_entries: int, num_tokens: int) -> None:
        """Adds one segment; without ids where the files have none."""
        parts = [text, ids][: len(self._files)]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(hashlib.sha256(part).digest())
        checksums = [zlib.crc32(part) for part in parts]
        self.segments.append(
            Segment(
                digest=digest.hexdigest(),
                num_entries=num_entries,
                num_tokens=num_tokens,
                num_bytes=len(text),
                text_crc=checksums[0],
                ids_crc=checksums[1] if len(parts) > 1 else 0,
                text=self._places[0],
                ids=self._places[1] if len(parts) > 1 else None,
            )
        )
        for file, part in zip(self._files, parts, strict=True):
            file.write(part)
        self._places = [
            place._replace(start=place.start + len(part)) for place, part in zip(self._places, parts, strict=True)
        ]


class SegmentReader:
    """Reads segments from the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, segment: Segment) -> bytes:
        """The text of a segment that has one.

        Raises:
            PackError: It is gone or damaged.
        """
        assert segment.text is not None
        return self._read(segment.text, segment.num_bytes, segment.text_crc)

    def ids(self, segment: Segment) -> bytes:
        """The ids of a segment that has some, 4 little-endian bytes each.

        Raises:
            PackError: They are gone or damaged.
        """
        assert segment.ids is not None
        return self._read(segment.ids, segment.num_tokens * _ID_BYTES, segment.ids_crc)

    def are_whole(self, segments: Iterable[Segment]) -> bool:
        """Whether the files that these lie in are there, and long enough."""
        ends: dict[str, int] = {}
        for segment in segments:
            for extent, size in ((segment.text, segment.num_bytes), (segment.ids, segment.num_tokens * _ID_BYTES)):
                if extent is not None:
                    ends[extent.file] = max(ends.get(extent.file, 0), extent.start + size)
        try:
            return all((self._folder / name).stat().st_size >= end for name, end in ends.items())
        except OSError:
            return False

    def _read(self, extent: Extent, size: int, checksum: int) -> bytes:
        path = self._folder / extent.file
        try:
            with path.open("rb", buffering=0) as file:
                file.seek(extent.start)
                data = file.read(size)
        except OSError as error:
            raise PackError(f"{path}: the pack cannot be read ({error.strerror or error}); pack anew") from error
        if zlib.crc32(data) != checksum:
            raise PackError(f"{path}: the pack is cut off or damaged; pack anew")
        return data
