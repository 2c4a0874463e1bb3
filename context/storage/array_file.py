"""Named numpy arrays and a JSON value in one file, written once and mapped into memory. Knows no meaning of theirs.

Layout: the magic, the header's length and checksum, a JSON header, then each array at a multiple of 64 bytes. One file,
not one a column: opening and mapping forty `.npy` files costs 10 ms of a question's time. Nothing is pickled.
"""

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .replacement import Replacement

__all__ = ["DamagedFileError", "read_arrays", "write_arrays"]

_MAGIC = b"REPOASK1"
_PREFIX = struct.Struct("<8sQI")  # magic, bytes of the header, its CRC-32
_ALIGNMENT = 64
# A file up to this size is checked whole when it is read; a larger one would cost 40 ms for each 60 MB, so it is
# forced to disk before it gets its name and only its header and length are checked.
_CHECKED_BYTES = 1 << 20


class DamagedFileError(Exception):
    """The file is not what was written: cut off, overwritten, or of another format."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic]], meta: object = None) -> None:
    """Writes a file that is there whole or not at all.

    Args:
        path: Its folder is made where it is missing.
        arrays: Of any plain type and shape.
        meta: Any JSON value; strings with surrogate escapes come back as they were.

    Raises:
        OSError: It cannot be written; nothing is left behind.
    """
    blobs = [np.ascontiguousarray(array) for array in arrays.values()]
    entries: list[tuple[str, str, tuple[int, ...], int]] = []
    end = 0
    for name, blob in zip(arrays, blobs, strict=True):
        start = _aligned(end)
        entries.append((name, blob.dtype.str, blob.shape, start))
        end = start + blob.nbytes
    checksum = _checksum(blobs) if end <= _CHECKED_BYTES else None
    header = json.dumps({"arrays": entries, "bytes": end, "crc": checksum, "meta": meta}).encode()
    first = _aligned(_PREFIX.size + len(header))

    with Replacement(path) as file:
        file.write(_PREFIX.pack(_MAGIC, len(header), zlib.crc32(header)) + header)
        for (*_, start), blob in zip(entries, blobs, strict=True):
            file.write(b"\0" * (first + start - file.tell()))
            file.write(blob.data if blob.size else b"")
        if checksum is None:
            file.flush()
            os.fsync(file.fileno())


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], Any]:
    """The arrays, read-only and mapped, and the JSON value.

    Raises:
        FileNotFoundError: There is no such file.
        DamagedFileError: It is not what `write_arrays` wrote.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as error:  # an empty file cannot be mapped
        raise DamagedFileError(f"{path}: empty") from error
    except IsADirectoryError as error:
        raise DamagedFileError(f"{path}: a folder") from error
    header, first = _read_header(path, data)
    if len(data) < first + header["bytes"]:
        raise DamagedFileError(f"{path}: cut off")
    arrays = {name: _mapped(data, dtype, shape, first + start) for name, dtype, shape, start in header["arrays"]}
    if header["crc"] is not None and header["crc"] != _checksum(list(arrays.values())):
        raise DamagedFileError(f"{path}: checksum differs")
    return arrays, header["meta"]


def _read_header(path: Path, data: mmap.mmap) -> tuple[dict[str, Any], int]:
    if len(data) < _PREFIX.size:
        raise DamagedFileError(f"{path}: cut off")
    magic, length, checksum = _PREFIX.unpack_from(data)
    raw = data[_PREFIX.size : _PREFIX.size + length]
    if magic != _MAGIC or zlib.crc32(raw) != checksum:
        raise DamagedFileError(f"{path}: not a file of this format")
    header: dict[str, Any] = json.loads(raw)
    return header, _aligned(_PREFIX.size + length)


def _mapped(data: mmap.mmap, dtype: str, shape: list[int], start: int) -> NDArray[Any]:
    size = int(np.prod(shape, dtype=np.int64))
    if size == 0:  # frombuffer refuses an offset at the very end
        return np.zeros(shape, dtype)
    return np.frombuffer(data, dtype, size, start).reshape(shape)


def _checksum(blobs: list[NDArray[Any]]) -> int:
    checksum = 0
    for blob in blobs:
        checksum = zlib.crc32(blob.data if blob.size else b"", checksum)
    return checksum


def _aligned(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT
