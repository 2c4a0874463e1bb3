"""Parses and cuts texts, in worker processes when there is much to do. Knows nothing of files, keys or stores.

What the workers import is imported here, and nothing else: no LanceDB, no Arrow, no git.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from types import TracebackType

from ...ingest.symbols.parser import parse
from ...ingest.types import Syntax
from .. import terms
from ..types import Chunk, FileRecord
from .chunker import chunk
from .flat_records import FlatRecords, flatten
from .workers import available_cores, start_workers

__all__ = ["Parser", "Work", "parse_work", "parse_works"]

_MIN_FILES, _MIN_BYTES = 150, 3_000_000  # below either, starting workers (0.4 s each) costs what they save
_MAX_WORKERS = 3  # each takes about 95 MB, and reading keeps a core of its own busy
_IN_FLIGHT = 2  # batches for each worker: one at work, one waiting


@dataclass(frozen=True, slots=True)
class Work:
    """A text to be parsed, on its way to a worker. `key` is handed back with its record.

    Where lines of the text are withheld, `shape` is what the grammar sees in its place, line for line.
    """

    key: str
    blob_id: str
    language: str
    size: int
    text: str
    withheld: int
    shape: str | None = None


def parse_work(work: Work, *, plain: bool = False) -> FileRecord:
    """The record of one text. `plain` cuts at lines and leaves the grammar alone."""
    syntax = Syntax(ok=False) if plain else parse(work.shape or work.text, work.language)
    return FileRecord(
        blob_id=work.blob_id,
        language=work.language,
        omission=None,
        size=work.size,
        lines=work.text.count("\n") + bool(work.text) - work.text.endswith("\n"),
        chunks=tuple(map(_with_terms, chunk(work.text, syntax))),
        definitions=syntax.definitions,
        references=syntax.references,
        imports=syntax.imports,
        parsed=syntax.ok,
        withheld=work.withheld,
    )


def _with_terms(cut: Chunk) -> Chunk:
    found, counts = terms.count(cut.text)
    return replace(cut, terms=found, counts=counts)


def parse_works(works: Sequence[Work]) -> FlatRecords:
    """The records of a batch."""
    return flatten([parse_work(work) for work in works])


class Parser:
    """Parses batches in order, in this process or, for much work, in as many as there are cores.

    A grammar that crashes takes its worker along, not this process: the batch is tried again in halves, and the file
    that crashed it falls back to lines.
    """

    def __init__(self, *, num_files: int, num_bytes: int) -> None:
        is_small = num_files <= _MIN_FILES or num_bytes <= _MIN_BYTES
        self._num_workers = 0 if is_small else min(available_cores(), _MAX_WORKERS)
        self._pool = start_workers(self._num_workers) if self._num_workers else None

    def __enter__(self) -> "Parser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def parse(self, batches: Iterable[Sequence[Work]]) -> Iterator[tuple[Sequence[Work], FlatRecords]]:
        """Each batch and its records. Only a few batches are taken ahead, so that memory stays bounded."""
        if self._pool is None:
            yield from ((batch, parse_works(batch)) for batch in batches)
            return
        waiting: deque[tuple[Sequence[Work], _Running]] = deque()
        for batch in batches:
            waiting.append((batch, self._submit(batch)))
            if len(waiting) > self._num_workers * _IN_FLIGHT:
                yield from self._results(*waiting.popleft())
        while waiting:
            yield from self._results(*waiting.popleft())

    def _submit(self, batch: Sequence[Work]) -> "_Running":
        assert self._pool is not None
        try:
            return self._pool, self._pool.submit(parse_works, batch)
        except BrokenProcessPool as error:
            failed: Future[FlatRecords] = Future()
            failed.set_exception(error)
            return self._pool, failed

    def _results(self, batch: Sequence[Work], running: "_Running") -> Iterator[tuple[Sequence[Work], FlatRecords]]:
        pool, future = running
        try:
            yield batch, future.result()
        except BrokenProcessPool:
            self._replace(pool)
            yield from self._again(batch)

    def _again(self, batch: Sequence[Work]) -> Iterator[tuple[Sequence[Work], FlatRecords]]:
        pool, future = self._submit(batch)
        try:
            yield batch, future.result()
        except BrokenProcessPool:
            self._replace(pool)
            if len(batch) == 1:
                yield batch, flatten([parse_work(batch[0], plain=True)])
                return
            half = len(batch) // 2
            yield from self._again(batch[:half])
            yield from self._again(batch[half:])

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._pool is broken:  # the other batches of a broken pool find it replaced already
            broken.shutdown(cancel_futures=True)
            self._pool = start_workers(self._num_workers)


_Running = tuple[ProcessPoolExecutor, "Future[FlatRecords]"]
