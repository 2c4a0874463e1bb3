"""The GPUs that a plan may name, from `gpus.json`, and how many of them. Knows no model."""

import difflib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...errors import InputError

__all__ = ["Gpu", "Machine", "find_gpu", "known_gpus", "read_machine"]

_COUNT_FIRST = re.compile(r"(\d{1,9})\s*[x*]\s*(.+)", re.IGNORECASE)
_COUNT_LAST = re.compile(r"(.+?)\s*[x*]\s*(\d{1,9})", re.IGNORECASE)
_MAX_COUNT = 1024
_NOISE = re.compile(r"^(nvidia|geforce|amd|instinct)+|sxm\d?")


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of GPU, as its vendor sells it.

    Attributes:
        name: By which plans name it.
        title: In full.
        aliases: Other names for it.
        memory_gb: 10^9 bytes.
        bandwidth_gb_s: Of its memory.
        bf16_tflops: Dense.
        fp8_tflops: Dense; None where the chip has no FP8 units.
        host_gb_s: Of its link to host memory, one way.
        per_node: So many share one machine's fast links.
        date: Of the source.
        source: Where the numbers are from; of `host_gb_s` it is the note of `gpus.json`.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    memory_gb: float
    bandwidth_gb_s: float
    bf16_tflops: float
    fp8_tflops: float | None
    host_gb_s: float
    per_node: int
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Machine:
    """So many GPUs of one kind."""

    gpu: Gpu
    count: int

    def __str__(self) -> str:
        return f"{self.count} x {self.gpu.name}"

    @property
    def memory_bytes(self) -> int:
        """Of all of them."""
        return round(self.count * self.gpu.memory_gb * 1e9)


@cache
def known_gpus() -> tuple[Gpu, ...]:
    """Every GPU of `gpus.json`."""
    rows = json.loads(Path(__file__).with_name("gpus.json").read_text(encoding="utf-8"))["gpus"]
    return tuple(Gpu(**{**row, "aliases": tuple(row["aliases"])}) for row in rows)


def find_gpu(name: str) -> Gpu:
    """The GPU of a name, however it is spelt: `h100`, `NVIDIA H100`, `rtx-4090`.

    Raises:
        InputError: None of this name; the nearest are said.
    """
    named = {_plain(each): gpu for gpu in known_gpus() for each in (gpu.name, *gpu.aliases)}
    if gpu := named.get(_plain(name)):
        return gpu
    near = difflib.get_close_matches(_plain(name), named, n=1, cutoff=0.5)
    hint = f"did you mean {named[near[0]].name}? " if near else ""
    raise InputError(f"{name[:60]}: no GPU that is known; {hint}known: {', '.join(gpu.name for gpu in known_gpus())}")


def read_machine(text: str) -> Machine:
    """The GPUs that `8xH100`, `H100x8` or `H100` says.

    Raises:
        InputError: An unknown GPU, or a count out of range.
    """
    text = text.strip()
    if first := _COUNT_FIRST.fullmatch(text):
        count, name = first[1], first[2]
    elif (last := _COUNT_LAST.fullmatch(text)) and not _is_known(text):
        name, count = last[1], last[2]
    else:
        count, name = "1", text
    if not 1 <= int(count) <= _MAX_COUNT:
        raise InputError(f"{text[:60]}: from 1 to {_MAX_COUNT:,} GPUs can be planned for")
    return Machine(find_gpu(name), int(count))


def _is_known(name: str) -> bool:
    return any(_plain(name) == _plain(each) for gpu in known_gpus() for each in (gpu.name, *gpu.aliases))


def _plain(name: str) -> str:
    return _NOISE.sub("", re.sub(r"[\s_-]+", "", name.lower()))
