"""Whether a folder holds a whole model: its configuration, and every byte of the weights that its index names.

Reads the heads of safetensors files, whose length follows from them; loads no weights and runs nothing. Knows nothing
of the hub.
"""

import json
import struct
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import InputError, ModelError
from ..planning.model_config import read_architecture
from .record import ModelFile

__all__ = ["check_named_weights", "check_whole", "files_of"]

_INDEX = "model.safetensors.index.json"
_PICKLED_INDEX = "pytorch_model.bin.index.json"
_MAX_INDEX_BYTES = 200_000_000
# as the format's own reader has it (safetensors, `MAX_HEADER_SIZE`)
_MAX_HEAD_BYTES = 100_000_000
_MOST_FILES = 10_000
_OTHER_WEIGHTS = ("*.bin", "*.pt", "*.pth", "*.gguf")


def check_whole(folder: Path) -> None:
    """Checks the folder of a model.

    Raises:
        ModelError: A file is missing or cut short; it is named.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no folder; name one with a model's files, or ORG/NAME on the hub")
    try:
        read_architecture(folder)
    except InputError as error:
        raise ModelError(str(error)) from error
    here = {file.name for file in folder.iterdir()}
    check_named_weights(folder, here)
    weights = [folder / name for name in sorted(here) if name.endswith(".safetensors")]
    if not weights and not any(True for pattern in _OTHER_WEIGHTS for _ in folder.glob(pattern)):
        raise ModelError(f"{folder}: holds no weights (*.safetensors); name the folder of a whole model")
    for file in weights:
        _check_length(file)


def check_named_weights(folder: Path, there: Iterable[str]) -> None:
    """Checks that the weights which the index in a folder names are among these files.

    Raises:
        ModelError: One is missing, or the index is none.
    """
    there = set(there)
    is_pickled = not any(name.endswith(".safetensors") for name in there)
    index = folder / (_PICKLED_INDEX if is_pickled else _INDEX)
    if not index.is_file():
        return
    try:
        if index.stat().st_size > _MAX_INDEX_BYTES:
            raise ValueError("too large")
        named = set(json.loads(index.read_bytes())["weight_map"].values())
        missing = sorted(named - there)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{index}: no index of weights ({type(error).__name__}); fetch it again") from error
    if missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise ModelError(
            f"{folder}: {missing[0]}{more} of the {len(named):,} weights in its index missing; fetch it again"
        )


def files_of(folder: Path) -> tuple[ModelFile, ...]:
    """The files of a model's folder with their sizes; hidden ones and folders of other programs are left out.

    Raises:
        ModelError: There are too many for a model, or one cannot be kept on record.
    """
    found: list[ModelFile] = []
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(path).parts) or not file.is_file():
            continue
        if len(found) == _MOST_FILES:
            raise ModelError(f"{folder}: over {_MOST_FILES:,} files; name the folder of one model")
        try:
            found.append(ModelFile(path=path, size=file.stat().st_size))
        except ValueError as error:
            raise ModelError(f"{folder}: {path[:80]!r} is no name of a model's file; rename it") from error
    return tuple(found)


def _check_length(file: Path) -> None:
    """Compares a file's length with what its head says: eight bytes, the head in JSON, the numbers of all tensors."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        first = stream.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
        head = stream.read(length) if 0 < length <= min(_MAX_HEAD_BYTES, size) else b""
    try:
        tensors: dict[str, Any] = json.loads(head)
        ends = [row["data_offsets"][1] for name, row in tensors.items() if name != "__metadata__"]
        expected = 8 + length + max(ends, default=0)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{file}: no safetensors file, or cut short in its head; fetch it again") from error
    if size != expected:
        raise ModelError(f"{file}: {size:,} bytes of {expected:,}; it is damaged, fetch it again")
