"""Writes down an error that nobody foresaw.

The log holds the types of the errors, the places in the code, and versions: no message, since an error's message may
quote the repository, and no command line, since that holds the question. Knows nothing of exit codes.
"""

import os
import platform
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from ... import __version__
from ...config import Folders
from .state import State

__all__ = ["write_log"]


def write_log(error: BaseException, *, folders: Folders | None = None) -> Path:
    """Writes a log of its own, in the state folder or, where that cannot be written, the temporary one."""
    now = datetime.now(UTC)
    name = f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    text = f"{now.isoformat()}\nrepoask {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    text += "".join(_describe(error))
    for folder in (State(folders or Folders.default()).logs, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return folder / name
    return Path(os.devnull)


def _describe(error: BaseException) -> list[str]:
    lines = [f"{type(error).__module__}.{type(error).__qualname__}\n"]
    lines += [
        f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in traceback.extract_tb(error.__traceback__)
    ]
    cause = error.__cause__ or error.__context__
    return [*_describe(cause), "then\n", *lines] if cause else lines
