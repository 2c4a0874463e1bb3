"""How a server keeps its KV across restarts: in files, and in host memory, through which all that is loaded goes.

Decides how much of each, and writes vLLM's flag. Knows nothing of what the files hold: that runs inside the server
(`plugin/repoask_vllm/kv`).
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ....errors import InputError
from ...planning.quantities import bytes_text
from ...planning.serving import Serving

__all__ = ["KvKeeping", "adapters_in", "keep_kv"]

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - nothing is made there
_DISK_BYTES = 50_000_000_000
# Of the whole disk, not of what is free: what is kept shall not shrink the limit at the next start.
_DISK_SHARE = 0.1
# Of the memory that the server leaves free: the machine is not the server's alone.
_MEMORY_SHARE = 0.5
_SHARED_MEMORY_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class KvKeeping:
    """Where a server keeps KV, and how much.

    Attributes:
        folder: Of the files of all models.
        disk_bytes: Of all files together.
        memory_bytes: Of the host.
        chunk_tokens: KV is stored and loaded in chunks of so many.
        adapters: Folders of the LoRA adapters that questions may name.
        restorable_tokens: No longer prefix is loaded.
        max_model_len: Tokens of the longest prompt with its answer.
    """

    folder: Path
    disk_bytes: int
    memory_bytes: int
    chunk_tokens: int
    adapters: tuple[str, ...]
    restorable_tokens: int
    max_model_len: int

    @property
    def flags(self) -> tuple[str, str]:
        """For vLLM, as `repoask_vllm.kv.connector` has them."""
        tier = {
            "type": "DiskTier",
            "module_path": "repoask_vllm.kv.disk_tier",
            "root_dir": str(self.folder),
            "limit_bytes": self.disk_bytes,
        }
        connector = {
            "kv_connector": "KvConnector",
            "kv_connector_module_path": "repoask_vllm.kv.connector",
            "kv_role": "kv_both",
            "kv_load_failure_policy": "recompute",
            "kv_connector_extra_config": {
                "spec_name": "KvSpec",
                "spec_module_path": "repoask_vllm.kv.spec",
                "block_size": self.chunk_tokens,
                "cpu_bytes_to_use": self.memory_bytes,
                "adapters": list(self.adapters),
                "secondary_tiers": [tier],
            },
        }
        return "--kv-transfer-config", json.dumps(connector, separators=(",", ":"))

    def __str__(self) -> str:
        kept = (
            f"KV is kept across restarts in {self.folder}, at most {bytes_text(self.disk_bytes)} (--kv-disk), through "
            f"{bytes_text(self.memory_bytes)} of memory (--kv-memory)"
        )
        if self.restorable_tokens >= self.max_model_len // self.chunk_tokens * self.chunk_tokens:
            return kept
        return (
            f"{kept}, which has room for the first {self.restorable_tokens:,} tokens of a prompt: the rest is read anew"
        )


def keep_kv(
    serving: Serving,
    *,
    folder: Path,
    disk_bytes: int | None,
    memory_bytes: int | None,
    free_bytes: int,
    adapters: Sequence[str] = (),
) -> KvKeeping | None:
    """How a server keeps its KV; None where it shall not, or where the machine has too little for it.

    Args:
        serving: How it is started.
        folder: For the files; made where it is not there.
        disk_bytes: Of all files together, 0 for none; None for 50 GB, or a tenth of a disk under 500 GB.
        memory_bytes: Of the host; None for the longest prompt, but at most half of what the server leaves free.
        free_bytes: Of the host's memory.
        adapters: Folders of the LoRA adapters that questions may name.

    Raises:
        InputError: What was asked for does not hold one chunk, or is not there, or the folder cannot be made.
    """
    if disk_bytes == 0:
        return None
    chunk_bytes = serving.chunk_tokens * serving.kept_token_bytes
    longest = max(1, serving.max_model_len // serving.chunk_tokens)
    room = _memory_room(max(0, free_bytes - serving.host_bytes))
    memory = min(longest * chunk_bytes, room) if memory_bytes is None else memory_bytes
    disk = _default_disk(folder) if disk_bytes is None else disk_bytes
    for flag, asked, given in (("--kv-memory", memory_bytes, memory), ("--kv-disk", disk_bytes, disk)):
        if given < chunk_bytes:
            if asked is None:
                return None
            raise InputError(
                f"{flag} {bytes_text(given)}: a chunk of {serving.chunk_tokens:,} tokens takes "
                f"{bytes_text(chunk_bytes)}; give more, or keep no KV with --kv-disk 0"
            )
    if memory_bytes is not None and memory_bytes > (left := shutil.disk_usage(_SHARED_MEMORY).free):
        raise InputError(
            f"--kv-memory {bytes_text(memory_bytes)}: {_SHARED_MEMORY} has {bytes_text(left)} left; give less, or more "
            "to it (docker run --shm-size)"
        )
    _make(folder)
    return KvKeeping(
        folder=folder,
        disk_bytes=disk,
        memory_bytes=memory,
        chunk_tokens=serving.chunk_tokens,
        adapters=tuple(adapters),
        restorable_tokens=memory // chunk_bytes * serving.chunk_tokens,
        max_model_len=serving.max_model_len,
    )


def adapters_in(flags: Sequence[str]) -> Iterator[str]:
    """The folders of the adapters that vLLM's flags name: `--lora-modules NAME=FOLDER ...`, or as JSON."""
    is_module = False
    for word in flags:
        if word.startswith("--"):
            name, _, word = word.partition("=")
            is_module = name == "--lora-modules"
        if is_module and word:
            path = word.partition("=")[2]
            with suppress(ValueError, TypeError, KeyError):
                path = json.loads(word)["path"]
            if path and Path(path).is_dir():
                yield path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(
            f"--kv-dir {folder}: cannot be made ({error.strerror}); name another, or keep no KV with --kv-disk 0"
        ) from error


def _memory_room(spare_bytes: int) -> int:
    shared = shutil.disk_usage(_SHARED_MEMORY).free if _SHARED_MEMORY.is_dir() else 0
    return int(min(spare_bytes * _MEMORY_SHARE, shared * _SHARED_MEMORY_SHARE))


def _default_disk(folder: Path) -> int:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return min(_DISK_BYTES, int(shutil.disk_usage(there).total * _DISK_SHARE))
