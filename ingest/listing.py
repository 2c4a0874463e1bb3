"""What a listing of a source holds before any selection, and the listing of a commit.

Knows nothing of which files are wanted; the work tree and plain folders are listed by worktree.py.
"""

import os
import re
from dataclasses import dataclass, field

from ..errors import RevisionError, SourceError
from .git import Git
from .types import Reason, Source

__all__ = [
    "Listed",
    "Listing",
    "decode_path",
    "git_for",
    "limit_to",
    "list_commit",
    "omission_of_mode",
    "read_at",
    "resolve_commit",
]

_TREE_ENTRY = re.compile(rb"(\d{6}) [a-z]+ ([0-9a-f]{40,64})(?: +(-|\d+|BAD))?\t([^\0]*)\0")
_COMMIT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FOUND_OR_NOT = (0, 1)
_OMISSION_OF_MODE = {b"120000": Reason.SYMLINK, b"160000": Reason.SUBMODULE}


@dataclass(slots=True)
class Listed:
    """One path of a listing.

    Attributes:
        path: Relative to the top.
        size: Bytes; -1 where the listing does not tell.
        on_disk: The bytes are to be read from the work tree.
        blob_id: git's id of the bytes; "" when they have still to be hashed.
        indexed_id: What the index holds; "" for an untracked file. Equal after hashing: the file is clean.
        omission: Why it is no file to be read.
        status: As the file lies, where it was looked at.
    """

    path: str
    size: int = -1
    on_disk: bool = False
    blob_id: str = ""
    indexed_id: str = ""
    omission: Reason | None = None
    status: os.stat_result | None = None


@dataclass(slots=True)
class Listing:
    """All paths of a source, in git's order.

    Attributes:
        commit: The commit listed, or checked out; None where there is none.
        object_format: sha1 or sha256.
        files: Every path but the deleted ones.
        dirty: Paths known to differ from the commit: staged, untracked, conflicted or deleted.
        ignore_file: The user's own ignore file, which ruled the untracked ones; it need not exist.
    """

    commit: str | None
    object_format: str = "sha1"
    files: list[Listed] = field(default_factory=list)
    dirty: set[str] = field(default_factory=set)
    ignore_file: str = ""


def git_for(source: Source) -> Git:
    """The hardened git of a repository."""
    assert source.git_dir is not None
    work_tree = source.root if source.root != source.git_dir else None
    return Git(source.git_dir, work_tree=work_tree, common_dir=source.common_dir)


def resolve_commit(git: Git, source: Source, revision: str) -> str:
    """The full id of the commit that a revision names.

    Raises:
        RevisionError: there is no such commit, or it is ambiguous.
    """
    try:
        # two steps: in `:/text^{commit}` the suffix would be part of the text to look for
        named = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", revision, ok_codes=_FOUND_OR_NOT)
        peeled = f"{named.decode('ascii').strip()}^{{commit}}"
        commit = git.run("rev-parse", "--verify", "--quiet", peeled, ok_codes=_FOUND_OR_NOT).decode("ascii").strip()
    except SourceError as error:  # ambiguous, or the repository is damaged: git's own words say which
        raise RevisionError(f"{error}; asked for {revision!a}") from error
    if not commit:
        hint = "it has no commits yet" if revision == "HEAD" else "no such commit, tag or branch"
        raise RevisionError(f"{source.root}: {revision!a}: {hint}")
    return commit


def list_commit(source: Source, revision: str) -> Listing:
    """Lists a commit's files; nothing of the work tree is looked at."""
    git = git_for(source)
    commit = resolve_commit(git, source, revision)
    listing = Listing(commit, object_format="sha256" if len(commit) == 64 else "sha1")
    missing = _missing_objects(git, source, commit)
    # a git before 2.39.4 would try to fetch each missing blob to tell its size: never let it near one
    options = () if missing else ("-l",)
    output = git.run("ls-tree", "-r", "-z", *options, "--full-tree", commit, "--", *limit_to(source.prefix))
    for mode, blob_id, size, path in _TREE_ENTRY.findall(output):
        listed = Listed(decode_path(path), size=int(size) if size.isdigit() else -1, blob_id=blob_id.decode("ascii"))
        is_missing = size == b"BAD" or blob_id in missing
        listed.omission = omission_of_mode(mode) or (Reason.MISSING_OBJECT if is_missing else None)
        listing.files.append(listed)
    return listing


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


def _missing_objects(git: Git, source: Source, commit: str) -> set[bytes]:
    """The objects of a commit that a partial clone has not fetched; empty for any other repository."""
    assert source.common_dir is not None
    try:
        config = (source.common_dir / "config").read_bytes().lower()
    except OSError:
        return set()
    if b"promisor" not in config and b"partialclone" not in config:
        return set()
    lines = git.run("rev-list", "--objects", "--no-walk", "--missing=print", commit).split(b"\n")
    return {line[1:] for line in lines if line.startswith(b"?")}


def limit_to(prefix: str) -> tuple[str, ...]:
    """The pathspec of a sub-folder; taken literally, since the environment says so."""
    return (prefix,) if prefix else ()


def decode_path(path: bytes) -> str:
    """A path as git prints it, as text that keeps bytes that are no UTF-8."""
    return path.decode("utf-8", "surrogateescape")


def omission_of_mode(mode: bytes) -> Reason | None:
    """Why git's file mode says that there is no file to read."""
    return _OMISSION_OF_MODE.get(mode)
