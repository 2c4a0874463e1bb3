"""Puts files in place whole or not at all. Knows nothing of what is in them, and imports nothing heavy."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["Replacement", "discard", "final_name", "replace_file"]

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.tmp", re.DOTALL)


class Replacement:
    """A file under a temporary name that takes its own when the block ends, and vanishes when it fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")

    def __enter__(self) -> Any:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._temporary.open("wb")
        return self._file

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            self._file.close()
            if error is None:
                if self._path.is_dir():  # no repoask made it, and nothing replaces a folder
                    discard(self._path)
                self._temporary.replace(self._path)
        finally:
            self._temporary.unlink(missing_ok=True)


def replace_file(path: Path, data: bytes) -> None:
    """Puts a small file in place at once, so that a reader sees the old or the new one, never half of it."""
    with Replacement(path) as file:
        file.write(data)


def final_name(name: str) -> str:
    """The name that a file was to take, where it has a temporary one; a killed process leaves it so."""
    found = _TEMPORARY.fullmatch(name)
    return found[1] if found else name


def discard(path: Path) -> None:
    """Removes whatever lies there, a folder too; what the system holds on to stays."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # 3 ms

        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):  # mapped by another process on Windows
        path.unlink(missing_ok=True)
