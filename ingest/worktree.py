"""Lists a work tree or a plain folder as it lies, before any selection.

What git's index vouches for (same size and times) carries its blob id; all else has still to be hashed. Neither
`git status` nor `git diff` is asked: both may run filters that the repository's config names. Knows nothing of which
files are wanted.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .disk import Folders
from .git import Git, RunningGit, make_bare
from .hardening import user_folder
from .listing import Listed, Listing, decode_path, git_for, limit_to, omission_of_mode
from .types import Reason, Source

__all__ = ["ignored_folders", "list_folder", "list_work_tree"]

# git reserves the right to change what --debug prints: without it the files are found all the same, and all are hashed.
_INDEX_ENTRY = re.compile(
    rb"(\d{6}) ([0-9a-f]{40,64}) (\d)\t([^\0]*)\0"
    rb"(?:  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n"
    rb"  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n  size: (\d+)\tflags: ([0-9a-f]+)\n)?"
)
_SKIP_WORKTREE = 0x40000000
_INTENT_TO_ADD = 0x20000000
_SECOND_NS = 1_000_000_000


class _Indexed(NamedTuple):
    """One entry of git's index, as `ls-files --stage --debug` prints it."""

    mode: bytes
    blob_id: bytes
    stage: bytes
    path: bytes
    changed_s: bytes
    changed_ns: bytes
    modified_s: bytes
    modified_ns: bytes
    size: bytes
    flags: bytes


def list_folder(source: Source) -> Listing:
    """Lists a plain folder with git's own reading of `.gitignore`, through an empty git directory of ours."""
    with tempfile.TemporaryDirectory(prefix="repoask-") as temporary:
        make_bare(Path(temporary))
        git = Git(Path(temporary), work_tree=source.root)
        with _start_others(git, ignore_file=_user_ignore_file(git), prefix="") as others:
            return Listing(commit=None, files=list(_look_at_others(source.root, others.result())))


def list_work_tree(source: Source) -> Listing:
    """Lists a work tree: tracked files and untracked ones, ignored ones not."""
    assert source.git_dir is not None
    git = git_for(source)
    limit = ("--", *limit_to(source.prefix))
    index_written_ns = _modified_ns(source.git_dir / "index")  # before git reads it: too old is only slower
    with (
        git.start("ls-files", "-z", "--stage", "--debug", *limit) as index,
        git.start("rev-parse", "--show-object-format", "HEAD") as head,
        git.start("diff-index", "--cached", "-z", "--no-renames", "HEAD", *limit) as staged,
        _start_others(git, ignore_file=(ignore_file := _user_ignore_file(git)), prefix=source.prefix) as others,
    ):
        listing = _read_head(head)
        listing.ignore_file = ignore_file
        if listing.commit is not None:
            listing.dirty = {decode_path(path) for path in staged.result().split(b"\0")[1::2]}
        _look_at_index(listing, source.root, index.result(), index_written_ns=index_written_ns)
        untracked = list(_look_at_others(source.root, others.result()))
    listing.files.extend(untracked)
    listing.dirty.update(listed.path for listed in untracked)
    return listing


def ignored_folders(source: Source, folders: Iterable[str], *, ignore_file: str) -> set[str]:
    """Those of these folders that the ignore rules leave out with all that may come into them."""
    settings = (f"core.excludesFile={ignore_file}",)
    with tempfile.TemporaryFile() as asked:
        asked.write(b"".join(f"./{folder}\0".encode("utf-8", "surrogateescape") for folder in folders))
        asked.seek(0)
        with git_for(source).start_check_ignore("-z", "--stdin", settings=settings, stdin=asked) as running:
            output = running.result(ok_codes=(0, 1))
    return {decode_path(path).removeprefix("./") for path in output.split(b"\0")[:-1]}


def _user_ignore_file(git: Git) -> str:
    """The ignore file that the user's own settings name, or git's usual one; the repository's config has no say."""
    with git.start_user_config("core.excludesFile", default=f"{user_folder()}/ignore") as setting:
        return decode_path(setting.result(ok_codes=(0, 1, 3, 128))).strip()


