"""The last commits of a repository, each as the files that repoask would pack. Knows nothing of packs or of layouts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from repoask.context.pack.types import PackFile
from repoask.ingest.git import Git
from repoask.ingest.languages import language_of
from repoask.ingest.reader import read_document
from repoask.ingest.types import Document, Selection
from repoask.ingest.walker import Walker

__all__ = ["History", "Step", "read_history"]

# What is read is measured, never shown: secrets stay in, which saves scanning hundreds of versions.
_SELECTION = Selection(allow_secrets=True)
_REPOMIX_COMMITS = "100"


@dataclass(frozen=True, slots=True)
class Step:
    """A commit.

    Attributes:
        files: All that are packed, by path, in path order.
        churn: How often each path changed in the last 100 commits, counted as repomix 1.x does.
    """

    commit: str
    files: Mapping[str, PackFile]
    churn: Mapping[str, int]


@dataclass(slots=True)
class History:
    """The commits of a repository's first-parent line, oldest first, and the texts of their files by `content`."""

    name: str
    commits: list[str]
    changes: list[dict[str, str | None]]  # path -> blob id, or None where it went; of the first commit, all of it
    churn: list[dict[str, int]]
    texts: dict[str, str] = field(default_factory=dict)

    def steps(self) -> Iterator[Step]:
        """One commit after the other."""
        files: dict[str, PackFile] = {}
        for commit, changes, churn in zip(self.commits, self.changes, self.churn, strict=True):
            for path, blob_id in changes.items():
                content = f"{blob_id}.{language_of(path) or 'plain'}"
                if blob_id is not None and content in self.texts:
                    files[path] = PackFile(path, content)
                else:
                    files.pop(path, None)
            yield Step(commit, dict(sorted(files.items())), churn)

    def text(self, file: PackFile) -> str:
        """As `TextReader` has it."""
        return self.texts[file.content]


def read_history(git_dir: Path, *, num_commits: int) -> History:
    """Reads the last commits of `HEAD`'s first-parent line, and one before them to start from."""
    git = Git(git_dir, work_tree=None)
    log = git.run("rev-list", "--first-parent", "-n", str(num_commits + 1), "HEAD").decode()
    commits = log.split()[::-1]
    changes = [_tree(git, commits[0])]
    changes += [_difference(git, old, new) for old, new in pairwise(commits)]
    folder = git_dir.parent if git_dir.name in {".git", "repo"} else git_dir
    history = History(folder.name, commits, changes, [_churn(git, commit) for commit in commits])
    history.texts = _texts(git, changes)
    return history


def _tree(git: Git, commit: str) -> dict[str, str | None]:
    listing = git.run("ls-tree", "-r", "-z", "--full-tree", commit)
    entries = (record.split("\t", 1) for record in _records(listing))
    return {path: meta.split()[2] for meta, path in entries if meta.startswith("100")}


def _difference(git: Git, old: str, new: str) -> dict[str, str | None]:
    records = _records(git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new))
    changes: dict[str, str | None] = {}
    for meta, path in zip(records[::2], records[1::2], strict=True):
        _, mode, _, blob_id, _ = meta.split()
        changes[path] = blob_id if mode.startswith("100") else None
    return changes


def _churn(git: Git, commit: str) -> dict[str, int]:
    names = git.run("log", "--pretty=format:", "--name-only", "-z", "-n", _REPOMIX_COMMITS, commit)
    counts: dict[str, int] = {}
    for path in _records(names.replace(b"\n", b"")):
        counts[path] = counts.get(path, 0) + 1
    return counts


def _texts(git: Git, changes: list[dict[str, str | None]]) -> dict[str, str]:
    walker = Walker(_SELECTION, ignore_files={})
    paths: dict[str, dict[str, str]] = {}  # blob -> language -> a path
    for change in changes:
        for path, blob_id in change.items():
            if blob_id is not None and walker.reason(path, size=-1) is None:
                paths.setdefault(blob_id, {}).setdefault(language_of(path) or "plain", path)
    texts: dict[str, str] = {}
    for blob_id, data in git.read_blobs(paths):
        if len(data) > _SELECTION.max_file_bytes:
            continue
        for language, path in paths[blob_id].items():
            document = read_document(path, data, selection=_SELECTION)
            if isinstance(document, Document):
                texts[f"{blob_id}.{language}"] = document.text
    return texts


def _records(output: bytes) -> list[str]:
    return [record.decode("utf-8", "surrogateescape") for record in output.split(b"\0") if record]
