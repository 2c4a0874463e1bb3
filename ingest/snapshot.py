"""Takes a snapshot of a source: which files, each with its blob id, and reads their bytes.

Knows nothing of what the bytes mean.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..errors import RevisionError, SourceError
from .disk import Folders, blob_id_of, matching_bytes, read_file
from .ignore_files import read_ignore_files
from .listing import Listed, Listing, git_for, list_commit
from .stat_cache import StatCache
from .submodules import enter_submodules, read_stored
from .types import FileEntry, Omission, Reason, Selection, Snapshot, Source, SourceKind
from .walker import Walker
from .worktree import list_folder, list_work_tree

__all__ = ["read_entries", "recent_revisions", "take_snapshot"]

_EVERYTHING = Selection()

_log = logging.getLogger(__name__)


def take_snapshot(
    source: Source,
    *,
    revision: str | None = None,
    selection: Selection = _EVERYTHING,
    stat_cache: Path | None = None,
) -> Snapshot:
    """Lists what the selection wants of a source, at a revision or as it lies.

    Args:
        source: What to list; only its sub-folder where it has one. A bare repository is listed at HEAD.
        revision: A commit, tag or branch; None for the work tree, uncommitted and untracked files included.
        selection: What is wanted.
        stat_cache: A file that remembers hashes of files which git's index does not vouch for.

    Raises:
        RevisionError: there is no such revision.
        SourceError: the repository is damaged or cannot be read.
    """
    on_disk = _is_on_disk(source, revision)
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
    return Snapshot(
        source,
        commit=listing.commit,
        revision=revision,
        entries=tuple(sorted(entries, key=lambda entry: entry.path)),
        dirty=() if source.kind is SourceKind.FOLDER else tuple(sorted(listing.dirty)),
        omissions=tuple(sorted(omissions, key=lambda omission: omission.path)),
    )


def read_entries(snapshot: Snapshot, entries: Sequence[FileEntry]) -> Iterator[tuple[FileEntry, bytes]]:
    """Reads files, in any order. One that vanished or changed since the snapshot is passed over."""
    source = snapshot.source
    folders = Folders(source.root)
    stored: dict[str, list[FileEntry]] = {}
    for entry in entries:
        if not entry.on_disk:
            stored.setdefault(entry.blob_id, []).append(entry)
            continue
        data = _read_unchanged(source.root, entry, folders)
        if data is not None:
            yield entry, data
    places = {blob_id: [entry.path for entry in same] for blob_id, same in stored.items()}
    for blob_id, data in read_stored(source, places):
        for entry in stored.pop(blob_id):
            yield entry, data
    for entry in [entry for same in stored.values() for entry in same] if snapshot.revision is None else []:
        # git has lost the object (a damaged or partial clone), but the work tree may hold the very bytes
        data = _read_unchanged(source.root, entry, folders)
        if data is not None:
            yield entry, data


def recent_revisions(source: Source, path: str, *, limit: int) -> list[str]:
    """The commits before HEAD, or HEAD itself, that changed a file; newest first, at most `limit`."""
    if source.git_dir is None:
        return []
    try:
        output = git_for(source).run("rev-list", f"--max-count={limit}", "HEAD", "--", path)
    except SourceError:
        return []
    return output.decode("ascii").split()


def _is_on_disk(source: Source, revision: str | None) -> bool:
    return revision is None and source.kind is not SourceKind.BARE


def _list(source: Source, revision: str | None) -> Listing:
    if not _is_on_disk(source, revision):
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


def _read_unchanged(root: Path, entry: FileEntry, folders: Folders) -> bytes | None:
    data = read_file(root, entry.path, folders=folders)
    return None if data is None else matching_bytes(data, entry.blob_id)
