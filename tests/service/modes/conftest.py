"""Real repositories and their packs, counted in thirds of bytes."""

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from repoask.context.index.index import View, open_view
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.types import TokenIds
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection
from repoask.service.modes.snapshot_packs import SnapshotPacks

_ALL = Selection()


class Triples:
    """Packs up to three bytes into a token, whatever they say."""

    name, exact = "triples", True
    id = hashlib.sha256(b"triples").hexdigest()[:12]

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        return [self._encode(text.encode()) for text in texts]

    def decode(self, ids: TokenIds) -> bytes:
        return b"".join((one & 0xFFFFFF).to_bytes(3, "big")[: one >> 24] for one in ids.tolist())

    def _encode(self, data: bytes) -> TokenIds:
        parts = [data[start : start + 3] for start in range(0, len(data), 3)]
        return np.array([len(part) << 24 | int.from_bytes(part.ljust(3, b"\0"), "big") for part in parts], np.uint32)


class Repo:
    """A repository under test, with its cache."""

    def __init__(self, path: Path) -> None:
        self.path, self.cache = path, path.parent / "cache"
        self.store = PackStore(self.cache)
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        done = subprocess.run(["git", *who, *args], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, **files: str | None) -> None:
        """Writes files, or removes those without a text; a name stands for `NAME.py`."""
        for name, text in files.items():
            file = self.path / f"{name}.py"
            file.unlink() if text is None else file.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "change")

    def view(self, selection: Selection = _ALL) -> View:
        source = open_source(self.path, clones=self.path.parent / "clones")
        snapshot = take_snapshot(source, selection=selection)
        return open_view(snapshot, folder=self.cache, selection=selection)

    def packs(self, selection: Selection = _ALL) -> SnapshotPacks:
        view = self.view(selection)
        return SnapshotPacks(
            view.snapshot, selection=selection, tokenizer=Triples(), store=self.store, open_view=lambda: view
        )


def functions(name: str, count: int) -> str:
    """Some 60 bytes for each."""
    return "".join(f"def {name}_{number}(value):\n    return value + {number}\n\n\n" for number in range(count))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(**{f"part{number}": functions(f"part{number}", 30) for number in range(8)})
    return repo


@pytest.fixture(scope="session")
def code() -> Callable[[str, int], str]:
    return functions
