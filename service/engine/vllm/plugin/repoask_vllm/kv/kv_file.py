"""The file of one chunk of KV: a header with a checksum, then the bytes. Knows nothing of folders or of vLLM.

The checksum is CRC-32 over all of the file but itself: it runs at 6 GB/s where SHA-256 does 1.9, and nobody but the
user whose cache it is can write there. It guards against what disks do, not against an enemy.
"""

import os
import struct
import zlib
from pathlib import Path

__all__ = ["FORMAT_VERSION", "HEADER_BYTES", "DamagedFileError", "read_kv", "write_kv"]

FORMAT_VERSION = 1
"""Of the files and of how they lie in their folder: a part of every namespace, so no other version is ever read."""

_MAGIC = b"rpaskKV\n"
_CHECKSUM = struct.Struct("<I")
# what it is, the version, the bytes of KV, what they belong to
_FACTS = struct.Struct("<8sIQ32s")
HEADER_BYTES = _CHECKSUM.size + _FACTS.size
# a call reads or writes less than 2 GiB (Linux)
_MOST_AT_ONCE = 1 << 30


class DamagedFileError(ValueError):
    """A file that is not what was once written under its name."""


def write_kv(descriptor: int, payload: memoryview, *, owner: bytes) -> None:
    """Writes a whole file.

    Args:
        descriptor: Of the file, which is empty or of the right length.
        payload: Bytes of KV.
        owner: 32 bytes that name what they belong to; only who gives the same reads them.

    Raises:
        OSError: The disk is full, or cannot be written.
    """
    facts = _FACTS.pack(_MAGIC, FORMAT_VERSION, len(payload), owner)
    header = _CHECKSUM.pack(_checksum(facts, payload)) + facts
    for part, begin in ((memoryview(header), 0), (payload, HEADER_BYTES)):
        done = 0
        while done < len(part):
            done += os.pwrite(descriptor, part[done : done + _MOST_AT_ONCE], begin + done)


def read_kv(path: Path, payload: memoryview, *, owner: bytes) -> None:
    """Reads a whole file; after an error `payload` holds anything.

    Args:
        path: Of the file.
        payload: Where its KV goes; as long as that is.
        owner: As `write_kv` was given it.

    Raises:
        DamagedFileError: It is short or long, belongs to something else, or its checksum does not fit.
        OSError: It is not there, or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.fstat(descriptor).st_size != HEADER_BYTES + len(payload):
            raise DamagedFileError(f"{path}: is not {HEADER_BYTES + len(payload):,} bytes long")
        header = memoryview(bytearray(HEADER_BYTES))
        for part, begin in ((header, 0), (payload, HEADER_BYTES)):
            done = 0
            while done < len(part):
                read = os.preadv(descriptor, [part[done : done + _MOST_AT_ONCE]], begin + done)
                if not read:
                    raise DamagedFileError(f"{path}: ends early")
                done += read
    finally:
        os.close(descriptor)
    facts = bytes(header[_CHECKSUM.size :])
    if facts != _FACTS.pack(_MAGIC, FORMAT_VERSION, len(payload), owner):
        raise DamagedFileError(f"{path}: holds something else")
    if _CHECKSUM.pack(_checksum(facts, payload)) != header[: _CHECKSUM.size]:
        raise DamagedFileError(f"{path}: its checksum does not fit")


def _checksum(facts: bytes, payload: memoryview) -> int:
    return zlib.crc32(payload, zlib.crc32(facts))
