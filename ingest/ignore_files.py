"""Reads the `.repoaskignore` files that rule a listing, as they lie or as a commit has them.

They may be anyone's, so what is read of them is bounded, and what is not obeyed is said. Knows nothing of patterns.
"""

import logging
from collections.abc import Iterator

from .disk import folders_above, read_file
from .listing import Listed, Listing, read_at
from .submodules import read_stored
from .types import Source

__all__ = ["read_ignore_files"]

_NAME = ".repoaskignore"
_MAX_FILES = 200
_MAX_BYTES = 100_000

_log = logging.getLogger(__name__)


def read_ignore_files(source: Source, listing: Listing, *, on_disk: bool) -> dict[str, str]:
    """The text of each `.repoaskignore`, by its folder: those listed, and those above the sub-folder that was asked.

    On disk the one at the root counts even where git ignores it: it may be the user's own.
    """
    listed = [one for one in listing.files if one.path.rpartition("/")[2] == _NAME and not one.omission]
    above = ["", *folders_above(source.prefix)] if on_disk or source.prefix else []
    paths = {f"{folder}/{_NAME}".lstrip("/") for folder in above} | {one.path for one in listed}
    obeyed = sorted(paths, key=lambda path: (path.count("/"), path))[:_MAX_FILES]
    if len(obeyed) < len(paths):
        _log.warning("%s: %d %s files; the %d uppermost are obeyed", source.root, len(paths), _NAME, len(obeyed))
    texts: dict[str, str] = {}
    for path, data in _read_on_disk(source, obeyed) if on_disk else _read_at_commit(source, listing, listed, obeyed):
        if len(data) > _MAX_BYTES:
            _log.warning("%s: over %s bytes, so it is not obeyed; shorten it", path, f"{_MAX_BYTES:,}")
        else:
            texts[path.rpartition("/")[0]] = data.decode("utf-8-sig", "surrogateescape")
    return texts


def _read_on_disk(source: Source, paths: list[str]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        data = read_file(source.root, path, max_bytes=_MAX_BYTES + 1)
        if data is not None:
            yield path, data


def _read_at_commit(
    source: Source, listing: Listing, listed: list[Listed], paths: list[str]
) -> Iterator[tuple[str, bytes]]:
    ids = {one.path: one.blob_id for one in listed}
    stored: dict[str, list[str]] = {}
    for path in paths:
        if path in ids:
            stored.setdefault(ids[path], []).append(path)
        else:
            data = read_at(source, listing.commit or "HEAD", path)
            if data is not None:
                yield path, data
    for blob_id, data in read_stored(source, stored) if stored else ():
        for path in stored[blob_id]:
            yield path, data
