"""What this machine has to serve a model with: memory that is free, and GPUs. Knows no model."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ....errors import InputError
from ...planning.gpus import Gpu, Machine, find_gpu

__all__ = ["free_memory", "installed_gpus", "read_gpus"]

_MEMORY = Path("/proc/meminfo")
_CONTROL_GROUP = Path("/sys/fs/cgroup")
_QUERY = ("--query-gpu=name", "--format=csv,noheader")
_TIMEOUT_S = 30.0


def free_memory() -> int:
    """Bytes of this machine's memory, or of what a container may use of it, that are free."""
    return min(_limits(), default=0)


def installed_gpus() -> Machine | None:
    """The GPUs that NVIDIA's driver lists; None where there are none.

    Raises:
        InputError: They are of a kind that no plan knows.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        listed = subprocess.run([program, *_QUERY], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603 - the driver's own program
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_gpus(listed.stdout) if listed.returncode == 0 else None


def read_gpus(listed: str) -> Machine | None:
    """The GPUs of a list, a name a line; those of the first one's kind, since a model is spread over equal ones.

    Raises:
        InputError: As `installed_gpus`.
    """
    names = [line.strip() for line in listed.splitlines() if line.strip()]
    return Machine(_known(names[0]), names.count(names[0])) if names else None


def _known(name: str) -> Gpu:
    # the driver adds memory and its kind: "NVIDIA H100 80GB HBM3"
    words = name.split()
    for end in range(len(words), 0, -1):
        try:
            return find_gpu(" ".join(words[:end]))
        except InputError:
            continue
    raise InputError(f"{name[:60]}: no GPU that is known; name the nearest that is with --gpus, as 2xL40S")


def _limits() -> Iterator[int]:
    try:
        for line in _MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) * 1024
        limit, used = (
            int((_CONTROL_GROUP / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current")
        )
        yield max(0, limit - used + _reclaimable())
    except (OSError, ValueError):  # no control group, or one without a limit ("max")
        return


def _reclaimable() -> int:
    """What files that were read take of a control group's memory, until something else needs it."""
    for line in (_CONTROL_GROUP / "memory.stat").read_text(encoding="ascii").splitlines():
        if line.startswith("inactive_file "):
            return int(line.split()[1])
    return 0
