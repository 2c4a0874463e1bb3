"""`repoask doctor` as a process: what it says, what it sends, what it remembers."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Process = subprocess.CompletedProcess[str]
Repoask = Callable[..., Process]
Serve = Callable[..., Any]

CODE = re.compile(r"The code of the gate \w+ is (\d+)\.")
QUICK = ("--max-tokens", "2k", "--max-seconds", "60")


@pytest.fixture
def cutting(serve: Serve, scripted: Any) -> Any:
    """A server that keeps the last 1,500 tokens of a prompt, counts them, and heeds no schema."""
    server = serve(pages={"/v1/models": scripted.json_reply({"data": [{"id": "llama"}]})})

    def reply() -> Any:
        text = server.requests[-1].body["messages"][-1]["content"][-6_000:]
        if "Question:" in text:
            cited = re.search(r"\"(app\.py)\" lines (\d+)-(\d+)", text)
            return scripted.stream(f"There [{cited[1]}:{cited[2]}-{cited[3]}]." if cited else "NOT FOUND")
        return scripted.stream(" ".join(CODE.findall(text)) or "ready", prompt_tokens=len(text) // 4)

    server.next_reply = reply
    return server


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo").mkdir()
    functions = [f"def login_user_{n}(name, password):\n    return check(name, password, {n})\n" for n in range(200)]
    (tmp_path / "repo/app.py").write_text("\n\n".join(functions))
    return tmp_path / "repo"


def test_a_server_that_cuts_is_found_out(repoask: Repoask, cutting: Any) -> None:
    result = repoask("doctor", "--base-url", cutting.base_url, "--model", "llama", *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"llama at {cutting.base_url}\n")
    assert "the server cuts a part, without a word" in result.stdout
    assert "a JSON schema is accepted and ignored: ready" in result.stdout


def test_nothing_of_the_folder_one_is_in_is_sent(repoask: Repoask, cutting: Any, repo: Path) -> None:
    repoask("doctor", "--base-url", cutting.base_url, *QUICK, cwd=repo)
    sent = json.dumps([request.body for request in cutting.requests])
    assert len(sent) > 5_000
    assert "login_user" not in sent
    assert str(repo) not in sent


@pytest.mark.parametrize("named", [("--model", "llama"), ()])
def test_a_question_is_held_to_what_was_measured(
    repoask: Repoask, cutting: Any, repo: Path, named: tuple[str, ...]
) -> None:
    retrieval = ("--mode", "retrieval", "--base-url", cutting.base_url)
    question = ("repo", "where does login_user_7 check the password?", *retrieval, *named)
    free = repoask(*question)
    long = len(cutting.requests[-1].body["messages"][-1]["content"])
    assert "was measured" not in free.stderr

    measured = json.loads(repoask("doctor", "--base-url", cutting.base_url, *named, "--json", *QUICK).stdout)
    assert measured["context"]["limit"] == "cut"
    held = repoask(*question)
    assert held.returncode == 0
    tokens = measured["context"]["tokens"]
    assert f"llama was measured on {measured['measured_at'][:10]} to read {tokens:,} tokens" in held.stderr
    asked = cutting.requests[-1].body
    assert len(asked["messages"][-1]["content"]) < long / 2
    assert asked["max_tokens"] == tokens // 4


def test_another_model_of_the_same_server_is_not_held(repoask: Repoask, cutting: Any, repo: Path) -> None:
    repoask("doctor", "--base-url", cutting.base_url, "--model", "llama", *QUICK)
    result = repoask(str(repo), "where is login_user_7?", "--base-url", cutting.base_url, "--model", "other")
    assert "was measured" not in result.stderr


def test_a_record_that_is_damaged_holds_nothing(repoask: Repoask, cutting: Any, repo: Path, tmp_path: Path) -> None:
    repoask("doctor", "--base-url", cutting.base_url, "--model", "llama", *QUICK)
    record = tmp_path / "home/.local/state/repoask/measured.json"
    record.write_text(json.dumps(dict.fromkeys(json.loads(record.read_text()), "{")))
    result = repoask(str(repo), "where is login_user_7?", "--base-url", cutting.base_url, "--model", "llama")
    assert (result.returncode, "was measured" in result.stderr) == (0, False)


def test_a_server_that_is_not_there_is_one_line_and_exit_3(repoask: Repoask) -> None:
    result = repoask("doctor", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.count("\n") == 1
    assert "no connection" in result.stderr


def test_a_server_that_is_silent_is_one_line_and_exit_3(repoask: Repoask, serve: Serve, scripted: Any) -> None:
    server = serve(scripted.Reply([b"x"] * 20, pause_s=0.5))
    result = repoask("doctor", "--base-url", server.base_url, "--model", "m", "--max-seconds", "1")
    assert result.returncode == 3
    assert "no reply to a first question within 1 s; raise --max-seconds" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--offline"], "--offline refuses to look for servers; name one with --base-url"),
        (["--model", "m"], "no server is named; add --base-url"),
        (["--base-url", "bedrock"], "bedrock:us-west-2"),
        (["--base-url", "nobody"], "nor one of ollama"),
        (["--max-tokens", "0", "--base-url", "ollama"], "no number over 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(repoask: Repoask, words: list[str], message: str) -> None:
    result = repoask("doctor", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
