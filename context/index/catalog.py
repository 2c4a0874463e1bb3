"""Lists the sources that have an index or a clone in the cache, keeps their total under a cap, and removes them.

Knows where each source's folder is, and of what lies in it only that it can be removed.
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors import IndexStoreError
from ...ingest.disk import keep_unlisted
from ...ingest.types import Source
from ..storage.replacement import replace_file
from .layout import unwritable
from .lock import folder_lock

__all__ = ["Catalog", "CatalogEntry"]

_SOURCES, _CLONES = "sources", "clones"
_CARD = "source.json"  # its time of change is when the source was last used
_BUSY_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A source in the cache.

    Attributes:
        identity: As in `Source.identity`.
        location: The path or URL that was named, without credentials.
        folder: Where its index is.
        clone: Where a URL was cloned to; None for a local source.
        num_bytes: Of index and clone together.
        last_used: Seconds since the epoch.
    """

    identity: str
    location: str
    folder: Path
    clone: Path | None
    num_bytes: int
    last_used: float


class Catalog:
    """The sources in one cache folder, `max_bytes` of them at most."""

    def __init__(self, root: Path, *, max_bytes: int) -> None:
        self._root, self._max_bytes = root, max_bytes

    @property
    def clones(self) -> Path:
        """Where URLs are cloned to."""
        return self._root / _CLONES

    def folder(self, source: Source) -> Path:
        """The folder of a source's index, which is made and noted as used now.

        Raises:
            IndexStoreError: The cache cannot be written.
        """
        folder = self._root / _SOURCES / source.identity
        card = folder / _CARD
        try:
            if card.exists():
                with suppress(PermissionError):  # a cache that may only be read can still be asked
                    os.utime(card)
            else:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                keep_unlisted(folder.parent)
                clone = source.root.name if source.url else None
                location = source.url or str(source.root)
                replace_file(card, json.dumps({"location": location, "clone": clone}).encode())
        except OSError as error:
            raise unwritable(folder, error) from error
        return folder

    def entries(self) -> list[CatalogEntry]:
        """All sources, last used first."""
        found = [entry for folder in _folders(self._root / _SOURCES) if (entry := self._entry(folder))]
        return sorted(found, key=lambda entry: (-entry.last_used, entry.identity))

    def find(self, name: str) -> CatalogEntry | None:
        """The source of this identity, URL or path, which need not exist any more."""
        path = str(Path(name).expanduser().absolute())
        entries = self.entries()
        return next((entry for entry in entries if name == entry.identity or entry.location in (name, path)), None)

    def trim(self, *, keep: Source) -> list[CatalogEntry]:
        """Removes what was used longest ago until the rest is under the cap. Call it after something was written.

        Args:
            keep: The source in use, which stays however large it is.

        Returns:
            What was removed.
        """
        entries = self.entries()
        total = sum(entry.num_bytes for entry in entries)
        removed: list[CatalogEntry] = []
        for entry in reversed(entries):
            if total <= self._max_bytes:
                break
            if entry.identity == keep.identity:
                continue
            try:
                self.remove(entry, timeout_s=0)
            except IndexStoreError as error:
                _log.info("%s", error)
                continue
            total -= entry.num_bytes
            removed.append(entry)
        return removed

    def remove(self, entry: CatalogEntry, *, timeout_s: float = _BUSY_S) -> None:
        """Removes a source's index and clone, never the repository of a local source.

        Args:
            entry: Of `entries`.
            timeout_s: How long to wait for another process that is indexing it.

        Raises:
            IndexStoreError: Another process is indexing it, or something cannot be removed.
        """
        with folder_lock(entry.folder, timeout_s=timeout_s):
            for path in list(entry.folder.iterdir()):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
            if entry.clone is not None:
                shutil.rmtree(entry.clone, ignore_errors=True)
        # the lock lies in the folder: it goes last, when Windows lets go of it
        shutil.rmtree(entry.folder, ignore_errors=True)
        if left := [path for path in (entry.folder, entry.clone) if path is not None and path.exists()]:
            raise IndexStoreError(f"{left[0]}: cannot be removed; another program may be using it")

    def remove_all(self) -> None:
        """Removes every trace of every source: indexes, clones and what an interrupted clone left.

        Raises:
            IndexStoreError: As `remove`.
        """
        for entry in self.entries():
            self.remove(entry)
        for name in (_SOURCES, _CLONES):
            shutil.rmtree(self._root / name, ignore_errors=True)
        if left := [name for name in (_SOURCES, _CLONES) if (self._root / name).exists()]:
            raise IndexStoreError(f"{self._root / left[0]}: cannot be removed; check its permissions")
        with suppress(OSError):  # other things may lie there
            self._root.rmdir()

    def _entry(self, folder: Path) -> CatalogEntry | None:
        try:
            last_used = (folder / _CARD).stat().st_mtime
            card = json.loads((folder / _CARD).read_bytes())
            location, clone_name = str(card["location"]), card["clone"]
        except FileNotFoundError:
            # something was interrupted in its first moment, or a removal at its end
            last_used, location, clone_name = time.time(), "unknown", None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s: %s", folder, error)
            last_used, location, clone_name = 0.0, "unknown", None
        clone = self.clones / Path(clone_name).name if clone_name else None
        num_bytes = _size(folder) + (_size(clone) if clone else 0)
        return CatalogEntry(folder.name, location, folder, clone, num_bytes, last_used)


def _folders(parent: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in parent.iterdir() if path.is_dir())


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; one that vanishes meanwhile counts nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - ten times as fast as Path
    return total
