"""Parses and cuts texts, in worker processes when there is much to do. Knows nothing of files, keys or stores.

What the workers import is imported here, and nothing else: no LanceDB, no Arrow, no git.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType

from ...ingest.symbols import parse
from ...ingest.types import Syntax
from ..types import FileRecord
from .chunker import chunk
from .flat_records import FlatRecords, flatten

__all__ = ["Parser", "Work", "parse_work", "parse_works"]

_MIN_FILES, _MIN_BYTES = 150, 1_500_000  # below both a pool's start (0.4 s) costs more than it saves
_MAX_WORKERS = 4  # each takes about 90 MB
_IN_FLIGHT = 2  # batches for each worker: one at work, one waiting


@dataclass(frozen=True, slots=True)
class Work:
    """A text to be parsed, on its way to a worker. `key` is handed back with its record."""

    key: str
    blob_id: str
    language: str
    size: int
    text: str
    withheld: int


def parse_work(work: Work, *, plain: bool = False) -> FileRecord:
    """The record of one text. `plain` cuts at lines and leaves the grammar alone."""
    syntax = Syntax(ok=False) if plain else parse(work.text, work.language)
    return FileRecord(
        blob_id=work.blob_id,
        language=work.language,
        omission=None,
        size=work.size,
        lines=work.text.count("\n") + bool(work.text) - work.text.endswith("\n"),
        chunks=chunk(work.text, syntax),
        definitions=syntax.definitions,
        references=syntax.references,
        imports=syntax.imports,
        parsed=syntax.ok,
        withheld=work.withheld,
    )


def parse_works(works: Sequence[Work]) -> FlatRecords:
    """The records of a batch."""
    return flatten([parse_work(work) for work in works])


class Parser:
    """Parses batches in order, in this process or, for much work, in as many as there are cores.

    A grammar that crashes takes its worker along, not this process: the batch is tried again in halves, and the file
    that crashed it falls back to lines.
    """

    def __init__(self, *, num_files: int, num_bytes: int) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._num_workers = min(cores, _MAX_WORKERS) if num_files > _MIN_FILES and num_bytes > _MIN_BYTES else 0
        self._pool = self._start() if self._num_workers else None

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

    def _start(self) -> ProcessPoolExecutor:
        # spawn: a fork of a process with LanceDB's threads may hang
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._num_workers, mp_context=context, initializer=_settle_worker)

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
            self._pool = self._start()


_Running = tuple[ProcessPoolExecutor, "Future[FlatRecords]"]


def _settle_worker() -> None:
    """Leaves Ctrl-C to the parent and dies with it, also when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
