"""Real repositories and a tiny tokenizer, which packs up to three bytes into a token, whatever they say."""

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from repoask.context.pack.pack import Pack
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.packer import pack_snapshot
from repoask.context.pack.types import TokenIds
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection, Snapshot


class Triples:
    """Cuts every three bytes, so also amid characters and across lines. An id holds its bytes and their number."""

    exact = True

    def __init__(self, name: str = "triples") -> None:
        self.name = name
        self.id = hashlib.sha256(name.encode()).hexdigest()[:12]

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        return [self._encode(text.encode()) for text in texts]

    def decode(self, ids: TokenIds) -> bytes:
        return b"".join((one & 0xFFFFFF).to_bytes(3, "big")[: one >> 24] for one in ids.tolist())

    def _encode(self, data: bytes) -> TokenIds:
        parts = [data[start : start + 3] for start in range(0, len(data), 3)]
        return np.array([len(part) << 24 | int.from_bytes(part.ljust(3, b"\0"), "big") for part in parts], np.uint32)


class Estimate:
    """Counts no tokens, only about."""

    name = "estimate"
    exact = False

    def count(self, texts: Sequence[str]) -> list[int]:
        return [-(-len(text) // 4) for text in texts]


class Repo:
    """A repository under test, and its packs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str) -> str:
        options = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        done = subprocess.run(["git", *options, *args], cwd=self.path, capture_output=True)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode().strip()

    def write(self, path: str, content: str | bytes) -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def snapshot(self, *, selection: Selection | None = None, revision: str | None = None) -> Snapshot:
        source = open_source(self.path, clones=self.path.parent / "clones")
        return take_snapshot(source, selection=selection or Selection(), revision=revision)

    def pack(
        self,
        store: PackStore,
        *,
        onto: Pack | None = None,
        selection: Selection | None = None,
        tokenizer: Triples | Estimate | None = None,
    ) -> Pack:
        selection = selection or Selection()
        return pack_snapshot(
            self.snapshot(selection=selection),
            selection=selection,
            tokenizer=tokenizer or Triples(),
            store=store,
            onto=onto,
        )


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests stay out of them."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[[str], Repo]:
    def make(name: str = "repo") -> Repo:
        (tmp_path / name).mkdir()
        return Repo(tmp_path / name)

    return make


@pytest.fixture
def repo(make_repo: Callable[[str], Repo]) -> Repo:
    """Some files of each kind, committed."""
    repo = make_repo("repo")
    repo.write("a/one.py", "".join(f"def one_{number}():\n    return {number}\n\n" for number in range(40)))
    repo.write("b.md", "# Größe\n\nein Wörtchen ohne Ende")
    repo.write("empty.txt", "")
    repo.write("tags.html", '<file path="x">\n</file>\n<\\/file>\n')
    repo.write("z.txt", "".join(f"{number} words of the largest file\n" for number in range(100)))
    repo.write("picture.bin", bytes(range(256)))
    repo.commit()
    return repo


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "cache")


@pytest.fixture
def triples() -> Triples:
    return Triples()


@pytest.fixture
def other_tokenizer() -> Triples:
    return Triples("other")


@pytest.fixture
def estimate() -> Estimate:
    return Estimate()
