r"""The values that ingest hands out. Lines are 1-based and inclusive; paths are posix, relative to the source's root.

A line ends at "\n" alone (never `str.splitlines`, which also cuts at form feeds and U+2028), so that line numbers are
those of git and of editors. A path that is not UTF-8 carries surrogate escapes, as `os.fsdecode` gives them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = [
    "Definition",
    "Document",
    "FileEntry",
    "Import",
    "Omission",
    "Progress",
    "Reason",
    "Reference",
    "Selection",
    "Snapshot",
    "Source",
    "SourceKind",
    "Syntax",
]

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) while long work runs; total is 0 where it is not known."""


class SourceKind(StrEnum):
    """What was named by the user."""

    WORKTREE = "worktree"
    BARE = "bare"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Source:
    """A repository or folder that can be read.

    Attributes:
        kind: Work tree, bare repository, or plain folder.
        root: The top of the work tree, the plain folder, or the bare git directory.
        git_dir: The git directory of this work tree; None for a plain folder.
        common_dir: The git directory shared by all work trees; None for a plain folder.
        prefix: The sub-folder that was asked for, without slashes at its ends; "" for the whole.
        url: Where it was cloned from, without credentials; None for a local source.
    """

    kind: SourceKind
    root: Path
    git_dir: Path | None = None
    common_dir: Path | None = None
    prefix: str = ""
    url: str | None = None

    @property
    def identity(self) -> str:
        """A stable id for what can share an index: all work trees and sub-folders of one repository."""
        shared = self.common_dir or self.root
        return hashlib.sha256(str(shared).encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Reason(StrEnum):
    """Why a file is left out. The first block is known from a listing, the second from the bytes."""

    SECRET_FILE = "secret file"  # noqa: S105 - a label
    VENDORED = "vendored"
    LOCK_FILE = "lock file"
    MINIFIED = "minified"
    TOO_LARGE = "too large"
    EXCLUDED = "excluded"  # --exclude, --include, .repoaskignore
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    NOT_CHECKED_OUT = "not checked out"  # sparse checkout
    MISSING_OBJECT = "missing object"  # git has not, or no longer, what the commit names
    UNREADABLE = "unreadable"

    BINARY = "binary"
    UNDECODABLE = "undecodable"
    GENERATED = "generated"
    LFS_POINTER = "LFS pointer"


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a source is wanted. Part of the index's key wherever it changes what a file becomes.

    Attributes:
        include: Glob patterns; when there are any, a file must match one.
        exclude: Glob patterns that take files out.
        max_file_bytes: Larger files are left out, unless `all_files`.
        all_files: Bring back vendored, generated, minified, lock and large files, and the pointers of Git LFS.
        allow_secrets: Bring back secret files and lines.
        submodules: Enter submodules.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 2_000_000
    all_files: bool = False
    allow_secrets: bool = False
    submodules: bool = False


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a snapshot.

    Attributes:
        path: Relative to the source's root.
        blob_id: git's hash of the raw bytes, hex, computed here for files that git does not know.
        size: Bytes; -1 where a listing does not tell.
        on_disk: The bytes are read from the work tree, not from git's objects.
    """

    path: str
    blob_id: str
    size: int
    on_disk: bool


@dataclass(frozen=True, slots=True)
class Omission:
    """A file that is left out, and why."""

    path: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A set of files at one revision, or a work tree as it lies.

    Attributes:
        source: Where it is from.
        commit: The full commit id; None for a plain folder and before the first commit.
        revision: What the user asked for (`--rev`), or None for the work tree.
        entries: Sorted by path; only files that pass the selection.
        dirty: Paths that differ from `commit`: changed, added, untracked or deleted.
        omissions: What the listing left out.
    """

    source: Source
    commit: str | None
    revision: str | None
    entries: tuple[FileEntry, ...]
    dirty: tuple[str, ...] = ()
    omissions: tuple[Omission, ...] = ()

    def label(self, entry: FileEntry) -> str:
        """The revision to cite for a file: the commit, or `worktree:` and 12 digits of the blob id."""
        if self.commit and not entry.on_disk:
            return self.commit
        return f"worktree:{entry.blob_id[:12]}"


@dataclass(frozen=True, slots=True)
class Document:
    r"""The text of a file, line for line as in its bytes.

    Attributes:
        text: Decoded, with "\n" line ends and secret lines replaced by a mark of the same line count.
        language: A name of `languages.py`, or "" for plain text.
        encoding: What the bytes were decoded as.
        withheld: The secret-rule ids whose lines were withheld, by 1-based line.
        shape: What to parse where lines were withheld: the text with its secrets x-ed out instead. None elsewhere.
    """

    text: str
    language: str
    encoding: str
    withheld: tuple[tuple[int, str], ...] = ()
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A named thing and its whole span (decorators and leading doc comments included).

    Attributes:
        name: As written.
        qualified_name: With its enclosing names, joined by ".".
        kind: function, method, declaration (what a header or interface announces without a body), class, interface,
            struct, enum, trait, module, constant, variable, field, type, macro, section, key, rule, table.
        start: First line.
        end: Last line.
        line: The line on which the name stands.
    """

    name: str
    qualified_name: str
    kind: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a name: a call, an instantiation, a type named."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import as written: a module, a header, a path."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Syntax:
    """What tree-sitter saw in a file.

    Attributes:
        definitions: In order of their start; an outer one before those inside it.
        references: In order of their lines.
        imports: In order of their lines.
        cuts: (line, depth) where a chunk may begin: a syntax node starts there (leading comments and decorators
            belong to the node), nested `depth` deep; 0 is the top level. Sorted by line.
        ok: False when the file could not be parsed and falls back to lines.
    """

    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    cuts: tuple[tuple[int, int], ...] = ()
    ok: bool = True
