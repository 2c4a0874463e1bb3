"""Finds what the user named: a work tree, a bare repository, a sub-folder, a plain folder, or a URL and its clone.

A repository is found by looking for `.git` ourselves: git's own discovery would let the repository's config move the
work tree elsewhere. Knows nothing of the files inside.
"""

import re
from dataclasses import replace
from pathlib import Path

from ..errors import InputError, SourceError
from .types import Progress, Source, SourceKind

__all__ = ["is_url", "open_source", "update_clone", "work_tree_at"]

# Two letters at least before "://", so that no Windows drive is taken for a scheme; `user@host:path` for ssh.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://\S*|[\w.-]+@[\w.-]+:(?![\\/]{2})\S+")


def is_url(spec: str) -> bool:
    """Whether this names a remote repository rather than a path or a question."""
    return _URL.fullmatch(spec) is not None


def open_source(spec: str | Path, *, clones: Path, offline: bool = False, progress: Progress | None = None) -> Source:
    """Opens a repository or folder; a URL is cloned into `clones`, once.

    Raises:
        SourceError: nothing there, no permission, damaged, or the URL cannot be cloned.
        InputError: a single file was named.
        OfflineError: the URL needs the network and `offline` is set.
    """
    if isinstance(spec, str) and is_url(spec):
        from .clones import make_clone

        return _open_clone(make_clone(spec, clones=clones, offline=offline, progress=progress), url=spec)
    return _open_path(Path(spec))


def update_clone(source: Source, *, offline: bool = False, progress: Progress | None = None) -> None:
    """Fetches what is new into a source that came from a URL.

    Raises:
        SourceError: the source is no clone of ours, or the fetch failed.
        OfflineError: the URL needs the network and `offline` is set.
    """
    if source.url is None:
        raise SourceError(f"{source.root}: it was not cloned by repoask; update it with git itself")
    from .clones import refresh_clone

    refresh_clone(source.root, url=source.url, offline=offline, progress=progress)


def work_tree_at(folder: Path) -> Source | None:
    """The work tree whose top is this folder, or None.

    Raises:
        SourceError: there is a `.git`, but it leads nowhere.
    """
    git_dir = _git_dir_of(folder)
    if git_dir is None:
        return None
    return Source(SourceKind.WORKTREE, root=folder, git_dir=git_dir, common_dir=_common_dir(git_dir))


def _open_path(path: Path) -> Source:
    folder = _existing_folder(path)
    if folder.name == ".git" and _is_git_dir(folder):
        folder = folder.parent
    if _is_git_dir(folder) and not (folder / ".git").exists():
        return Source(SourceKind.BARE, root=folder, git_dir=folder, common_dir=_common_dir(folder))
    for top in (folder, *folder.parents):
        source = work_tree_at(top)
        if source is not None:
            return _narrow(source, folder)
    return Source(SourceKind.FOLDER, root=folder)


def _open_clone(folder: Path, *, url: str) -> Source:
    from .clones import without_credentials

    return Source(SourceKind.BARE, root=folder, git_dir=folder, common_dir=folder, url=without_credentials(url))


def _narrow(source: Source, folder: Path) -> Source:
    """The sub-folder of a work tree; a plain folder where git ignores it, for then git has nothing to list in it."""
    if folder == source.root:
        return source
    prefix = folder.relative_to(source.root).as_posix()
    if prefix.split("/")[0] == ".git":
        raise InputError(f"{folder}: it lies inside a git directory; name the repository, {source.root}")
    assert source.git_dir is not None
    from .git import Git  # a question about the whole of an unchanged work tree asks git nothing

    git = Git(source.git_dir, work_tree=source.root, common_dir=source.common_dir)
    return Source(SourceKind.FOLDER, root=folder) if git.ignores(prefix) else replace(source, prefix=prefix)


def _existing_folder(path: Path) -> Path:
    try:
        folder = path.resolve(strict=True)
        if not folder.is_dir():
            raise InputError(f"{path}: a file; name its folder, and the file with --include {path.name}")
        any(folder.iterdir())  # only to learn whether it may be read
    except FileNotFoundError as error:
        raise SourceError(f"{path}: no such folder") from error
    except PermissionError as error:
        raise SourceError(f"{path}: no permission to read it") from error
    except (OSError, RuntimeError, ValueError) as error:  # a symlink loop, a name that is too long, a NUL
        raise SourceError(f"{str(path)!a}: it cannot be opened: {error}") from error
    return folder


def _git_dir_of(folder: Path) -> Path | None:
    """Where `.git` in this folder leads: itself, or what a gitfile (linked work tree, submodule) names."""
    dot_git = folder / ".git"
    try:
        if dot_git.is_file():
            target = dot_git.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
            git_dir = (folder / target).resolve()
        elif dot_git.is_dir() and any(dot_git.iterdir()):
            git_dir = dot_git.resolve()
        else:
            return None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise SourceError(f"{dot_git}: it cannot be read: {reason}") from error
    if not _is_git_dir(git_dir):
        raise SourceError(f"{dot_git}: it leads to no git directory; repair it, or remove it to read plain files")
    return git_dir


def _is_git_dir(folder: Path) -> bool:
    try:
        if not (folder / "HEAD").is_file() and not (folder / "HEAD").is_symlink():
            return False
        common = _common_dir(folder)
        return (common / "objects").is_dir() and (common / "refs").is_dir()
    except (OSError, ValueError):
        return False


def _common_dir(git_dir: Path) -> Path:
    """The directory that linked work trees share, as their `commondir` file names it."""
    named = git_dir / "commondir"
    if not named.is_file():
        return git_dir
    return (git_dir / named.read_text("utf-8", "surrogateescape").strip()).resolve()
