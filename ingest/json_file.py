"""Writes what can be found out anew as JSON, whole or not at all. Knows nothing of what it says."""

import contextlib
import json
from pathlib import Path
from typing import Any

__all__ = ["write_json"]


def write_json(file: Path, value: Any) -> None:
    """Puts the value in the file's place at once. Where it cannot be written, what it would save is done again."""
    import tempfile  # for the seldom case that something has changed

    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with open(descriptor, "w", encoding="ascii") as stream:  # noqa: PTH123 - Path.open takes no descriptor
                # `dumps`, not `dump`: that one encodes in Python, ten times as slow
                stream.write(json.dumps(value, separators=(",", ":")))
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
