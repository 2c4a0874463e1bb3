"""Remembers the blob ids of files that git's index does not vouch for, so that they are hashed once, not on each run.

An id is believed while size, times and inode stay the same, with git's rule for racy entries: a file changed within two
seconds of being hashed might change again unseen, so it is hashed again next time. Knows nothing of git.
"""

import hashlib
import json
import os
import time
from pathlib import Path

from .json_file import write_json
from .witnesses import RACY_NS

__all__ = ["StatCache"]

_VERSION = 1
_ROW_LENGTH = 5


class StatCache:
    """Blob ids by path, read from one file and written back to it; without a file, for this run only.

    Args:
        file: Where they are kept. Linked work trees of one repository may name the same: each gets a file beside it.
        root: The folder that paths are relative to.
        prefix: The sub-folder that this run looks at; what is known of others is kept.
        object_format: sha1 or sha256.
    """

    def __init__(self, file: Path | None, *, root: Path, prefix: str = "", object_format: str) -> None:
        place = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        self._file = file.with_stem(f"{file.stem}-{place}") if file else None
        self._within = f"{prefix}/" if prefix else ""
        self._header = [_VERSION, object_format]
        self._known: dict[str, list[int | str]] = self._load()
        self._seen: dict[str, list[int | str]] = {}
        self._changed = False

    def get(self, path: str, status: os.stat_result) -> str | None:
        """The id of the file, if it was hashed in this very state."""
        row = self._known.get(path)
        if not isinstance(row, list) or len(row) != _ROW_LENGTH or row[:-1] != _state(status):
            return None
        self._seen[path] = row
        return str(row[-1])

    def put(self, path: str, status: os.stat_result, blob_id: str) -> None:
        """Remembers an id; `status` must have been taken before the bytes were read."""
        if max(status.st_mtime_ns, status.st_ctime_ns) < time.time_ns() - RACY_NS:
            self._seen[path] = [*_state(status), blob_id]
            self._changed = True

    def save(self) -> None:
        """Writes what this run has seen. A cache that cannot be written is only slower."""
        elsewhere = {path: row for path, row in self._known.items() if not path.startswith(self._within)}
        rows = {**elsewhere, **self._seen}
        if self._file is None or not (self._changed or len(rows) != len(self._known)):
            return
        write_json(self._file, [self._header, rows])

    def _load(self) -> dict[str, list[int | str]]:
        if self._file is None:
            return {}
        try:
            header, rows = json.loads(self._file.read_bytes())
            return rows if header == self._header and isinstance(rows, dict) else {}
        except (OSError, ValueError, TypeError):
            return {}


def _state(status: os.stat_result) -> list[int | str]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
