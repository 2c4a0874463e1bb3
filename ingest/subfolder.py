"""Finds the folder of a snapshot that a person names. Knows paths alone, nothing of what lies in them."""

import difflib
import os
import posixpath
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError
from .types import Snapshot

__all__ = ["find_folder"]


def find_folder(snapshot: Snapshot, named: str) -> str:
    """The folder, relative to the source's root; "" for all of it.

    Args:
        snapshot: Where to look; a folder whose files are all left out is there too.
        named: Relative to the root, or else to the sub-folder that was opened; or absolute.

    Raises:
        InputError: There is no such folder; the message suggests one.
    """
    source, path = snapshot.source, _normalized(named, root=snapshot.source.root)
    if path == ".":
        return source.prefix
    files = [entry.path for entry in snapshot.entries] + [omission.path for omission in snapshot.omissions]
    folders = _folders(files)
    for candidate in (path, posixpath.join(source.prefix, path)):
        if candidate in folders:
            # one that holds the sub-folder that was opened is no narrower
            return candidate if f"{candidate}/".startswith(f"{source.prefix}/".lstrip("/")) else source.prefix
    if path in files:
        raise InputError(f"{named}: a file; name its folder, {posixpath.dirname(path) or '.'}")
    where = f"under {source.prefix}" if source.prefix else "here"
    suggested = _nearest(path, folders)
    hint = f"did you mean {suggested}?" if suggested else "folders are named from the top of the repository"
    raise InputError(f"{named}: no such folder {where}; {hint}")


def _normalized(named: str, *, root: Path) -> str:
    if not named.strip():
        raise InputError("the folder to stay in is empty; name one, or leave it out")
    path = os.path.relpath(os.path.realpath(named), root) if os.path.isabs(named) else named  # noqa: PTH117
    return posixpath.normpath(path.replace(os.sep, "/"))


def _folders(files: Iterable[str]) -> set[str]:
    folders: set[str] = set()
    for file in files:
        folder = posixpath.dirname(file)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return folders


def _nearest(path: str, folders: Iterable[str]) -> str:
    """The shallowest folder that ends so, or else one that is spelt nearly so."""
    ordered = sorted(folders, key=lambda folder: (folder.count("/"), folder))
    ending = [folder for folder in ordered if f"/{folder}".lower().endswith(f"/{path}".lower())]
    return next(iter(ending or difflib.get_close_matches(path, ordered, n=1)), "")
