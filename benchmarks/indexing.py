"""What indexing a repository from nothing costs: peak memory, seconds, and seconds of reading and parsing alone.

Knows nothing of questions, but for the one that makes the command line index.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from processes import run
from repoask.context.garbage import fewer_collections
from repoask.context.index.index import open_view
from repoask.context.index.keys import index_transform
from repoask.context.index.parsing import Parser, Work
from repoask.context.index.reading import read_works
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection, Snapshot

__all__ = ["IndexingCost", "measure_indexing"]

_BATCH_BYTES, _BATCH_FILES = 500_000, 200  # as the indexer hands work out
_TINY = "a.py"


@dataclass(frozen=True, slots=True)
class IndexingCost:
    """Of one repository.

    Attributes:
        repository: Its folder's name.
        num_files, num_bytes: What was indexed.
        index_s: Making the index from nothing, in this process and its workers.
        parse_s: Parsing and cutting the same texts with the same workers, and nothing else.
        cold_s: One question of the command line with no index, process start to exit.
        rss, pss: Peak bytes of the process tree meanwhile; shared pages counted once a process, or divided.
    """

    repository: str
    num_files: int
    num_bytes: int
    index_s: float
    parse_s: float
    cold_s: float
    rss: int
    pss: int


def measure_indexing(repository: Path) -> IndexingCost:
    """Indexes a repository in temporary folders, alone and by the command line."""
    with tempfile.TemporaryDirectory(prefix="repoask-benchmark-") as scratch:
        work = Path(scratch)
        cache = work / "command-line"
        _compile_rules(work / "tiny", cache)
        cold = run(_command(repository, cache), watch=True)
        snapshot = take_snapshot(open_source(str(repository), clones=work / "clones"))
        index_s = _index(snapshot, work)
        return IndexingCost(
            repository=repository.resolve().name,
            num_files=len(snapshot.entries),
            num_bytes=sum(entry.size for entry in snapshot.entries),
            index_s=index_s,
            parse_s=_parse(snapshot),
            cold_s=cold.seconds,
            rss=cold.rss,
            pss=cold.pss,
        )


def _command(repository: Path, cache: Path) -> list[str | Path]:
    question = "where are errors turned into messages for the user?"
    return [sys.executable, "-m", "repoask", "search", repository, question, "--index-dir", cache]


def _compile_rules(folder: Path, cache: Path) -> None:
    """An installation's first question compiles the secret rules; that belongs to no repository's figure."""
    folder.mkdir()
    (folder / _TINY).write_text("token = 'q7Zk2mX9vB4nR8sT1wY6uE3oP5aD0fG'\n", encoding="utf-8")
    run(_command(folder, cache))


def _index(snapshot: Snapshot, work: Path) -> float:
    folder = work / "index"
    folder.mkdir()
    started = time.perf_counter()
    open_view(snapshot, folder=folder, selection=Selection())
    return time.perf_counter() - started


def _parse(snapshot: Snapshot) -> float:
    batches = _batches(snapshot)
    works = [work for batch in batches for work in batch]
    num_bytes = sum(work.size for work in works)
    started = time.perf_counter()
    with fewer_collections(), Parser(num_files=len(works), num_bytes=num_bytes) as parser:
        for _ in parser.parse(batches):
            pass
    return time.perf_counter() - started


def _batches(snapshot: Snapshot) -> list[list[Work]]:
    """All texts, read: what follows is parsing alone."""
    selection = Selection()
    read = read_works(snapshot, snapshot.entries, selection=selection, transform=index_transform(selection))
    batches: list[list[Work]] = [[]]
    size = 0
    for work in read:
        if not isinstance(work, Work):
            continue
        batches[-1].append(work)
        size += len(work.text)
        if size >= _BATCH_BYTES or len(batches[-1]) >= _BATCH_FILES:
            batches.append([])
            size = 0
    return batches
