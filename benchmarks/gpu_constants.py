"""What the planner takes for granted about a machine: how fast it multiplies, and brings KV to the GPU. Knows no model.

Its own constants stand in `repoask.service.planning.speed` and `gpus.json`.
"""

import mmap
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Constants", "measure_constants"]

_SIDE = 8_192
_COPY_BYTES = 1 << 30
_DISK_BYTES, _READ_BYTES, _READERS = 4 << 30, 16 << 20, 16  # as many readers as vLLM's file tier has
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Constants:
    """Of one machine, medians.

    Attributes:
        gpu: Its name.
        bf16_tflops: Of a product of two random matrices of 8,192 x 8,192.
        to_gpu_gb_s, to_host_gb_s: One GiB between pinned host memory and the GPU.
        disk_gb_s: Reading what does not lie in memory, from the folder's disk.
    """

    gpu: str
    bf16_tflops: float
    to_gpu_gb_s: float
    to_host_gb_s: float
    disk_gb_s: float

    def titled(self) -> Iterator[tuple[str, float]]:
        """Each figure with the words of a table's row."""
        yield f"{self.gpu}: bf16 matrix product, TFLOP/s", self.bf16_tflops
        yield "pinned host memory to GPU, GB/s", self.to_gpu_gb_s
        yield "GPU to pinned host memory, GB/s", self.to_host_gb_s
        yield "disk to host memory, GB/s", self.disk_gb_s


def measure_constants(folder: Path) -> Constants:
    """Measures this machine; `folder` lies on the disk in question, and 4 GiB of it are used."""
    import torch

    matrices = [torch.randn(_SIDE, _SIDE, device="cuda", dtype=torch.bfloat16) for _ in range(2)]
    product_s = _median_s(lambda: torch.mm(*matrices))
    host = torch.empty(_COPY_BYTES, dtype=torch.uint8, pin_memory=True)
    device = torch.empty(_COPY_BYTES, dtype=torch.uint8, device="cuda")
    return Constants(
        gpu=torch.cuda.get_device_name(),
        bf16_tflops=2 * _SIDE**3 / product_s / 1e12,
        to_gpu_gb_s=_COPY_BYTES / _median_s(lambda: device.copy_(host, non_blocking=True)) / 1e9,
        to_host_gb_s=_COPY_BYTES / _median_s(lambda: host.copy_(device, non_blocking=True)) / 1e9,
        disk_gb_s=_disk_bytes_s(folder) / 1e9,
    )


def _median_s(work: Callable[[], object]) -> float:
    import torch

    work()
    taken = []
    for _ in range(_ROUNDS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        taken.append(start.elapsed_time(end) / 1000)
    return statistics.median(taken)


def _disk_bytes_s(folder: Path) -> float:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(_DISK_BYTES // _READ_BYTES):
            file.write(os.urandom(_READ_BYTES))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        started = time.perf_counter()
        with ThreadPoolExecutor(_READERS) as readers:
            list(readers.map(lambda place: _read(file.name, place), range(0, _DISK_BYTES, _READ_BYTES)))
        return _DISK_BYTES / (time.perf_counter() - started)


def _read(name: str, place: int) -> None:
    """Past the page cache where the file system allows it, as vLLM's file tier does."""
    try:
        opened = os.open(name, os.O_RDONLY | os.O_DIRECT)
    except OSError:
        opened = os.open(name, os.O_RDONLY)
    try:
        with mmap.mmap(-1, _READ_BYTES) as aligned:
            os.preadv(opened, [aligned], place)
    finally:
        os.close(opened)
