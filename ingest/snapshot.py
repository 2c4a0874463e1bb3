"""Takes a snapshot of a source: which files, each with its blob id, and reads their bytes.

Knows nothing of what the bytes mean.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..errors import RevisionError, SourceError
from .disk import Folders, blob_id_of, matching_bytes, read_file
from .listing import Listed, Listing, git_for, list_commit, resolve_commit
from .stat_cache import StatCache
from .submodules import enter_submodules, repositories_inside
from .types import FileEntry, Omission, Reason, Selection, Snapshot, Source, SourceKind
from .walker import IGNORE_FILE, Walker
from .worktree import list_folder, list_work_tree

__all__ = ["read_at", "read_entries", "recent_revisions", "take_snapshot"]

_EVERYTHING = Selection()
_COMMIT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


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
    walker = Walker(selection, ignore_files=_ignore_files(source, listing, on_disk=on_disk))
    omissions: list[Omission] = []
    chosen: list[Listed] = []
    for listed in listing.files:
        reason = listed.omission or walker.reason(listed.path, size=listed.size)
        if reason is None:
            chosen.append(listed)
        else:
            omissions.append(Omission(listed.path, reason))
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
    if stored:
        yield from _take_blobs(source, stored)
    for inner in repositories_inside(source, [entry.path for same in stored.values() for entry in same]):
        yield from _take_blobs(inner, stored)
    for entry in [entry for same in stored.values() for entry in same] if snapshot.revision is None else []:
        # git has lost the object (a damaged or partial clone), but the work tree may hold the very bytes
        data = _read_unchanged(source.root, entry, folders)
        if data is not None:
            yield entry, data


def read_at(source: Source, revision: str, path: str) -> bytes | None:
    """The bytes of a file at a revision; None when that revision has no such file."""
    if source.git_dir is None:
        return None
    git = git_for(source)
    try:
        commit = revision if _COMMIT_ID.fullmatch(revision) else resolve_commit(git, source, revision)
        listed = git.run("ls-tree", "-z", "--full-tree", commit, "--", path)
    except SourceError:
        return None
    mode, _, rest = listed.partition(b" ")
    if not mode.startswith(b"100"):
        return None
    blob_id = rest.partition(b" ")[2][:64].partition(b"\t")[0].decode("ascii")
    return next((data for _, data in git.read_blobs([blob_id])), None)


def recent_revisions(source: Source, path: str, *, limit: int) -> list[str]:
    """The commits before HEAD, or HEAD itself, that changed a file; newest first, at most `limit`."""
    if source.git_dir is None:
        return []
    try:
        output = git_for(source).run("rev-list", f"--max-count={limit}", "HEAD", "--", path)
    except SourceError:
        return []
    return output.decode("ascii").split()


def _take_blobs(source: Source, stored: dict[str, list[FileEntry]]) -> Iterator[tuple[FileEntry, bytes]]:
    """Reads what this repository has of the blobs, and takes it out of `stored`."""
    for blob_id, data in git_for(source).read_blobs(list(stored)):
        for entry in stored.pop(blob_id):
            yield entry, data


def _is_on_disk(source: Source, revision: str | None) -> bool:
    return revision is None and source.kind is not SourceKind.BARE


def _list(source: Source, revision: str | None) -> Listing:
    if not _is_on_disk(source, revision):
        if source.kind is SourceKind.FOLDER:
            raise RevisionError(f"{source.root}: a plain folder has no revisions; leave --rev out")
        return list_commit(source, revision if revision is not None else "HEAD")
    return list_folder(source) if source.kind is SourceKind.FOLDER else list_work_tree(source)


def _ignore_files(source: Source, listing: Listing, *, on_disk: bool) -> dict[str, str]:
    """The text of each `.repoaskignore`, by its folder: those listed, and those above the sub-folder that was asked.

    On disk the one at the root counts even where git ignores it: it may be the user's own.
    """
    above = ["", *(parent for parent in _parents(source.prefix))]
    paths = {f"{folder}/{IGNORE_FILE}".lstrip("/") for folder in above} if on_disk or source.prefix else set()
    paths.update(
        listed.path
        for listed in listing.files
        if listed.path.endswith(IGNORE_FILE) and listed.path.rpartition("/")[2] == IGNORE_FILE and not listed.omission
    )
    texts: dict[str, str] = {}
    for path in paths:
        data = read_file(source.root, path) if on_disk else read_at(source, listing.commit or "HEAD", path)
        if data is not None:
            texts[path.rpartition("/")[0]] = data.decode("utf-8-sig", "surrogateescape")
    return texts


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


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
