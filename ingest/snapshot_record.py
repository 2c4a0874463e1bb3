"""Remembers a snapshot of a work tree for as long as nothing that decided it has changed: git need not be asked again.

What decided it are its witnesses: git's index, HEAD and settings, the user's ignore file, the state of every listed
file, and the names in every folder that git looks into. (A folder's time of change would tell as much and take less,
but some file systems do not keep it.) A snapshot is kept only when every witness was last changed two seconds before
listing began; in doubt it is not kept, and the next question lists anew. Knows nothing of what files are wanted for.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .disk import folders_above
from .hardening import user_settings_files
from .json_file import write_json
from .types import FileEntry, Omission, Reason, Selection, Snapshot, Source, SourceKind
from .witnesses import are_settled, look_at, names_in

if TYPE_CHECKING:
    from .listing import Listing

__all__ = ["SnapshotRecord", "can_be_recorded"]

_GIT_FILES = ("HEAD", "index", "config.worktree", "info/sparse-checkout")
_SHARED_FILES = ("config", "info/exclude", "packed-refs", "reftable/tables.list")


def can_be_recorded(source: Source, selection: Selection) -> bool:
    """Whether snapshots of this source as it lies may be kept.

    Not where other repositories' files belong to them, nor on Windows, whose time of change is that of creation.
    """
    return source.kind is SourceKind.WORKTREE and not selection.submodules and os.name == "posix"


class SnapshotRecord:
    """The snapshot kept in one file, for one source and selection. Make it before anything is listed.

    Args:
        file: Where it is kept; one of another source or selection gives way to it.
        source: A work tree.
        selection: What is wanted of it.
        started_ns: From when on a change may have come too late to be seen; now, unless given.
    """

    def __init__(self, file: Path, *, source: Source, selection: Selection, started_ns: int | None = None) -> None:
        self._file, self._source = file, source
        self._top = f"{source.root}/"
        self._started_ns = time.time_ns() if started_ns is None else started_ns
        self._settings = [*_git_files(source), *user_settings_files()]
        self._settings_lay: list[int] | None = None
        self._key = [_code(), repr(source), repr(selection), self._settings]
        with suppress(OSError):  # what may not be looked at is told by whoever lists
            self._settings_lay = look_at(self._settings, follow=True)

    def read(self) -> Snapshot | None:
        """The snapshot, if it would be the same now."""
        try:
            kept = json.loads(self._file.read_bytes())
            if (
                kept["key"] == self._key
                and self._look(kept["settings"], kept["inside"]) == kept["states"]
                and names_in(self._placed(kept["folders"])) == kept["names"]
            ):
                return _snapshot(self._source, **kept["snapshot"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # as if none was kept
        return None

    def write(self, snapshot: Snapshot, listing: "Listing") -> None:
        """Keeps a snapshot that was taken, from this listing, since this was made; unless in doubt of a witness."""
        if self._settings_lay is None:
            return
        try:
            # after an edit, when most is asked, nothing can be kept: to find that out at the end takes 0.1 s
            first = self._settings_lay + look_at(self._placed(snapshot.dirty))
            if not are_settled(first, before_ns=self._started_ns):
                return
            settings = [*self._settings, *_refs(self._source), _absolute(listing.ignore_file)]
            search = _Search(self._source, snapshot, listing)
            folders = list(search.folders())
            inside = list(search.paths(folders))
            names = names_in(self._placed(folders))
            states = self._look(settings, inside)
            folders_lie = look_at(self._placed(folders))
        except (_DoubtError, OSError):
            return
        are_as_before = states[: len(self._settings_lay)] == self._settings_lay
        if are_as_before and are_settled([*states, *folders_lie], before_ns=self._started_ns):
            kept = {"key": self._key, "settings": settings, "inside": inside, "states": states}
            kept |= {"folders": folders, "names": names, "snapshot": _columns(snapshot)}
            write_json(self._file, kept)

    def _look(self, settings: list[str], inside: list[str]) -> list[int]:
        return look_at(settings, follow=True) + look_at(self._placed(inside))

    def _placed(self, inside: Iterable[str]) -> Iterator[str]:
        return (self._top + path for path in inside)


class _DoubtError(Exception):
    """Something decides the listing that has no witness."""


class _Search:
    """Finds what of a work tree decides its listing."""

    def __init__(self, source: Source, snapshot: Snapshot, listing: "Listing") -> None:
        self._source, self._ignore_file = source, listing.ignore_file
        self._top = f"{source.root}/"
        self._files = {listed.path for listed in listing.files} | set(snapshot.dirty)
        self._submodules = {listed.path for listed in listing.files if listed.omission is Reason.SUBMODULE}
        if any(listed.omission is Reason.SUBMODULE and listed.on_disk for listed in listing.files):
            raise _DoubtError("an untracked repository inside: what makes it one lies in its own git directory")
        if any(omission.reason is Reason.UNREADABLE for omission in snapshot.omissions):
            raise _DoubtError("something could not be read: it may be next time")

    def paths(self, folders: Iterable[str]) -> Iterator[str]:
        """The listed files and the ignore files, relative to the root. Of ignore files some must stay absent."""
        above = ["", *folders_above(self._source.prefix)]
        ours = [f"{folder}/.repoaskignore".lstrip("/") for folder in above]
        if any(path.rpartition("/")[2] == ".repoaskignore" for path in (*self._files, *filter(self._lies, ours))):
            raise _DoubtError("an ignore file of ours: it warns each time of what it does not rule")
        yield from ours
        yield from {f"{folder}/.gitignore".lstrip("/") for folder in above}
        yield from self._files - self._submodules  # git looks into none of these
        # one that comes later changes the names in its folder
        yield from filter(self._lies, (f"{folder}/.gitignore".lstrip("/") for folder in folders))

    def folders(self) -> Iterator[str]:
        """The folders that git looks into, relative to the root; those ignored with all that may come are none.

        A folder without a listed file may be ignored, or hold ignored files alone, which says nothing of the next one
        to come: git is asked.
        """
        from .worktree import ignored_folders

        holding = {folder for path in self._files for folder in folders_above(path)}
        pending = [self._source.prefix]
        while pending:
            barren: list[str] = []
            while pending:
                folder = pending.pop()
                yield folder
                for path in self._folders_in(folder):
                    (pending if path in holding else barren).append(path)
            if barren:
                ignored = ignored_folders(self._source, barren, ignore_file=self._ignore_file)
                pending = [path for path in barren if path not in ignored]

    def _folders_in(self, folder: str) -> Iterator[str]:
        within = f"{folder}/" if folder else ""
        with os.scandir(self._top + folder) as entries:
            for entry in entries:
                path = within + entry.name
                if entry.name == ".git" and folder:
                    raise _DoubtError(f"{path}: a repository inside")
                if entry.name != ".git" and path not in self._submodules and entry.is_dir(follow_symlinks=False):
                    yield path

    def _lies(self, path: str) -> bool:
        return os.path.lexists(self._top + path)


def _git_files(source: Source) -> list[str]:
    assert source.git_dir is not None
    common = source.common_dir or source.git_dir
    return [*(f"{source.git_dir}/{name}" for name in _GIT_FILES), *(f"{common}/{name}" for name in _SHARED_FILES)]


def _refs(source: Source) -> list[str]:
    """Where the commit that is checked out may be written down; which of them counts is git's affair."""
    assert source.git_dir is not None
    common = source.common_dir or source.git_dir
    for config in (common / "config", source.git_dir / "config.worktree"):
        with suppress(FileNotFoundError):
            if b"include" in config.read_bytes().lower():
                raise _DoubtError(f"{config}: it has git read other files")
    head = (source.git_dir / "HEAD").read_bytes()
    if not head.startswith(b"ref:"):
        return []
    name = head.removeprefix(b"ref:").strip().decode("utf-8", "surrogateescape")
    if not name.startswith("refs/") or ".." in name:
        raise _DoubtError(f"{name}: no usual name of a branch")
    for folder in (common, source.git_dir):
        with suppress(FileNotFoundError):
            if (folder / name).read_bytes().startswith(b"ref:"):
                raise _DoubtError(f"{name}: a branch that stands for another")
    return [f"{common}/{name}", f"{source.git_dir}/{name}"]


