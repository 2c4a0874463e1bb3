"""Drives `repoask` as a process in a home of its own, as a user would."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Process = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """An environment that holds nothing of the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REPOASK_", "XDG_", "GIT_"))}
    return kept | {"PYTHONUTF8": "1", "COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture
def home(tmp_path: Path, clean_environment: dict[str, str]) -> dict[str, str]:
    """The same with an empty home."""
    return clean_environment | {"HOME": str(tmp_path / "home")}


@pytest.fixture
def repoask(home: dict[str, str], tmp_path: Path) -> Callable[..., Process]:
    """Runs `repoask WORDS`; `cwd`, `env` and `input` may be given."""

    def run(
        *words: str,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        input: str | None = None,  # noqa: A002
    ) -> Process:
        return subprocess.run(
            [sys.executable, "-m", "repoask", *words],
            cwd=cwd or tmp_path,
            env=home | (env or {}),
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def python_at_a_terminal() -> Callable[..., tuple[int, str]]:
    """Runs Python with a terminal for all three streams; gives exit code and everything on the screen."""
    return _run_at_a_terminal


def _run_at_a_terminal(home: dict[str, str], *words: str, typed: bytes = b"") -> tuple[int, str]:
    pid, screen = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, *words], home | {"TERM": "xterm-256color"})
    if typed:
        os.write(screen, typed)
    seen = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([screen], [], [], 1)[0]:
            try:
                piece = os.read(screen, 65536)
            except OSError:  # the terminal closes with the process
                break
            if not piece:
                break
            seen += piece
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode("utf-8", "replace")
