"""Rows of numbers by key in memory-mapped files, for two processes at once. A cache: what is lost is made again.

Rows stand in shards, files written whole and never changed; small ones are merged, the longest unused go when there
are too many bytes. A row is known by a hash of its key and checked by its own checksum. Knows nothing of the rows.
"""

import hashlib
import logging
import os
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .array_file import DamagedFileError, read_arrays, write_arrays
from .replacement import discard

__all__ = ["RowCache"]

_SUFFIX = ".rows"
_VERSION = 1
_DIGEST = np.dtype([("high", "<u8"), ("low", "<u8")])
# A shard is looked into by one search, and every question looks into all of them.
_MAX_SMALL_SHARDS = 8
# A shard this many times larger than all smaller ones together is not written again for them: 0.1 s for 24 MB.
_FAR_LARGER = 4
_FULL_SHARD_BYTES = 32 * 1024**2
_TOUCH_S = 3600.0
_DEFAULT_BYTES = 2 * 1024**3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Shard:
    """A file of rows, mapped. Digests are sorted by their high half."""

    digests: NDArray[Any]
    starts: NDArray[np.int64]
    checksums: NDArray[np.uint32]
    values: NDArray[Any]

    @property
    def high(self) -> NDArray[np.uint64]:
        return self.digests["high"]


