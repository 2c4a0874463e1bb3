"""Lists what a selection wants of a source, and gives each file its blob id. Knows nothing of what the bytes mean."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import RevisionError
from .disk import Folders, blob_id_of, matching_bytes, read_file
from .ignore_files import read_ignore_files
from .listing import Listed, Listing, list_commit
from .stat_cache import StatCache
from .submodules import enter_submodules
from .types import FileEntry, Omission, Reason, Selection, Snapshot, Source, SourceKind
from .walker import Walker
from .worktree import list_folder, list_work_tree

__all__ = ["is_on_disk", "list_snapshot"]

_log = logging.getLogger(__name__)


def is_on_disk(source: Source, revision: str | None) -> bool:
    """Whether the files are to be taken as they lie."""
    return revision is None and source.kind is not SourceKind.BARE


def list_snapshot(
    source: Source, *, revision: str | None, selection: Selection, stat_cache: Path | None
) -> tuple[Snapshot, Listing]:
    """The snapshot, and the listing that it was chosen from. As `snapshot.take_snapshot`, but never from memory."""
    on_disk = is_on_disk(source, revision)
    listing = _list(source, revision)
    if selection.submodules:
        enter_submodules(listing, source.root, on_disk=on_disk)
    walker = Walker(selection, ignore_files=read_ignore_files(source, listing, on_disk=on_disk))
    omissions: list[Omission] = []
    chosen: list[Listed] = []
    for listed in listing.files:
        reason = listed.omission or walker.reason(listed.path, size=listed.size)
        if reason is None:
            chosen.append(listed)
        else:
            omissions.append(Omission(listed.path, reason))
    _warn_of_missing(source, omissions)
    if on_disk:
        cache = StatCache(stat_cache, root=source.root, prefix=source.prefix, object_format=listing.object_format)
        omissions.extend(_settle_ids(source.root, chosen, listing, cache=cache))
    entries = [FileEntry(one.path, one.blob_id, one.size, one.on_disk) for one in chosen if one.blob_id]
    snapshot = Snapshot(
        source,
        commit=listing.commit,
        revision=revision,
        entries=tuple(sorted(entries, key=lambda entry: entry.path)),
        dirty=() if source.kind is SourceKind.FOLDER else tuple(sorted(listing.dirty)),
        omissions=tuple(sorted(omissions, key=lambda omission: omission.path)),
    )
    return snapshot, listing


def _list(source: Source, revision: str | None) -> Listing:
    if not is_on_disk(source, revision):
        if source.kind is SourceKind.FOLDER:
            raise RevisionError(f"{source.root}: a plain folder has no revisions; leave --rev out")
        return list_commit(source, revision if revision is not None else "HEAD")
    return list_folder(source) if source.kind is SourceKind.FOLDER else list_work_tree(source)


def _warn_of_missing(source: Source, omissions: Iterable[Omission]) -> None:
    missing = sum(omission.reason is Reason.MISSING_OBJECT for omission in omissions)
    if missing:
        _log.warning(
            "%s: git lacks the content of some files (%d): a partial clone, or damage, which `git fsck` tells",
            source.root,
            missing,
        )


def _settle_ids(root: Path, files: Iterable[Listed], listing: Listing, *, cache: StatCache) -> Iterator[Omission]:
    """Gives each file that git's index does not vouch for its id, and tells the changed from the clean ones.

    Yields:
        What turns out to be unreadable; its id stays "".
    """
    folders = Folders(root)
    for listed in files:
        if listed.blob_id:
            continue
        listed.blob_id = _id_on_disk(root, listed, cache, folders, object_format=listing.object_format)
        if not listed.blob_id:
            yield Omission(listed.path, Reason.UNREADABLE)
        elif listed.blob_id != listed.indexed_id:
            listed.on_disk = True
            listing.dirty.add(listed.path)
    cache.save()


def _id_on_disk(root: Path, listed: Listed, cache: StatCache, folders: Folders, *, object_format: str) -> str:
    known = cache.get(listed.path, listed.status) if listed.status else None
    if known is not None:
        return known
    data = read_file(root, listed.path, folders=folders)
    if data is None:
        return ""
    if listed.indexed_id and matching_bytes(data, listed.indexed_id) is not None:
        blob_id = listed.indexed_id
    else:
        blob_id = blob_id_of(data, object_format=object_format)
    if listed.status:
        cache.put(listed.path, listed.status, blob_id)
    return blob_id
