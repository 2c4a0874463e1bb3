"""The schema of claims really constrains a model of random weights, which by itself writes noise."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from repoask.service.claims.claim import SCHEMA
from repoask.service.claims.reply import Reply, ReplyReader
from repoask.service.engine.completion import complete
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Completion, Message, Prompt, SamplingParams

pytestmark = pytest.mark.vllm

QUESTION = Prompt(messages=(Message("user", "What does it do?"),))
# whole words: halves of characters at a prompt's end would be flushed into the reply by vLLM's detokenizer
TOKENS = Prompt(token_ids=tuple(range(1000, 1064)))
_SEEDS = range(6)


def _replies(
    server: Any, prompt: Prompt, *, schema: dict[str, Any] | None, max_tokens: int
) -> Iterator[tuple[Completion, Reply]]:
    for seed in _SEEDS:
        engine = OpenAIEngine(server.base_url, "tiny-scout", timeout_s=60.0)
        params = SamplingParams(temperature=1.0, seed=seed, max_tokens=max_tokens)
        completion = complete(engine, prompt, params=params, schema=schema)
        reader = ReplyReader()
        reader.feed(completion.text)
        assert completion.info.refused == ()
        yield completion, reader.finish(is_cut=completion.finish_reason == "length")


@pytest.mark.parametrize("prompt", [QUESTION, TOKENS], ids=["messages", "token ids"])
def test_every_reply_follows_the_schema_as_far_as_it_goes(server: Any, prompt: Prompt) -> None:
    whole = 0
    for completion, reply in _replies(server, prompt, schema=dict(SCHEMA), max_tokens=1000):
        assert not reply.is_prose
        # noise says "found" and gives no claim, or names a line of 20 digits: that is sense, not form
        assert reply.problem in ("", "`found` is true and there is no claim") or "line number" in reply.problem
        if completion.finish_reason == "stop":
            whole += 1
            assert list(json.loads(completion.text, strict=False)) == ["found", "claims", "missing"]
    assert whole


def test_without_the_schema_the_same_model_writes_noise(server: Any) -> None:
    assert all(reply.is_prose for _, reply in _replies(server, QUESTION, schema=None, max_tokens=100))


@pytest.fixture(scope="module")
def ask(
    environment: dict[str, str], server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, Any]]:
    repository = tmp_path_factory.mktemp("repository")
    (repository / "auth.py").write_text(
        "def check_password(user, password):\n    return user.hash == digest(password)\n"
    )

    def run(*words: str) -> dict[str, Any]:
        told = subprocess.run(
            [
                *(sys.executable, "-m", "repoask", str(repository), "where is the password checked?", "--json"),
                *("--base-url", server.base_url, "--model", "tiny-scout", *words),
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert told.returncode in (0, 1), told.stderr
        return json.loads(told.stdout)

    return run


def test_a_question_is_answered_in_the_form_that_was_asked_for(ask: Callable[..., Any]) -> None:
    for seed in _SEEDS[:3]:
        answer = ask("--temperature", "1", "--seed", str(seed), "--max-tokens", "600")
        model = answer["receipt"]["model"]
        assert (model["refused"], model["engine"]) == ([], "vllm")
        form = [one for one in answer["receipt"]["warnings"] if "the form asked for" in one]
        assert not form or any(sense in form[0] for sense in ("no claim", "line number", "cut off"))
        if answer["claims"]:
            assert all(claim["text"] in answer["answer"] for claim in answer["claims"])


def test_the_receipt_knows_no_price_of_a_server_of_ones_own(
    ask: Callable[..., Any], tmp_path: Path, server: Any
) -> None:
    assert ask("--max-tokens", "16")["receipt"]["cost"]["dollars"] is None
    row = {"provider": "mine", "model": "tiny", "input_per_million": 10, "output_per_million": 20}
    row |= {"cached_input_per_million": 1, "hosts": [f"127.0.0.1:{server.port}"], "names": ["tiny-*"]}
    table = tmp_path / "prices.json"
    table.write_text(json.dumps({"hosted": [row | {"date": "2026-11", "source": "a test"}]}))
    receipt = ask("--max-tokens", "16", "--prices", str(table))["receipt"]
    tokens, cost = receipt["tokens"], receipt["cost"]
    assert tokens["cached"] > 0
    assert cost["saved"] == pytest.approx(tokens["cached"] * 9e-6)
    assert cost["dollars"] == pytest.approx(tokens["prompt"] * 10e-6 + tokens["completion"] * 20e-6 - cost["saved"])
    assert tokens["kv_from"] == "memory"
