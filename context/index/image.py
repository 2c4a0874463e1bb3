"""Read images: the segment of a whole snapshot as one mapped file, so that a question opens nothing else.

An image is derived from the store and can always be made again. Its name says what it was made for (embedder,
transform, files), so a stale one is never opened by mistake. Knows nothing of LanceDB, or of how records are read.
"""

import hashlib
import logging
import os
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...ingest.types import FileEntry
from ..storage.array_file import DamagedFileError, read_arrays, write_arrays
from ..storage.replacement import discard
from ..types import FileRecord
from ..word_vectors import VERSION
from .columns import Strings
from .segment import SEGMENT_VERSION, Segment

__all__ = ["FileNotes", "Image", "Images"]

_FORMAT = 1
_SUFFIX = ".img"
_KEPT = 4  # two branches, two selections of files
_PATHS, _BLOBS = "entry_path", "entry_blob"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FileNotes:
    """What the receipt says of files, by path. It grows as records come.

    Attributes:
        omitted: Why a file is left out.
        unparsed: Files that have a grammar but fell back to lines.
        withheld: How many lines of a file were withheld.
    """

    omitted: dict[str, str] = field(default_factory=dict)
    unparsed: set[str] = field(default_factory=set)
    withheld: dict[str, int] = field(default_factory=dict)

    def add(self, path: str, record: FileRecord) -> None:
        """Takes note of a record that stands at a path."""
        if record.omission:
            self.omitted[path] = record.omission.value
        if not record.parsed:
            self.unparsed.add(path)
        if record.withheld:
            self.withheld[path] = record.withheld

    def of(self, paths: Container[str]) -> "FileNotes":
        """The notes of these paths alone."""
        return FileNotes(
            {path: reason for path, reason in self.omitted.items() if path in paths},
            {path for path in self.unparsed if path in paths},
            {path: count for path, count in self.withheld.items() if path in paths},
        )


class Image:
    """An image that is open.

    Attributes:
        segment: The files that are not left out.
        notes: Of all files.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> None:
        self._arrays = arrays
        self.segment = Segment.from_arrays(arrays)
        self.notes = FileNotes(meta["omitted"], set(meta["unparsed"]), meta["withheld"])

    @cached_property
    def blobs(self) -> dict[str, str]:
        """The blob id of every file it was made for, left out or not."""
        return dict(zip(Strings(self._arrays, _PATHS), Strings(self._arrays, _BLOBS), strict=True))


class Images:
    """The images of one source for one embedder and one transform."""

    def __init__(self, folder: Path, *, embedder_id: str, transform: str) -> None:
        self._folder = folder / "images"
        self._prefix = f"{embedder_id}.{transform}.{_FORMAT}.{SEGMENT_VERSION}.{VERSION}."

    def exact(self, entries: Iterable[FileEntry]) -> Image | None:
        """The image of exactly these files."""
        path = self._path(entries)
        image = self._open(path)
        if image is not None:
            _touch(path)
        return image

    def nearest(self, entries: Iterable[FileEntry]) -> Image | None:
        """The image that has the most of these files as they are now."""
        wanted = {(entry.path, entry.blob_id) for entry in entries}
        opened = [
            (path, image)
            for path in _images(self._folder)
            if path.name.startswith(self._prefix) and (image := self._open(path))
        ]
        if not opened:
            return None
        path, image = max(opened, key=lambda pair: len(wanted & pair[1].blobs.items()))
        _touch(path)
        return image

    def save(self, entries: Iterable[FileEntry], arrays: Mapping[str, NDArray[Any]], *, notes: FileNotes) -> None:
        """Publishes an image at once and drops the oldest beyond the few that are kept.

        Raises:
            OSError: It cannot be written.
        """
        entries = list(entries)
        named = Strings.pack(_PATHS, (entry.path for entry in entries)) | Strings.pack(
            _BLOBS, (entry.blob_id for entry in entries)
        )
        meta = {"omitted": notes.omitted, "unparsed": sorted(notes.unparsed), "withheld": notes.withheld}
        path = self._path(entries)
        try:
            write_arrays(path, {**arrays, **named}, meta)
        except PermissionError:  # Windows replaces no file that another process has mapped; it holds the same
            if not path.exists():
                raise
        for path in _images(self._folder)[_KEPT:]:
            discard(path)

    def _path(self, entries: Iterable[FileEntry]) -> Path:
        # "\0" cannot stand in a path
        listing = "\0".join(f"{entry.path}\0{entry.blob_id}" for entry in entries)
        key = hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self._folder / f"{self._prefix}{key}{_SUFFIX}"

    @staticmethod
    def _open(path: Path) -> Image | None:
        try:
            return Image(*read_arrays(path))
        except FileNotFoundError:
            return None
        except (DamagedFileError, KeyError, TypeError) as error:
            _log.warning("%s; it is made anew", error)
            discard(path)
            return None


def _images(folder: Path) -> list[Path]:
    """All images of a source, last used first."""
    found: list[tuple[int, Path]] = []
    with suppress(FileNotFoundError):  # none was made yet
        for path in folder.iterdir():
            with suppress(FileNotFoundError):  # removed meanwhile
                if path.suffix == _SUFFIX:
                    found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def _touch(path: Path) -> None:
    with suppress(OSError):  # a cache that may not be written can still be read
        os.utime(path)
