"""Puts the files of submodules, and of repositories that lie untracked inside, in their place in a listing.

Entered only when the user asks; read with the same hardening, and never initialised or fetched: what is not there stays
listed as a submodule. Knows nothing of selections.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import SourceError
from .disk import Folders, folders_above
from .listing import Listed, Listing, git_for, list_commit
from .sources import work_tree_at
from .types import Reason, Source
from .worktree import list_work_tree

__all__ = ["enter_submodules", "read_stored"]

_log = logging.getLogger(__name__)


def enter_submodules(listing: Listing, root: Path, *, on_disk: bool) -> None:
    """Replaces each submodule by its files, to be read from disk, or at the commit that the outer one names."""
    folders = Folders(root)
    files: list[Listed] = []
    for listed in listing.files:
        inner = None
        if listed.omission is Reason.SUBMODULE and folders.are_real(listed.path):
            inner = _list_inside(root / listed.path, commit=None if on_disk else listed.blob_id)
        if inner is None:
            files.append(listed)
            continue
        for file in inner.files:
            file.path, file.on_disk = f"{listed.path}/{file.path}", on_disk
        files.extend(inner.files)
        listing.dirty.update(f"{listed.path}/{path}" for path in inner.dirty)
    listing.files = files


def read_stored(source: Source, paths: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, bytes]]:
    """Reads blobs from git's objects, in any order; one that is missing is passed over.

    Args:
        source: The repository, which is asked first.
        paths: By blob id, where each belongs; the repositories between there and the root are asked next.
    """
    left = dict(paths)
    if left:
        for blob_id, data in git_for(source).read_blobs(list(left)):
            del left[blob_id]
            yield blob_id, data
    for inner in _repositories_inside(source, [path for places in left.values() for path in places]):
        for blob_id, data in git_for(inner).read_blobs(list(left)):
            del left[blob_id]
            yield blob_id, data


def _repositories_inside(source: Source, paths: Iterable[str]) -> Iterator[Source]:
    folders = Folders(source.root)
    parents = {parent for path in paths for parent in folders_above(path)}
    for parent in sorted(parents):
        if folders.are_real(parent):
            inner = _open_inside(source.root / parent)
            if inner is not None:
                yield inner


def _list_inside(folder: Path, *, commit: str | None) -> Listing | None:
    """The files of a submodule and of those inside it; None when it, or the commit, is not there."""
    source = _open_inside(folder)
    if source is None:
        return None
    try:
        listing = list_work_tree(source) if commit is None else list_commit(source, commit)
    except SourceError as error:
        _log.warning("%s; the submodule is left out", error)
        return None
    enter_submodules(listing, folder, on_disk=commit is None)
    return listing


def _open_inside(folder: Path) -> Source | None:
    try:
        return work_tree_at(folder)
    except SourceError:
        return None
