"""Loads models of sentence-transformers from a local folder. Downloads nothing.

The library is an extra; it is imported (with torch, in seconds) when a model is loaded. Knows nothing of what they do.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import ConfigError, MissingExtraError

__all__ = ["load_model"]


def load_model(kind: str, folder: Path, *, setting: str) -> Any:
    """The model in a folder.

    Args:
        kind: The library's class, as "CrossEncoder".
        folder: As the library saves it.
        setting: Where it comes from, for messages.

    Raises:
        MissingExtraError: The library is not installed.
        ConfigError: The folder holds no such model.
    """
    try:
        library = import_module("sentence_transformers")
    except ImportError as error:
        raise MissingExtraError(
            f"{folder}: this {setting} needs a part that is not installed: pip install 'repoask[embeddings]'"
        ) from error
    try:
        # its bars would run over the terminal's own
        import_module("transformers").utils.logging.disable_progress_bar()
        # never from the network, and none of the code that a model's folder may bring
        return getattr(library, kind)(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the library's own and those of five others
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ConfigError(f"{folder}: this {setting} cannot be loaded: {reason}") from error
