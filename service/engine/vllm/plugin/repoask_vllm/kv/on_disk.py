"""How much of a prompt's KV is on the disk, for who is not the engine: the API server's process, a forecast, a test.

The engine notes under its id where its KV lies (`announce`), before it takes its first question; who has its
configuration finds that (`kv_on_disk`) and asks. vLLM's id of an engine is `vllm_config.kv_transfer_config.engine_id`,
and the folder is `kv_connector_extra_config["secondary_tiers"][0]["root_dir"]`; both are None or missing where no KV is
kept. Knows nothing of tokens: a block's hash is vLLM's (`vllm.v1.core.kv_cache_utils.hash_block_tokens`).
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .folder import chunk_path
from .ledger import Ledger

__all__ = ["KvOnDisk", "announce", "kv_on_disk"]

_FOLDER = "running"
_GROUP_BYTES = 4


@dataclass(frozen=True, slots=True)
class KvOnDisk:
    """Where the KV of a running engine lies, and in what pieces.

    Attributes:
        namespace: The folder.
        block_tokens: Tokens of a block that has a hash.
        chunk_blocks: Blocks of a chunk, which is one file for each group.
        prefix_groups: KV groups of which a prefix needs every chunk.
        window_groups: KV groups of which it needs the last chunks alone, each with how many.
        most_tokens: No longer prefix is loaded: the host's memory has no room for it.
    """

    namespace: str
    block_tokens: int
    chunk_blocks: int
    prefix_groups: tuple[int, ...]
    window_groups: tuple[tuple[int, int], ...]
    most_tokens: int

    def on_disk(self, block_hashes: Sequence[bytes], *, held: int = 0) -> int:
        """How many of a prompt's leading blocks there are with what comes back: whole chunks, at most what has room.

        Args:
            block_hashes: Of the prompt, without a block that holds its last token, which is always computed.
            held: Leading blocks that the engine has: chunks of these are not looked for, and less than a chunk beyond
                them is not loaded.
        """
        most = min(len(block_hashes), self.most_tokens // self.block_tokens) // self.chunk_blocks
        hashes = [block_hashes[(chunk + 1) * self.chunk_blocks - 1] for chunk in range(most)]
        first = chunks = held // self.chunk_blocks
        while chunks < most and all(self._holds(hashes[chunks], group) for group in self.prefix_groups):
            chunks += 1
        while chunks > first and not self._has_windows(hashes[first:chunks]):
            chunks -= 1
        blocks = chunks * self.chunk_blocks
        return blocks if blocks - held >= self.chunk_blocks else held

    def _has_windows(self, hashes: Sequence[bytes]) -> bool:
        return all(self._holds(one, group) for group, many in self.window_groups for one in hashes[-many:])

    def _holds(self, block_hash: bytes, group: int) -> bool:
        return chunk_path(Path(self.namespace), block_hash + group.to_bytes(_GROUP_BYTES, "big")).exists()


@contextmanager
def announce(root: Path, engine_id: str, kv: KvOnDisk) -> Iterator[None]:
    """Tells other processes, for as long as it is entered, where an engine's KV lies.

    What engines that were killed have told is removed.

    Raises:
        OSError: The folder cannot be written.
    """
    file = root / _FOLDER / f"{engine_id}.json"
    with Ledger(root).opened():  # nobody removes a file before it is locked
        file.parent.mkdir(exist_ok=True, mode=0o700)
        for other in file.parent.iterdir():
            with suppress(OSError):
                _remove_unless_locked(other)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        os.pwrite(descriptor, json.dumps(asdict(kv)).encode("utf-8"), 0)
        yield
    finally:
        with suppress(OSError):
            file.unlink()
        os.close(descriptor)


def kv_on_disk(root: Path, engine_id: str) -> KvOnDisk | None:
    """Where a running engine's KV lies; None where it keeps none."""
    try:
        told = json.loads((root / _FOLDER / f"{engine_id}.json").read_bytes())
        windows = tuple((group, many) for group, many in told.pop("window_groups"))
        return KvOnDisk(prefix_groups=tuple(told.pop("prefix_groups")), window_groups=windows, **told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _remove_unless_locked(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink()
    finally:
        os.close(descriptor)
