"""Which weights a folder holds, told in a second however many gigabytes they are. Knows nothing of KV.

Covered: the name and size of every file of weights, configuration or code; the whole content of those up to 16 MiB
(configurations, the index of shards, small models); of larger ones the SHA-256 by which the hub's cache names them,
where they lie there, else the first MiB (the names, shapes and places of all tensors), 64 samples of 64 KiB spread
evenly, and the time of modification. So a copy of a folder whose files are new may count as other weights, which costs
a prefill; other weights do not count as the same unless somebody changes a large file between the samples and puts its
time back.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["identity_of"]

_SUFFIXES = (".json", ".py", ".safetensors", ".bin", ".pt", ".pth", ".gguf")
_READ_WHOLE_BYTES = 16 << 20
_HEAD_BYTES = 1 << 20
_SAMPLES = 64
_SAMPLE_BYTES = 1 << 16
_HUB_BLOB = re.compile(r"[0-9a-f]{64}")


def identity_of(folder: Path) -> str:
    """A hash of what a folder (of a model, or of an adapter) holds.

    Raises:
        OSError: It is not there, or a file cannot be read.
    """
    digest = hashlib.sha256()
    files = sorted(_files(folder))
    if not files:
        raise FileNotFoundError(f"{folder}: holds no weights")
    for name in files:
        path = folder / name
        digest.update(f"{name}\0{path.stat().st_size}\0{_content(path)}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith(_SUFFIXES):
                yield str(Path(path, name).relative_to(folder))


def _content(path: Path) -> str:
    blob = path.resolve()
    if blob.parent.name == "blobs" and _HUB_BLOB.fullmatch(blob.name):
        return blob.name
    found = path.stat()
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if found.st_size <= _READ_WHOLE_BYTES:
            digest.update(stream.read())
        else:
            digest.update(stream.read(_HEAD_BYTES))
            for sample in range(_SAMPLES):
                stream.seek((found.st_size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
                digest.update(stream.read(_SAMPLE_BYTES))
            digest.update(str(found.st_mtime_ns).encode("ascii"))
    return digest.hexdigest()