def _absolute(path: str) -> str:
    if path and not os.path.isabs(path):  # noqa: PTH117 - "" is none, and no folder either
        raise _DoubtError(f"{path}: where it lies depends on where git stands")
    return path


def _code() -> list[int]:
    """The state of the code that takes snapshots: another version may take others."""
    folder = Path(__file__).parent
    return look_at(sorted(str(file) for file in folder.iterdir() if file.suffix == ".py"))


def _columns(snapshot: Snapshot) -> dict[str, Any]:
    entries, omissions = snapshot.entries, snapshot.omissions
    return {
        "commit": snapshot.commit,
        "entries": [
            [entry.path for entry in entries],
            [entry.blob_id for entry in entries],
            [entry.size for entry in entries],
            [entry.on_disk for entry in entries],
        ],
        "dirty": snapshot.dirty,
        "omissions": [[omission.path, omission.reason] for omission in omissions],
    }


def _snapshot(
    source: Source, *, commit: str | None, entries: list[list[Any]], dirty: list[str], omissions: list[list[str]]
) -> Snapshot:
    return Snapshot(
        source,
        commit=commit,
        revision=None,
        entries=tuple(map(FileEntry, *entries)),
        dirty=tuple(dirty),
        omissions=tuple(Omission(path, Reason(reason)) for path, reason in omissions),
    )
