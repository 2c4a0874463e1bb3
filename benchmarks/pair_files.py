"""Reads the pairs of prose and code of repositories into files, one a repository, and those files.

A repository is read as repoask reads it, by a git that runs nothing of it. What cannot be read costs no more than
itself: an object that a partial clone lacks, its file or the rest of the log; a repository, its pairs. Knows nothing of
vocabularies or vectors.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import IO

from commit_pairs import LOG, pairs_of_log
from prose_pairs import COMMENTED, Pair, pairs_of_text
from repoask.errors import RepoaskError
from repoask.ingest.git import Git
from repoask.ingest.languages import language_of
from repoask.ingest.listing import git_for, resolve_commit
from repoask.ingest.snapshot import read_entries, take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection, SourceKind

__all__ = ["RepositoryPairs", "read_repositories"]

_VERSION = "# repoask pairs 1"  # raise it when the same repository gives other pairs
_COMMENT, _COMMIT = "comment", "commit"
_MOST_FILES = 2_500
_SELECTION = Selection(max_file_bytes=300_000)
_WORKERS = 2
_MOST_LINE_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class RepositoryPairs:
    """What was read of a repository.

    Attributes:
        comments: Of its files at `HEAD`.
        commits: Of its last 4,000 commits.
    """

    name: str
    comments: Sequence[Pair]
    commits: Sequence[Pair]


def read_repositories(repositories: Sequence[Path], folder: Path) -> list[RepositoryPairs]:
    """Reads repositories, in two processes, and keeps what was read in a folder.

    A repository whose `HEAD` is that of the kept file is not read again. One that cannot be read is told and left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:  # a fork would copy numpy's threads
        files = list(pool.map(partial(_read_repository, folder=folder), repositories))
    return [_parse(_name_of(repository), file) for repository, file in zip(repositories, files, strict=True) if file]


def _name_of(repository: Path) -> str:
    """What a repository is called: its folder, or the one above where that says only that it is a repository."""
    path = repository.resolve()
    return path.parent.name if path.name in {".git", "repo"} else path.name


def _read_repository(repository: Path, *, folder: Path) -> Path | None:
    place = blake2b(str(repository.resolve()).encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    file = folder / f"{_name_of(repository)}-{place}.txt"
    try:
        source = open_source(repository, clones=folder / "clones", offline=True)
        if source.kind is SourceKind.FOLDER:
            print(f"{repository}: no git repository; left out", file=sys.stderr)
            return None
        git = git_for(source)
        title = f"{_VERSION} {resolve_commit(git, source, 'HEAD')}"
        if _title(file) != title:
            snapshot = take_snapshot(source, revision="HEAD", selection=_SELECTION)
            wanted = [entry for entry in snapshot.entries if language_of(entry.path) in COMMENTED]
            Random(1).shuffle(wanted)
            texts = read_entries(snapshot, wanted[:_MOST_FILES])
            comments = [
                pair
                for entry, data in sorted(texts, key=lambda read: read[0].path)
                for pair in pairs_of_text(data.decode("utf-8", "replace"), language_of(entry.path))
            ]
            _write(file, title, comments, _commits(git))
    except RepoaskError as error:
        print(f"{error}; left out", file=sys.stderr)
        return None
    return file


def _commits(git: Git) -> Iterator[Pair]:
    with git.start(*LOG) as running:
        running.ignore_complaints()
        yield from pairs_of_log(_lines(running.stdout))


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, long ones cut."""
    while line := stream.readline(_MOST_LINE_BYTES):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_MOST_LINE_BYTES)


def _title(file: Path) -> str:
    if not file.exists():
        return ""
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\n")


def _write(file: Path, title: str, comments: Iterable[Pair], commits: Iterable[Pair]) -> None:
    """Writes a line a pair, at once: its kind, what is said and the code, by tabs."""
    scratch = file.with_suffix(".part")
    with scratch.open("w", encoding="utf-8", errors="replace") as out:
        out.write(f"{title}\n")
        for kind, pairs in ((_COMMENT, comments), (_COMMIT, commits)):
            out.writelines(f"{kind}\t{' '.join(pair.said)}\t{' '.join(pair.code)}\n" for pair in pairs)
    scratch.replace(file)


def _parse(name: str, file: Path) -> RepositoryPairs:
    read: dict[str, list[Pair]] = {_COMMENT: [], _COMMIT: []}
    with file.open(encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            kind, said, code = line.rstrip("\n").split("\t")
            # hundreds of thousands of pairs are made of some hundred thousand words: each is kept once
            read[kind].append(Pair(tuple(map(sys.intern, said.split(" "))), tuple(map(sys.intern, code.split(" ")))))
    return RepositoryPairs(name, read[_COMMENT], read[_COMMIT])