class RowCache:
    """Rows of one type in a folder of their own. What cannot be written is not remembered."""

    def __init__(self, folder: Path, dtype: DTypeLike, *, max_bytes: int = _DEFAULT_BYTES) -> None:
        """Reads nothing yet.

        Args:
            folder: Made with the first row; holds nothing else.
            dtype: Of every row.
            max_bytes: Kept on disk, about.
        """
        self._folder = folder
        self._dtype = np.dtype(dtype)
        self._max_bytes = max_bytes
        self._shards: dict[str, _Shard] = {}

    def get(self, keys: Collection[str]) -> dict[str, NDArray[Any]]:
        """The rows that are there, read-only and mapped; a key without one is left out."""
        wanted = list(keys)
        found: dict[str, NDArray[Any]] = {}
        if not wanted:
            return found
        digests = _digests(wanted)
        open_ = np.arange(len(wanted))
        for name in self._names():
            if not len(open_):
                break
            shard = self._open(name)
            if shard is None:
                continue
            rows = _search(shard, digests[open_])
            hits = rows >= 0
            if not hits.any():
                continue
            try:
                found.update(self._checked(shard, wanted, open_[hits].tolist(), rows[hits].tolist()))
            except DamagedFileError as error:
                self._drop(name, error)
                continue
            self._touch(name)
            open_ = open_[~hits]
        return found

    def put(self, rows: Mapping[str, NDArray[Any]]) -> None:
        """Remembers rows, as one shard; rows that are there already may be given again."""
        if not rows:
            return
        digests = _digests(list(rows))
        order = np.argsort(digests["high"], kind="stable")
        ordered = list(rows.values())
        ordered = [np.ascontiguousarray(ordered[index], self._dtype) for index in order]
        try:
            self._write(digests[order], ordered)
            self._merge()
            self._evict()
        except OSError as error:
            _log.debug("%s: not remembered: %s", self._folder, error)

    def _checked(
        self, shard: _Shard, keys: Sequence[str], places: Sequence[int], rows: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {}
        for place, row in zip(places, rows, strict=True):
            value = shard.values[shard.starts[row] : shard.starts[row + 1]]
            if _checksum(value) != shard.checksums[row]:
                raise DamagedFileError("a checksum differs")
            found[keys[place]] = value
        return found

    def _names(self) -> list[str]:
        """The shards, the largest first: most rows are found in few steps."""
        try:
            with os.scandir(self._folder) as entries:
                sizes = {entry.name: entry.stat().st_size for entry in entries if entry.name.endswith(_SUFFIX)}
        except OSError:  # no folder yet, or a shard that another process has just merged
            sizes = {}
        self._shards = {name: shard for name, shard in self._shards.items() if name in sizes}
        return sorted(sizes, key=lambda name: (-sizes[name], name))

    def _open(self, name: str) -> _Shard | None:
        if name not in self._shards:
            try:
                arrays, meta = read_arrays(self._folder / name)
                self._shards[name] = self._shard(arrays, meta)
            except DamagedFileError as error:
                self._drop(name, error)
                return None
            except OSError:  # merged by another process
                return None
        return self._shards[name]

    def _shard(self, arrays: Mapping[str, NDArray[Any]], meta: object) -> _Shard:
        if meta != {"version": _VERSION} or set(arrays) != {"digests", "starts", "checksums", "values"}:
            raise DamagedFileError("of another version")
        shard = _Shard(arrays["digests"].view(_DIGEST).ravel(), arrays["starts"], arrays["checksums"], arrays["values"])
        count = len(shard.digests)
        ordered = len(shard.starts) == count + 1 == len(shard.checksums) + 1 and bool(
            (np.diff(shard.starts) >= 0).all()
        )
        if not ordered or shard.values.dtype != self._dtype or shard.starts[-1] != len(shard.values):
            raise DamagedFileError("its rows do not fit")
        return shard

    def _drop(self, name: str, error: Exception) -> None:
        _log.debug("%s: removed: %s", self._folder / name, error)
        self._shards.pop(name, None)
        discard(self._folder / name)

    def _touch(self, name: str) -> None:
        """Notes that a shard is in use; seldom, as a question should write nothing."""
        path = self._folder / name
        try:
            if time.time() - path.stat().st_mtime > _TOUCH_S:
                os.utime(path)
        except OSError:  # merged meanwhile, or a folder that is only to be read
            return

    def _write(self, digests: NDArray[Any], rows: Sequence[NDArray[Any]]) -> str:
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=starts[1:])
        arrays = {
            "digests": digests.view("<u8").reshape(-1, 2),
            "starts": starts,
            "checksums": np.array([_checksum(row) for row in rows], np.uint32),
            "values": np.concatenate(rows),
        }
        # named by its rows: two processes that made the same write the same file
        name = hashlib.blake2b(arrays["digests"].tobytes(), digest_size=12).hexdigest() + _SUFFIX
        write_arrays(self._folder / name, arrays, {"version": _VERSION})
        self._shards.pop(name, None)
        return name

    def _merge(self) -> None:
        """Makes one shard of the smallest ones once there are many."""
        if len(self._small()) <= _MAX_SMALL_SHARDS:
            return
        import filelock

        try:
            with filelock.FileLock(self._folder / "merge.lock", timeout=0):
                # looked for again: another process may have merged them since
                self._merge_shards(_like_sized(self._small()))
        except filelock.Timeout:  # another process is at it
            return

    def _small(self) -> dict[str, int]:
        """The bytes of each shard that is not full."""
        limit = min(_FULL_SHARD_BYTES, self._max_bytes // 8)
        sizes = {name: (self._folder / name).stat().st_size for name in self._names()}
        return {name: size for name, size in sizes.items() if size < limit}

    def _merge_shards(self, names: Sequence[str]) -> None:
        rows: dict[tuple[int, int], NDArray[Any]] = {}
        merged: list[str] = []
        for name in names:
            shard = self._open(name)
            if shard is None:
                continue
            merged.append(name)
            for index, digest in enumerate(shard.digests.tolist()):
                row = shard.values[shard.starts[index] : shard.starts[index + 1]]
                if _checksum(row) == shard.checksums[index]:  # a damaged row must not get a new checksum
                    rows[digest] = row
        if len(merged) < 2:
            return
        ordered = sorted(rows)
        kept = self._write(np.array(ordered, _DIGEST), [rows[digest] for digest in ordered])
        del rows
        for name in merged:
            if name != kept:
                self._shards.pop(name, None)
                discard(self._folder / name)

    def _evict(self) -> None:
        states = {name: (self._folder / name).stat() for name in self._names()}
        total = sum(state.st_size for state in states.values())
        for name in sorted(states, key=lambda name: (states[name].st_mtime_ns, name)):
            if total <= self._max_bytes:
                return
            total -= states[name].st_size
            self._shards.pop(name, None)
            discard(self._folder / name)


def _like_sized(sizes: Mapping[str, int]) -> list[str]:
    """The smallest two, and on to the first that is far larger than all before it."""
    chosen: list[str] = []
    total = 0
    for name in sorted(sizes, key=lambda name: (sizes[name], name)):
        if len(chosen) > 1 and sizes[name] > _FAR_LARGER * total:
            break
        chosen.append(name)
        total += sizes[name]
    return chosen


def _digests(keys: Sequence[str]) -> NDArray[Any]:
    joined = b"".join(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest() for key in keys)
    return np.frombuffer(joined, _DIGEST)


def _search(shard: _Shard, digests: NDArray[Any]) -> NDArray[np.int64]:
    """The row of each digest, -1 where there is none. Shape (n,)."""
    if not len(shard.digests):
        return np.full(len(digests), -1, np.int64)
    places = np.minimum(np.searchsorted(shard.high, digests["high"]), len(shard.digests) - 1)
    return np.where(shard.digests[places] == digests, places, -1)


def _checksum(row: NDArray[Any]) -> int:
    return zlib.crc32(row.data if row.size else b"")
