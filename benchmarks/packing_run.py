"""Goes on from the pack of a repository after one edit, many times in one process, as `packing.py` starts it.

python benchmarks/packing_run.py REPOSITORY CACHE TOKENIZER ROUNDS

`repoask pack --index-dir CACHE` has packed the repository before. Prints one line of JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from repoask.context.index.catalog import Catalog
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.packer import pack_snapshot
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.ingest import secrets
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection, Snapshot, Source

_SELECTION = Selection()
_CACHE_BYTES = 5_000_000_000  # nothing is trimmed


class _Setting:
    """A repository, the cache of the command line and a tokenizer."""

    def __init__(self, repository: str, cache: str, tokenizer: str) -> None:
        catalog = Catalog(Path(cache), max_bytes=_CACHE_BYTES)
        secrets.configure(Path(cache) / "rules")
        self.source: Source = open_source(repository, clones=catalog.clones)
        self.tokenizer = open_tokenizer(tokenizer, cache=Path(cache) / "tokenizers")
        self.folder = catalog.folder(self.source)
        self.store = PackStore(self.folder)

    def snapshot(self) -> Snapshot:
        return take_snapshot(
            self.source,
            selection=_SELECTION,
            stat_cache=self.folder / "stat-cache.json",
            record=self.folder / "snapshot.json",
        )


def repack(setting: _Setting, rounds: int) -> dict[str, object]:
    """Edits one file at a time and goes on from the stored pack; the medians of each step."""
    steps: dict[str, list[tuple[float, float]]] = {"list": [], "choose": [], "pack": []}
    new_tokens: list[int] = []
    before = pack_snapshot(setting.snapshot(), selection=_SELECTION, tokenizer=setting.tokenizer, store=setting.store)
    path = _file_to_edit(setting.snapshot(), setting.source)
    original = path.read_text(encoding="utf-8")
    try:
        for number in range(rounds):
            lines = original.split("\n")
            lines[len(lines) // 2] += f" edit {number}"
            path.write_text("\n".join(lines), encoding="utf-8")
            times = [_now()]
            snapshot = setting.snapshot()
            times.append(_now())
            parent = setting.store.best_parent(snapshot, selection=_SELECTION, tokenizer=setting.tokenizer)
            times.append(_now())
            packed = pack_snapshot(
                snapshot, selection=_SELECTION, tokenizer=setting.tokenizer, store=setting.store, onto=parent
            )
            times.append(_now())
            for step, start, end in zip(steps, times, times[1:], strict=False):
                steps[step].append((end[0] - start[0], end[1] - start[1]))
            kept = set(parent.manifest.chain) if parent else set[str]()
            chain = zip(packed.manifest.chain, packed.manifest.segments, strict=True)
            new_tokens.append(sum(segment.num_tokens for link, segment in chain if link not in kept))
    finally:
        path.write_text(original, encoding="utf-8")
    told = {
        step: {"ms": 1000 * statistics.median(wall), "cpu_ms": 1000 * statistics.median(cpu)}
        for step, (wall, cpu) in ((step, zip(*times, strict=True)) for step, times in steps.items())
    }
    return {"tokens": before.num_tokens, "new_tokens": statistics.median(new_tokens), "steps": told}


def _now() -> tuple[float, float]:
    """Seconds, and seconds of this process's own processor time."""
    return time.perf_counter(), time.process_time()


def _file_to_edit(snapshot: Snapshot, source: Source) -> Path:
    """A source file of middling size."""
    code = (".py", ".rb", ".kt", ".java", ".hs", ".go")
    sized = sorted((entry.size, entry.path) for entry in snapshot.entries if entry.path.endswith(code))
    fitting = [path for size, path in sized if 5_000 <= size <= 60_000]
    return source.root / fitting[len(fitting) // 2]


def main() -> None:
    """Edits, packs and tells."""
    repository, cache, tokenizer, rounds = sys.argv[1:]
    print(json.dumps(repack(_Setting(repository, cache, tokenizer), int(rounds))))


if __name__ == "__main__":
    main()
