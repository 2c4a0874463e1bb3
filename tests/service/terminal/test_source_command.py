"""`repoask source` as a process: what is kept of sources, and that all of it can be removed."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Repoask = Callable[..., subprocess.CompletedProcess[str]]
Q = "where is login_user?"


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo/app").mkdir(parents=True)
    (tmp_path / "repo/app/auth.py").write_text("def login_user(name):\n    return check(name)\n")
    git(tmp_path / "repo", "init", "-q")
    git(tmp_path / "repo", "add", "-A")
    git(tmp_path / "repo", "commit", "-qm", "one")
    return tmp_path / "repo"


@pytest.fixture
def asked(repoask: Repoask, repo: Path) -> Path:
    """The repository, once it was asked."""
    assert repoask(str(repo), Q).returncode == 0
    return repo


def test_a_source_that_was_asked_is_listed_and_told_from_any_folder_in_it(repoask: Repoask, asked: Path) -> None:
    assert repoask("source", "list").stdout.rstrip().endswith(f"  {asked}")
    told = repoask("source", "status", cwd=asked / "app")
    assert told.returncode == 0
    assert f"source  {asked} (worktree)\n" in told.stdout
    assert "kept    " in told.stdout


@pytest.mark.parametrize("words", [["status"], ["rm", "."], ["rm", "missing"]])
def test_a_source_that_was_never_asked_is_a_negative_result(repoask: Repoask, repo: Path, words: list[str]) -> None:
    result = repoask("source", *words, cwd=repo)
    assert result.returncode == 1
    assert "nothing" in result.stdout + result.stderr


def test_update_reads_what_changed(repoask: Repoask, asked: Path) -> None:
    (asked / "app/new.py").write_text("fresh = 1\n")
    updated = repoask("source", "update", str(asked))
    assert updated.returncode == 0
    assert "2 files indexed, 1 of them read in this run" in updated.stdout


def test_rm_says_what_it_removed_and_leaves_the_repository(repoask: Repoask, asked: Path) -> None:
    removed = repoask("source", "rm", str(asked / "app"))
    assert (removed.returncode, removed.stdout) == (0, "")
    assert removed.stderr.startswith(f"repoask: {asked}: removed ")
    assert repoask("source", "list").stdout == ""
    assert (asked / "app/auth.py").exists()


def test_a_source_that_is_gone_is_removed_by_its_path(repoask: Repoask, asked: Path) -> None:
    asked.rename(asked.with_name("elsewhere"))
    assert repoask("source", "rm", str(asked)).returncode == 0
    assert repoask("source", "list").stdout == ""


@pytest.mark.parametrize("words", [[], ["--all", "repo"]])
def test_rm_removes_nothing_that_was_not_named(repoask: Repoask, words: list[str]) -> None:
    result = repoask("source", "rm", *words)
    assert result.returncode == 2
    assert "--all for every one" in result.stderr


def test_rm_all_removes_every_trace_and_says_so(repoask: Repoask, home: dict[str, str], asked: Path) -> None:
    (asked / ".repoask.toml").write_text("limit = 3\n")
    assert repoask("config", "trust", str(asked)).returncode == 0
    state = Path(home["HOME"]) / ".local/state/repoask"
    (state / "endpoints.json").write_text(json.dumps({"https://host/v1: lines": "2026-01-01"}))
    (state / "logs").mkdir()
    (state / "logs/crash-1.log").write_text("ValueError\n")

    removed = repoask("source", "rm", "--all")
    assert (removed.returncode, removed.stdout) == (0, "")
    assert removed.stderr.startswith("repoask: removed 1 source (")
    assert removed.stderr.endswith(", 1 trusted file, 1 used endpoint, 1 crash log\n")
    assert [file for file in state.rglob("*") if file.is_file()] == []
    kept = [file.read_bytes() for file in Path(home["HOME"]).rglob("*") if file.is_file()]
    assert not any(b"login_user" in content or bytes(asked) in content for content in kept)
    assert repoask("source", "rm", "--all").stderr == "repoask: removed nothing; nothing was kept\n"


def test_rm_all_says_what_it_leaves(repoask: Repoask, home: dict[str, str], asked: Path) -> None:
    assert repoask("ask", str(asked), Q, "--session", "notes").returncode == 0
    kv = Path(home["HOME"]) / ".cache/repoask/kv"
    kv.mkdir()
    (kv / "ledger").touch()
    (kv.parents[2] / ".local/share/repoask/models").mkdir()
    removed = repoask("source", "rm", "--all").stderr.splitlines()
    assert removed[1:] == [
        f"repoask: not removed: sessions (`repoask session rm --all`); KV of prompts in {kv}",
    ]
    assert repoask("session", "show", "notes").returncode == 0


def test_only_the_user_may_look_into_the_cache(asked: Path, home: dict[str, str]) -> None:
    assert asked.exists()
    assert stat.S_IMODE((Path(home["HOME"]) / ".cache/repoask").stat().st_mode) == stat.S_IRWXU
