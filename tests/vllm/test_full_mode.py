"""Whole repositories asked of a real vLLM server: what is cached from question to question, commit to commit."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.vllm_chat import ServerChat

pytestmark = pytest.mark.vllm

Run = Callable[..., subprocess.CompletedProcess[str]]

_QUESTION = "where is the password checked?"


def _functions(last: str) -> str:
    each = "def check_{0}(user, password):\n    return user.hashes[{0}] == digest(password, {0})  # <|eot|>\n"
    return "\n\n".join(each.format(number) for number in (*range(150), last))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    _git(folder, "init", "-q")
    for name in ("auth.py", "login.py"):
        (folder / name).write_text(_functions("last"))
    _commit(folder)
    return folder


@pytest.fixture(scope="module")
def run(environment: dict[str, str], server: Any) -> Run:
    def repoask(*words: str) -> subprocess.CompletedProcess[str]:
        flags = ("--base-url", server.base_url, "--model", "tiny-scout", "--mode", "full", "--max-tokens", "16")
        done = subprocess.run(
            [sys.executable, "-m", "repoask", *words, *flags],
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    return repoask


@pytest.fixture(scope="module")
def ask(run: Run, repository: Path) -> Callable[..., dict[str, Any]]:
    """The receipt of an answer."""

    def receipt(question: str, *words: str) -> dict[str, Any]:
        receipt: dict[str, Any] = json.loads(run("ask", str(repository), question, "--json", *words).stdout)["receipt"]
        assert receipt["mode"] == "full"
        assert not [warning for warning in receipt["warnings"] if "token ids" in warning]
        return receipt

    return receipt


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "change")


def test_the_second_question_is_read_from_the_cache(ask: Callable[..., dict[str, Any]], run: Run) -> None:
    cold, warm = (ask(_QUESTION) for _ in range(2))
    assert cold["tokens"]["cached"] == 0
    assert warm["tokens"]["prompt"] == cold["tokens"]["prompt"] > 8_000
    assert warm["tokens"]["cached"] >= 0.95 * warm["tokens"]["prompt"]
    # a block is of 256 tokens on a CPU: all but the one that the answer begins after
    assert warm["tokens"]["prompt"] - warm["tokens"]["cached"] <= 256
    other = ask("which function is the last?")
    assert other["tokens"]["cached"] >= other["pack"]["tokens"] - 256


def test_after_a_commit_the_base_stays_cached(ask: Callable[..., dict[str, Any]], repository: Path) -> None:
    before = ask(_QUESTION)
    (repository / "login.py").write_text(_functions("newest"))
    _commit(repository)
    after = ask(_QUESTION)
    assert after["pack"]["sections"] == before["pack"]["sections"] + 1
    assert after["tokens"]["cached"] >= before["pack"]["tokens"] - 512
    assert after["tokens"]["cached"] < after["pack"]["tokens"]


def test_a_warmed_session_has_its_question_alone_to_read(run: Run, repository: Path, server: Any) -> None:
    (repository / "auth.py").write_text(_functions("warm"))
    _commit(repository)
    asked = json.loads(run("ask", str(repository), _QUESTION, "--session", "warm", "--json").stdout)["receipt"]
    (repository / "auth.py").write_text(_functions("warmer"))
    _commit(repository)
    told = run("session", "warm", "warm").stdout
    assert told.startswith("warm: ")
    assert " cached, " in told
    receipt = json.loads(run("ask", "and the last?", "--session", "warm", "--json").stdout)["receipt"]
    assert receipt["session"]["turn"] == 2
    assert receipt["pack"]["id"] != asked["pack"]["id"]
    assert receipt["tokens"]["cached"] >= receipt["pack"]["tokens"] - 256


def test_a_second_tenant_finds_nothing_cached(ask: Callable[..., dict[str, Any]]) -> None:
    ask(_QUESTION)
    assert ask(_QUESTION, "--tenant", "b")["tokens"]["cached"] == 0
    assert ask(_QUESTION, "--tenant", "b")["tokens"]["cached"] > 0


def test_the_models_own_tokenizer_gives_the_ids_of_the_servers(
    ask: Callable[..., dict[str, Any]], tiny_scout: Path
) -> None:
    by_server = ask(_QUESTION)
    by_files = ask(_QUESTION, "--tokenizer", str(tiny_scout))
    assert by_files["tokens"]["prompt"] == by_server["tokens"]["prompt"]
    assert by_files["tokens"]["cached"] >= by_files["pack"]["tokens"] - 256


def test_ids_of_the_template_are_those_of_the_servers_own_rendering(
    server: Any, tiny_scout: Path, tmp_path: Path
) -> None:
    info = asyncio.run(OpenAIEngine(server.base_url, "tiny-scout", timeout_s=10).describe())
    tokenizer: Any = open_tokenizer(str(tiny_scout))
    chat = ServerChat(info, None, tmp_path)
    template = chat.template(tokenizer)
    assert template is not None
    assert chat.template(tokenizer) == template
    said = ["You answer.\n\n<rules>\nRead.\n</rules>", "Question: a?", "It is `b` [a.py:1-2].", "Question: and c?"]
    roles = ("system", "user", "assistant", "user")
    system, *contents = (tuple(ids.tolist()) for ids in tokenizer.encode(said))
    rendered = _rendered(server, [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)])
    assert (*template.opening, *system, *template.behind_system(contents)) == rendered


def _rendered(server: Any, messages: list[dict[str, str]]) -> tuple[int, ...]:
    import httpx2

    body = {"model": "tiny-scout", "messages": messages, "add_generation_prompt": True}
    return tuple(httpx2.post(f"{server.base_url.removesuffix('/v1')}/tokenize", json=body).json()["tokens"])
