"""Real git repositories, made by git itself."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from repoask.ingest.snapshot import read_entries, take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Reason, Selection, Snapshot, Source

_EVERYTHING = Selection()
_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}


@dataclass(frozen=True)
class Repo:
    """A repository under test, driven by plain git; what repoask sees of it comes through its own functions."""

    path: Path

    def git(self, *args: str, ok: bool = True, stdin: bytes | None = None) -> str:
        environment = {**_ENVIRONMENT, "HOME": str(self.path.parent)}
        done = subprocess.run(["git", *args], cwd=self.path, env=environment, input=stdin, capture_output=True)
        assert not ok or done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, content: str | bytes = "text\n") -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def open(self, under: str = "") -> Source:
        return open_source(self.path / under, clones=self.path.parent / "clones")

    def snapshot(self, selection: Selection = _EVERYTHING, *, revision: str | None = None, under: str = "") -> Snapshot:
        return take_snapshot(self.open(under), revision=revision, selection=selection)

    def paths(self, selection: Selection = _EVERYTHING, *, revision: str | None = None, under: str = "") -> list[str]:
        return [entry.path for entry in self.snapshot(selection, revision=revision, under=under).entries]

    def contents(
        self, selection: Selection = _EVERYTHING, *, revision: str | None = None, under: str = ""
    ) -> dict[str, bytes]:
        snapshot = self.snapshot(selection, revision=revision, under=under)
        return {entry.path: data for entry, data in read_entries(snapshot, snapshot.entries)}

    def omitted(
        self, selection: Selection = _EVERYTHING, *, revision: str | None = None, under: str = ""
    ) -> dict[str, Reason]:
        snapshot = self.snapshot(selection, revision=revision, under=under)
        return {omission.path: omission.reason for omission in snapshot.omissions}


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of whoever runs the tests stay out of them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[..., Repo]:
    def make(name: str = "repo", *options: str) -> Repo:
        repo = Repo(tmp_path / name)
        repo.path.mkdir(parents=True)
        repo.git("init", "-q", "-b", "main", *options)
        return repo

    return make


@pytest.fixture
def repo(make_repo: Callable[..., Repo]) -> Repo:
    return make_repo()


@pytest.fixture
def deepen() -> Iterator[Callable[[Path], str]]:
    """Makes folders, one inside the other, deeper than Python recurses; gives the path of the last, "d/d/.../"."""
    made: list[Path] = []

    def make(top: Path) -> str:
        made.append(top / "d")
        here = os.open(top, os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(here)
        return "d/" * 1500

    yield make
    # pytest's own removal of old folders recurses, fails here, and fails a later session
    subprocess.run(["rm", "-rf", *made], check=True)
