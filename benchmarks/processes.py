"""Runs a command and watches its memory: the peak over its whole process tree, sampled. Knows nothing of commands."""

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Run", "run"]

_SAMPLE_S = 0.01


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ended.

    Attributes:
        code: Its exit code.
        seconds: From start to end.
        cpu: Seconds of processor time of the whole process tree.
        rss, pss: Peak bytes of the tree: shared pages counted once a process, or divided. 0 where it was not watched.
        stdout: What it wrote.
    """

    code: int
    seconds: float
    cpu: float
    rss: int
    pss: int
    stdout: bytes


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    watch: bool = False,
) -> Run:
    """Runs a command to its end; leaves this program, with its errors, when it fails (exit code over 1)."""
    cpu_before = _children_cpu()
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=folder)
    peak = [0, 0]
    watcher = threading.Thread(target=_watch, args=(process, peak)) if watch else None
    if watcher:
        watcher.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - started
    if watcher:
        watcher.join()
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{err.decode(errors='replace')}")
    return Run(process.returncode, seconds, _children_cpu() - cpu_before, *peak, out)


def _children_cpu() -> float:
    """Of all processes that ended below this one. Each waits for its own, so none is missed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    while process.poll() is None:
        try:
            rss, pss = _tree_memory(psutil.Process(process.pid))
        except psutil.Error:
            return
        peak[0], peak[1] = max(peak[0], rss), max(peak[1], pss)
        time.sleep(_SAMPLE_S)


def _tree_memory(process: psutil.Process) -> tuple[int, int]:
    rss = pss = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            info = one.memory_full_info() if sys.platform == "linux" else one.memory_info()
        except psutil.Error:
            continue
        rss += info.rss
        pss += getattr(info, "pss", info.rss)
    return rss, pss
