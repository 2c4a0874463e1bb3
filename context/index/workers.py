"""Starts worker processes that leave Ctrl-C to their parent and die with it. Knows nothing of their work."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor

__all__ = ["available_cores", "start_workers"]


def start_workers(number: int) -> ProcessPoolExecutor:
    """A pool of fresh processes, started when first used."""
    # spawn: a fork of a process with LanceDB's threads may hang
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(number, mp_context=context, initializer=_settle)


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container or a job scheduler may give fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _settle() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)  # the parent was killed: nobody waits for this work, and the queue would never end

    threading.Thread(target=follow, daemon=True).start()
