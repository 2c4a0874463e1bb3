"""Clones what a URL names into a bare repository of our own, and fetches what is new.

Bare, so that nothing is ever checked out: no smudge filter, no hook, no symlink, no case clash. Whole history, for it
is wanted later and nothing may be fetched behind the user's back then. The URL is handed to `git fetch` and only its
form without credentials is kept. Knows nothing of what is read from a clone.
"""

import hashlib
import re
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..errors import OfflineError, SourceError
from .disk import keep_unlisted
from .git import Git, RunningGit, make_bare
from .types import Progress

__all__ = ["make_clone", "refresh_clone", "without_credentials"]

_PARTIAL = ".partial-"
_LEFT_OVER_S = 24 * 3600
_SCHEMES = ("file", "git", "http", "https", "ssh")
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_DETACHED_HEAD = "+HEAD:refs/repoask/head"
_PROGRESS_LINE = re.compile(r"(?:remote: )?([A-Z][a-z]+(?: [a-z]+)?):\s+\d+% \((\d+)/(\d+)\)")


def without_credentials(url: str) -> str:
    """The URL without password and query, as it may be stored and shown; the login name stays for ssh alone.

    Elsewhere a token may stand in the name's place.
    """
    if "://" not in url:
        return url  # git@host:path
    parts = urlsplit(url)
    credentials, _, host = parts.netloc.rpartition("@")
    login = credentials.partition(":")[0] if parts.scheme == "ssh" else ""
    return urlunsplit((parts.scheme, f"{login}@{host}" if login else host, parts.path, "", ""))


def make_clone(url: str, *, clones: Path, offline: bool, progress: Progress | None) -> Path:
    """The bare clone of a URL, made now if there is none. Interrupted at any moment it leaves nothing usable behind.

    Raises:
        SourceError: the scheme is not one of ours, or git cannot fetch it.
        OfflineError: it would need the network and `offline` is set.
    """
    _check_scheme(url)
    target = _clone_path(url, clones)
    if target.is_dir():
        return target
    _check_offline(url, offline=offline)
    partial = _make_partial(clones)
    try:
        head, object_format = _remote_head(make_bare(partial / "probe"), url)
        _fetch(make_bare(partial / "repository", object_format=object_format), url, head=head, progress=progress)
        try:
            (partial / "repository").rename(target)
        except OSError:
            if not target.is_dir():  # else another process was faster, with the same content
                raise
    except OSError as error:
        raise _not_there(clones, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def refresh_clone(clone: Path, *, url: str, offline: bool, progress: Progress | None) -> None:
    """Fetches what is new, and follows the remote's default branch.

    Raises:
        SourceError: git cannot fetch it.
        OfflineError: it would need the network and `offline` is set.
    """
    _check_offline(url, offline=offline)
    git = Git(clone, work_tree=None)
    head, _ = _remote_head(git, url)
    _fetch(git, url, head=head, progress=progress)


def _make_partial(clones: Path) -> Path:
    """A folder to clone in. Removes what killed processes left: a day old, so that no clone under way is meant."""
    try:
        clones.mkdir(parents=True, exist_ok=True)
        keep_unlisted(clones)
        for folder in clones.glob(f"{_PARTIAL}*"):
            if folder.stat().st_mtime < time.time() - _LEFT_OVER_S:
                shutil.rmtree(folder, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=clones))
    except OSError as error:
        raise _not_there(clones, error) from error


def _not_there(clones: Path, error: OSError) -> SourceError:
    return SourceError(f"{clones}: no clone can be made there: {error.strerror}; choose another --index-dir")


def _clone_path(url: str, clones: Path) -> Path:
    shown = without_credentials(url)
    name = re.sub(r"[^\w.-]", "", shown.rstrip("/").rpartition("/")[2].removesuffix(".git")) or "clone"
    return clones / f"{name}-{hashlib.sha256(shown.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"


def _check_scheme(url: str) -> None:
    scheme, separator, rest = url.partition("://")
    try:
        host = urlsplit(url).hostname
    except ValueError as error:
        raise SourceError(f"{scheme}://...: not a URL: {error}") from error
    if separator and not (host or (rest and scheme.lower() == "file")):
        raise SourceError(f"{scheme}://: names no host; give the whole URL of a repository")
    if separator and scheme.lower() not in _SCHEMES:
        raise SourceError(f"{without_credentials(url)}: cannot clone {scheme}://; use https, ssh, git or file")


def _check_offline(url: str, *, offline: bool) -> None:
    if offline and not url.lower().startswith("file://"):
        raise OfflineError(f"{without_credentials(url)}: needs the network, and --offline is set; clone it beforehand")


def _remote_head(git: Git, url: str) -> tuple[str, str]:
    """What the remote calls HEAD, a ref name or a commit id ("" when it is empty), and its object format."""
    with git.start_fetch("ls-remote", "--symref", "--", url, "HEAD", about=without_credentials(url)) as running:
        try:
            lines = running.result().decode("utf-8", "replace").splitlines()
        except SourceError as error:
            raise SourceError(_without_secrets(str(error), url)) from None  # the cause holds the password
    name, commit = "", ""
    for line in lines:
        value, _, ref = line.partition("\t")
        if ref == "HEAD":
            if value.startswith("ref: "):
                name = value.removeprefix("ref: ")
            else:
                commit = value
    return name or commit, "sha256" if len(commit) == 64 else "sha1"


def _fetch(git: Git, url: str, *, head: str, progress: Progress | None) -> None:
    """Fetches all branches and tags, and what HEAD names even where no branch does."""
    arguments = ("fetch", "--progress", "--prune", "--no-write-fetch-head", "--update-head-ok", "--no-auto-maintenance")
    refspecs = _REFSPECS if not head or head.startswith("refs/heads/") else (*_REFSPECS, _DETACHED_HEAD)
    with git.start_fetch(*arguments, "--", url, *refspecs, about=without_credentials(url)) as running:
        complaint = _follow_progress(running, progress)
        try:
            running.check(complaint)
        except SourceError as error:
            raise SourceError(_without_secrets(str(error), url)) from None  # the cause holds the password
    if head.startswith("refs/"):
        git.run("symbolic-ref", "HEAD", head)
    elif head:
        git.run("update-ref", "--no-deref", "HEAD", head)
    git.run("config", "--local", "remote.origin.url", without_credentials(url))  # for whoever looks at the folder


def _follow_progress(running: RunningGit, progress: Progress | None) -> bytes:
    """Hands git's own progress on; returns the end of what it wrote, where an error would be."""
    tail = b""
    while piece := running.stderr.read1(4096):  # type: ignore[attr-defined]  # a BufferedReader, typed as IO
        tail = (tail + piece)[-8192:]
        for line in tail.replace(b"\r", b"\n").splitlines()[-2:]:
            found = _PROGRESS_LINE.match(line.decode("utf-8", "replace"))
            if found and progress:
                progress(found[1].lower(), int(found[2]), int(found[3]))
    return tail


def _without_secrets(message: str, url: str) -> str:
    """Git repeats the URL in its complaints, in forms of its own."""
    parts = urlsplit(url) if "://" in url else urlsplit("")
    for secret in (f"{parts.netloc.rpartition('@')[0]}@", f"?{parts.query}", f"#{parts.fragment}"):
        message = message.replace(secret, "") if len(secret) > 1 else message
    return message
