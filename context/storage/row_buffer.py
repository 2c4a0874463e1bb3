"""A row cache that writes seldom: rows wait in memory until they are worth a file. Knows nothing of the rows."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import DTypeLike, NDArray

from .row_cache import RowCache

__all__ = ["RowBuffer"]

_FILE_BYTES = 24_000_000  # what a killed run may lose; smaller files would be merged, and so written twice


class RowBuffer(RowCache):
    """Rows that are put are found at once, and are on disk after `flush`."""

    def __init__(self, folder: Path, dtype: DTypeLike) -> None:
        super().__init__(folder, dtype)
        self._waiting: dict[str, NDArray[Any]] = {}
        self._num_bytes = 0

    def get(self, keys: Collection[str]) -> dict[str, NDArray[Any]]:
        """The rows that are there; a key without one is left out."""
        found = {key: self._waiting[key] for key in keys if key in self._waiting}
        return found | super().get([key for key in keys if key not in found])

    def put(self, rows: Mapping[str, NDArray[Any]]) -> None:
        """Remembers rows, in memory at first."""
        self._waiting.update(rows)
        self._num_bytes += sum(row.nbytes for row in rows.values())
        if self._num_bytes >= _FILE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        waiting, self._waiting, self._num_bytes = self._waiting, {}, 0
        super().put(waiting)
