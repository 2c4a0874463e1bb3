"""vLLM's tier behind host memory: a folder that survives the server. Knows nothing of what KV is.

Runs in the scheduler's process: files are read and written by threads, and a step of the scheduler waits for none of
them but to ask whether a file is there.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from vllm.logger import init_logger
from vllm.v1.kv_offload.base import LookupResult, Medium, OffloadKey, ReqContext, RequestOffloadingContext
from vllm.v1.kv_offload.tiering.backpressure import BackpressureDetector
from vllm.v1.kv_offload.tiering.base import JobResult, SecondaryTierManager, TransferJob

from .folder import KvFolder
from .kv_file import DamagedFileError
from .namespace import namespace_name, note_facts
from .on_disk import KvOnDisk, announce
from .spec import KvSpec

__all__ = ["DiskTier"]

# of vLLM's tree, so that its handlers write what is logged
_log = init_logger("vllm.repoask.kv")
_READERS = 8
# each waits for the disk to confirm
_WRITERS = 4


@dataclass(slots=True)
class _Job:
    keys: tuple[OffloadKey, ...]
    done: list[Future[bool]]
    begun: float = field(default_factory=time.monotonic)

    def result(self, job_id: int, *, is_load: bool, chunk_bytes: int) -> JobResult:
        moved = tuple(key for key, done in zip(self.keys, self.done, strict=False) if done.result())
        is_whole = len(moved) == len(self.keys) or not is_load
        return JobResult(
            job_id=job_id,
            success=is_whole,
            successful_keys=None if is_whole else moved or None,
            transfer_time=time.monotonic() - self.begun,
            transfer_bytes=len(moved) * chunk_bytes,
        )


class DiskTier(SecondaryTierManager):  # type: ignore[misc] # vLLM is not installed where types are checked
    """Files of KV. Whatever is wrong with them is a miss; what cannot be stored is not, and the server goes on."""

    medium: ClassVar[Medium] = Medium.STORAGE

    def __init__(
        self,
        offloading_spec: KvSpec,
        primary_kv_view: memoryview,
        tier_type: str,
        root_dir: str,
        limit_bytes: int,
        backpressure_detector: BackpressureDetector | None = None,
    ) -> None:
        """Finds the namespace's folder.

        Args:
            offloading_spec: As vLLM's tiers take it.
            primary_kv_view: Host memory, a row for each chunk.
            tier_type: This class's name.
            root_dir: The folder of all namespaces.
            limit_bytes: Of all its files.
            backpressure_detector: As vLLM's tiers take it.
        """
        super().__init__(offloading_spec, primary_kv_view, tier_type, backpressure_detector)
        self._chunk_tokens = offloading_spec.chunk_tokens
        self._jobs: dict[int, tuple[_Job, bool]] = {}
        self._uses: dict[str, int] = {}
        self._unreadable: set[OffloadKey] = set()
        self._readers = ThreadPoolExecutor(_READERS, "kv-read")
        self._writers = ThreadPoolExecutor(_WRITERS, "kv-write")
        self._announced = ExitStack()
        self._stores, self._stopping = True, threading.Lock()
        self._folder: KvFolder | None = None
        try:
            self._open(offloading_spec, Path(root_dir), limit_bytes)
        except (OSError, ValueError) as error:
            self._stop_storing(error)

    def lookup(self, key: OffloadKey, req_context: ReqContext) -> LookupResult:
        """Whether a chunk is on the disk."""
        is_there = self._folder is not None and key not in self._unreadable and self._folder.holds(key)
        return LookupResult.HIT if is_there else LookupResult.MISS

    def submit_store(self, job_metadata: TransferJob) -> None:
        """Begins to store chunks."""
        context = job_metadata.req_context
        use_ns = self._uses.get(context.req_id, 0)
        self._submit(
            job_metadata, self._writers, lambda key, row: self._store(key, row, use_ns, self._depth(context, key))
        )

    def submit_load(self, job_metadata: TransferJob) -> None:
        """Begins to load chunks."""
        self._submit(job_metadata, self._readers, self._load)

    def get_finished_jobs(self) -> Iterable[JobResult]:
        """What was stored or loaded since the last call; of what was loaded in part, which part."""
        for job_id, (job, is_load) in list(self._jobs.items()):
            if all(done.done() for done in job.done):
                del self._jobs[job_id]
                yield job.result(job_id, is_load=is_load, chunk_bytes=self.block_size_bytes)

    def on_new_request(self, req_context: ReqContext) -> RequestOffloadingContext:
        """Begins the use of whatever the prompt holds."""
        if self._folder is not None:
            self._uses[req_context.req_id] = self._folder.begin_use()
        return RequestOffloadingContext()

    def on_request_finished(self, req_context: ReqContext) -> None:
        """Notes the use of all chunks of the prompt, wherever they were read from."""
        use_ns = self._uses.pop(req_context.req_id, None)
        if self._folder is not None and use_ns is not None and self._stores:
            # the one place that has them all, as `set_offload_key_position` left them
            keys = tuple(req_context._offload_key_positions)  # noqa: SLF001
            depths = {key: self._depth(req_context, key) for key in keys}
            self._writers.submit(self._folder.touch, depths, use_ns=use_ns)

    def drain_jobs(self) -> None:
        """Waits until nothing is being stored or loaded."""
        wait([done for job, _ in self._jobs.values() for done in job.done])

    def shutdown(self) -> None:
        """Ends what has begun, and gives up what has not."""
        self._announced.close()
        for pool in (self._readers, self._writers):
            pool.shutdown(wait=True, cancel_futures=True)

    def _open(self, spec: KvSpec, root: Path, limit_bytes: int) -> None:
        facts = spec.facts()
        name = namespace_name(spec.config.model.name, facts)
        # from here on files are read, even where the folder cannot be written
        self._folder = KvFolder(root, name, limit_bytes=limit_bytes)
        self._folder.settle()
        note_facts(root, name, facts)
        groups = [group.group_id for group in spec.config.groups]
        kv = KvOnDisk(
            namespace=str(root / name),
            block_tokens=spec.tokens_per_hash,
            chunk_blocks=spec.chunk_tokens // spec.tokens_per_hash,
            prefix_groups=tuple(group for group in groups if group not in spec.windows),
            window_groups=tuple((group, spec.windows[group]) for group in groups if group in spec.windows),
            most_tokens=spec.restorable_tokens,
        )
        self._announced.enter_context(announce(root, spec.config.engine_id, kv))
        _log.info(
            "KV is kept in %s: chunks of %d tokens, KV groups %s, at most %d bytes in all; prefixes of up to %d tokens "
            "are loaded",
            kv.namespace, spec.chunk_tokens, groups, limit_bytes, kv.most_tokens,
        )  # fmt: skip

    def _submit(self, job: TransferJob, pool: ThreadPoolExecutor, move: Callable[[OffloadKey, int], bool]) -> None:
        keys: Collection[OffloadKey] = tuple(job.keys)
        done = [pool.submit(move, key, int(row)) for key, row in zip(keys, job.chunk_ids, strict=True)]
        self._jobs[job.job_id] = _Job(tuple(keys), done), job.is_promotion

    def _store(self, key: OffloadKey, row: int, use_ns: int, depth: int) -> bool:
        if self._folder is None or not self._stores:
            return False
        try:
            is_stored = self._folder.store(key, self._bytes_of(row), use_ns=use_ns, depth=depth)
        except FileNotFoundError:  # somebody has removed the folder meanwhile: the next chunk makes it anew
            return False
        except OSError as error:
            self._stop_storing(error)
            return False
        if is_stored:
            self._unreadable.discard(key)
        return is_stored

    def _load(self, key: OffloadKey, row: int) -> bool:
        assert self._folder is not None
        try:
            self._folder.load(key, self._bytes_of(row))
        except DamagedFileError as error:
            _log.warning("%s; it is removed, and computed again", error)
        except OSError as error:
            _log.warning("%s; it is computed again", error)
        else:
            return True
        self._unreadable.add(key)
        return False

    def _bytes_of(self, row: int) -> memoryview:
        size = self.block_size_bytes
        rows: memoryview = self._primary_kv_view.cast("B")
        return rows[row * size : (row + 1) * size]

    def _depth(self, context: ReqContext, key: OffloadKey) -> int:
        return (context.get_offload_key_position(key) or 0) // self._chunk_tokens

    def _stop_storing(self, error: Exception) -> None:
        """Says once that no more is stored."""
        with self._stopping:
            if self._stores:
                self._stores = False
                _log.warning("no KV is stored on disk from here on, until the server is restarted: %s", error)
