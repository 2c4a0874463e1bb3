"""What every command that opens a source does first: reads the settings, says what of them is ignored, imports ahead.

Knows nothing of what a command does; opens nothing.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from ...config import Configuration, load, project_file
from ...ingest.sources import is_url
from . import console
from .options import given

__all__ = ["configured", "import_ahead"]


def configured(source: str, flags: Mapping[str, Any]) -> Configuration:
    """The settings for a path or URL; `flags` are the command's, of which those that were typed count."""
    project = None if is_url(source) else project_file(Path(source))
    configuration = load(flags=given(flags), project=project)
    for note in configuration.notes:
        console.say(note)
    console.log_to_stderr()
    return configuration


def import_ahead(module: str) -> None:
    """Imports a module of the package, as ".service.answering", beside other work.

    What ranks, and numpy below it, is the heaviest: it is imported while git lists the files in its own processes.
    """
    # no daemon: one that still imports native code when the interpreter ends aborts the process
    threading.Thread(target=_import_quietly, args=(module,)).start()


def _import_quietly(module: str) -> None:
    # What fails here fails again, and is told, where the module is used. An interrupt of the main thread amid an import
    # of its own leaves a module half made, and this thread would tell the user of it with a traceback.
    with suppress(Exception):
        import_module(module, __package__.partition(".")[0])
