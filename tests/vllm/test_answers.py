"""A real vLLM server, started by repoask, answers repoask's questions."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repoask.service.engine.openai_client import OpenAIEngine

pytestmark = pytest.mark.vllm

Ask = Callable[..., subprocess.CompletedProcess[str]]

# so many lines that the evidence is longer than a chunk of the local layers
_FUNCTIONS = "\n\n".join(
    f"def check_password_{number}(user, password):\n    return user.hashes[{number}] == digest(password, {number})"
    for number in range(100)
)


@pytest.fixture(scope="module")
def ask(environment: dict[str, str], server: Any, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    repository = tmp_path_factory.mktemp("repository")
    (repository / "auth.py").write_text(_FUNCTIONS + "\n")

    def run(question: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "repoask", str(repository), question, *words),
                *("--base-url", server.base_url, "--model", "tiny-scout", "--max-tokens", "16"),
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_the_second_question_is_read_from_the_cache(ask: Ask) -> None:
    first, second = (ask("where is the password checked?", "--json") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    cold, warm = (json.loads(reply.stdout)["receipt"]["tokens"] for reply in (first, second))
    assert not cold["estimated"]
    assert (cold["cached"], warm["prompt"]) == (0, cold["prompt"])
    # all but the last block, which holds the token that the answer begins after
    assert warm["prompt"] - 256 <= warm["cached"] < warm["prompt"]
    assert warm["prompt"] > 2048


def test_the_receipt_shows_the_cached_tokens(ask: Ask) -> None:
    ask("which function takes a password?")
    line = ask("which function takes a password?").stdout.strip().splitlines()[-1]
    assert "tiny-scout on vllm 0." in line
    assert "% cached, 16 out, first text after " in line
    assert ", unpriced · " in line


def test_the_server_is_recognised(ask: Ask) -> None:
    model = json.loads(ask("where is the password checked?", "--json").stdout)["receipt"]["model"]
    assert model["engine"] == "vllm"
    assert model["versions"]["vllm"].startswith("0.")
    assert model["max_model_len"] == 65_536
    assert model["loopback"]


def test_its_tokenizer_counts_for_packs(
    server: Any, environment: dict[str, str], tmp_path: Path, tiny_scout: Path
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "auth.py").write_text(_FUNCTIONS)
    counted = [
        subprocess.run(
            [sys.executable, "-m", "repoask", "pack", "source", "-o", f"{number}.txt", "--tokenizer", tokenizer],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stderr
        for number, tokenizer in enumerate((f"{server.base_url}#tiny-scout", str(tiny_scout)))
    ]
    (by_server, by_files) = (re.findall(r"([\d,]+) tokens by", receipt) for receipt in counted)
    assert by_server
    assert by_server == by_files


def test_another_model_is_told_by_its_name(server: Any) -> None:
    info = asyncio.run(OpenAIEngine(server.base_url, "another", timeout_s=10).describe())
    assert (info.engine, info.max_model_len) == ("vllm", None)


def test_a_second_server_on_its_port_is_refused(server: Any, serve: Callable[..., Any]) -> None:
    code, told = serve().finish()
    assert (code, told.count("\n")) == (2, 1)
    assert f"port {server.port}: a server that repoask started runs there ({server.base_url})" in told


def test_nobody_else_may_read_its_log(server: Any) -> None:
    assert server.log.stat().st_mode & 0o077 == 0
    assert Path(server.log.parent).stat().st_mode & 0o077 == 0
