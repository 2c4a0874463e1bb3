"""Starts worker processes that leave Ctrl-C to their parent and die with it. Knows nothing of their work."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import ParamSpec, TypeVar

from ..garbage import settle_collections

__all__ = ["available_cores", "start_workers"]

_Words = ParamSpec("_Words")
_Result = TypeVar("_Result")

# What it says when this process was killed. The semaphores are gone by then, and the user has no use for the word.
_TRACKERS_WARNING = "ignore:resource_tracker"


def start_workers(number: int) -> ProcessPoolExecutor:
    """A pool of fresh processes, started when first used."""
    with _ctrl_c_later():
        # its own start lets signals through again, so it must not be part of a worker's
        with _quiet_tracker():
            resource_tracker.ensure_running()
        return _Pool(number, mp_context=_Context(), initializer=_settle)


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container or a job scheduler may give fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Pool(ProcessPoolExecutor):
    """Starts its processes and its thread whole: one half started can be neither stopped nor waited for."""

    def submit(self, fn: Callable[_Words, _Result], /, *args: _Words.args, **kwargs: _Words.kwargs) -> Future[_Result]:
        with _ctrl_c_later():
            return super().submit(fn, *args, **kwargs)


class _Process(SpawnProcess):
    """Never sees a Ctrl-C, not even while it starts: it would print a traceback of its own."""

    def start(self) -> None:
        with _ctrl_c_blocked():
            super().start()


class _Context(SpawnContext):
    """Starts fresh processes: a fork of a process with LanceDB's threads may hang."""

    Process = _Process


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Has a Ctrl-C wait until the block ends, whichever thread the system hands it to."""
    handler = signal.getsignal(signal.SIGINT)
    # Python handles signals in the main thread, so nothing interrupts another; and only that one may set a handler
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            handler(signal.SIGINT, None)


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Processes started in the block never get a Ctrl-C. This one may: it has other threads to take it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _quiet_tracker() -> Iterator[None]:
    sys.warnoptions.append(_TRACKERS_WARNING)  # handed on to what multiprocessing starts
    try:
        yield
    finally:
        sys.warnoptions.remove(_TRACKERS_WARNING)


def _settle() -> None:
    settle_collections()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)  # the parent was killed: nobody waits for this work, and the queue would never end

    threading.Thread(target=follow, daemon=True).start()
