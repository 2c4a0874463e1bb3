"""Tells the versions of installed packages. Imports none of them."""

import os
import sys
from contextlib import suppress
from functools import cache

__all__ = ["installed_version"]

_SUFFIX = ".dist-info"


@cache
def installed_version(distribution: str) -> str:
    """The version of a package by the name that it has on PyPI.

    It stands in the name of the folder that every installer writes; importlib.metadata, asked only where there is none
    such, takes 15 ms to load.

    Raises:
        importlib.metadata.PackageNotFoundError: It is not installed.
    """
    prefix = distribution.replace("-", "_").lower() + "-"
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or "."):  # noqa: PTH208 - names alone, of a folder with hundreds
                if name.endswith(_SUFFIX) and name.lower().startswith(prefix):
                    return name[len(prefix) : -len(_SUFFIX)]
    from importlib.metadata import version

    return version(distribution)