def _start_others(git: Git, *, ignore_file: str, prefix: str) -> RunningGit:
    """Starts listing untracked files under the folder's and the user's ignore rules."""
    options = ("-c", f"core.excludesFile={ignore_file}", "ls-files", "-z", "--others", "--exclude-standard")
    return git.start(*options, "--", *limit_to(prefix))


def _read_head(head: RunningGit) -> Listing:
    """The object format and the commit; before the first commit git echoes the word HEAD and fails."""
    words = head.result(ok_codes=(0, 128)).decode("ascii", "replace").split()
    if not words:
        head.check(b"its config or its HEAD is damaged")
    commit = words[1] if len(words) > 1 and words[1] != "HEAD" else None
    return Listing(commit, object_format=words[0])


def _look_at_index(listing: Listing, root: Path, output: bytes, *, index_written_ns: int) -> None:
    """Adds the tracked files; those of the index that are gone from disk are dirty, or not checked out."""
    folders = Folders(root)
    conflicted: set[str] = set()
    for entry in map(_Indexed._make, _INDEX_ENTRY.findall(output)):
        path = decode_path(entry.path)
        if entry.stage != b"0":
            if path in conflicted:
                continue
            conflicted.add(path)
        if entry.stage != b"0" or listing.commit is None:
            listing.dirty.add(path)
        listed = Listed(path, omission=omission_of_mode(entry.mode), on_disk=path in listing.dirty)
        if listed.omission is None:
            if not _look_at_file(listed, folders):
                if not int(entry.flags or b"0", 16) & _SKIP_WORKTREE:
                    listing.dirty.add(path)
                    continue
                listed.omission = Reason.NOT_CHECKED_OUT
            elif entry.stage == b"0":
                listed.indexed_id = entry.blob_id.decode("ascii")
                if listed.status and _is_unchanged(entry, listed.status, index_written_ns=index_written_ns):
                    listed.blob_id = listed.indexed_id
        listing.files.append(listed)


def _look_at_others(root: Path, output: bytes) -> Iterator[Listed]:
    """The untracked files. git prints a repository inside, which it does not enter, with a slash at its end."""
    folders = Folders(root)
    for raw_path in output.split(b"\0")[:-1]:
        listed = Listed(decode_path(raw_path), on_disk=True)
        if listed.path.endswith("/"):
            listed.path, listed.omission = listed.path.rstrip("/"), Reason.SUBMODULE
            yield listed
        elif _look_at_file(listed, folders):
            yield listed


def _look_at_file(listed: Listed, folders: Folders) -> bool:
    """Fills in what lies on disk, never following a symlink; False when nothing does."""
    path = listed.path
    try:
        status = os.lstat(folders.top + path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        listed.omission = Reason.UNREADABLE
        return True
    if stat.S_ISLNK(status.st_mode) or not folders.lead_to(path):
        listed.omission = Reason.SYMLINK
    elif stat.S_ISREG(status.st_mode):
        listed.status, listed.size = status, status.st_size
    elif stat.S_ISDIR(status.st_mode):
        return False  # a folder took the file's place; what is in it is listed by itself
    else:
        listed.omission = Reason.UNREADABLE  # a FIFO, a socket, a device
    return True


def _is_unchanged(entry: _Indexed, status: os.stat_result, *, index_written_ns: int) -> bool:
    """The test that git itself makes: same size and times, and last changed before the index was written (else racy).

    Some writers of an index leave nanoseconds or the change time at zero; those are then not compared.
    """
    if not entry.flags:
        return False
    modified_ns = int(entry.modified_s) * _SECOND_NS + int(entry.modified_ns)
    changed_ns = int(entry.changed_s) * _SECOND_NS + int(entry.changed_ns)
    seen_ns = status.st_mtime_ns
    if entry.modified_ns == b"0":
        seen_ns -= seen_ns % _SECOND_NS
        index_written_ns -= index_written_ns % _SECOND_NS
    return (
        modified_ns == seen_ns < index_written_ns
        and int(entry.size) == status.st_size & 0xFFFFFFFF
        and (changed_ns == status.st_ctime_ns or not changed_ns)
        and not int(entry.flags, 16) & _INTENT_TO_ADD
    )


def _modified_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
