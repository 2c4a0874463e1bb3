"""What every server must do for repoask, asked of real ones through repoask's own client."""

import asyncio
import json
import subprocess
import sys
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import EngineReplyError
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import EngineInfo, Message, Prompt, SamplingParams, Schema, Usage

_PROMPT = Prompt(messages=(Message("system", "Be brief."), Message("user", "Where is the password checked? " * 40)))
_SCHEMA = {
    "type": "object",
    "properties": {
        "colour": {"enum": ["vermilion", "cerulean"]},
        "places": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 9},
            "minItems": 1,
            "maxItems": 3,
        },
    },
    "required": ["colour", "places"],
    "additionalProperties": False,
}


@dataclass
class Reply:
    pieces: list[str]
    finish_reason: str
    usage: Usage | None
    info: EngineInfo

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def _ask(
    server: Any, prompt: Prompt = _PROMPT, *, schema: Schema | None = None, stop_after: int = 0, **params: Any
) -> Reply:
    async def run() -> Reply:
        engine = OpenAIEngine(server.base_url, params.pop("model", ""), timeout_s=60)
        reply = Reply([], "", None, engine.info)
        sampling = SamplingParams(**{"temperature": 0.0, "seed": 0, "max_tokens": 16} | params)
        async with aclosing(engine.generate(prompt, params=sampling, schema=schema)) as deltas:
            async for delta in deltas:
                reply.pieces += [delta.text] if delta.text else []
                reply.finish_reason = delta.finish_reason or reply.finish_reason
                reply.usage = delta.usage or reply.usage
                if stop_after and len(reply.pieces) >= stop_after:
                    break
        reply.info = engine.info
        return reply

    return asyncio.run(run())


def test_the_server_is_recognised_with_its_version_and_its_limit(server: Any) -> None:
    info = asyncio.run(OpenAIEngine(server.base_url, timeout_s=10).describe())
    assert (info.engine, info.max_model_len, info.loopback) == (server.engine, server.max_model_len, True)
    assert info.versions[server.engine]


def test_a_reply_is_streamed_by_the_only_model(server: Any) -> None:
    reply = _ask(server)
    assert reply.info.model == server.model
    assert len(reply.pieces) > 4
    assert not reply.info.refused


def test_max_tokens_ends_a_reply(server: Any) -> None:
    for count in (1, 7, 40):
        reply = _ask(server, max_tokens=count)
        assert reply.usage is not None
        assert (reply.finish_reason, reply.usage.completion_tokens) == ("length", count)


def test_a_second_prompt_is_read_from_the_cache(server: Any) -> None:
    prompt = Prompt(messages=(Message("user", f"{server.engine} has not seen this before. " * 60),))
    cold, warm = (_ask(server, prompt, max_tokens=2).usage for _ in range(2))
    assert cold is not None
    assert warm is not None
    assert warm.prompt_tokens == cold.prompt_tokens > 300
    assert cold.cached_tokens < 100
    assert warm.cached_tokens > warm.prompt_tokens / 2


def test_the_same_seed_gives_the_same_reply(server: Any) -> None:
    _ask(server, temperature=1.0, seed=5)  # what is cached is the same for all that follow
    same = [_ask(server, temperature=1.0, seed=5).text for _ in range(2)]
    assert same[0] == same[1]
    assert _ask(server, temperature=1.0, seed=6).text != same[0]


def test_token_ids_are_a_prompt(server: Any) -> None:
    ids = tuple(range(20, 220))
    reply = _ask(server, Prompt(token_ids=ids), model=server.model)
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == len(ids)
    assert reply.text


@pytest.mark.parametrize("seed", range(3))
def test_a_json_schema_constrains_the_reply(server: Any, seed: int) -> None:
    reply = _ask(server, schema=_SCHEMA, temperature=1.0, seed=seed, max_tokens=1_000)
    assert reply.finish_reason == "stop"
    said = json.loads(reply.text)
    assert said.keys() == {"colour", "places"}
    assert said["colour"] in ("vermilion", "cerulean")
    assert 1 <= len(said["places"]) <= 3
    assert all(0 <= place <= 9 for place in said["places"])


def test_without_a_schema_the_reply_is_none_of_it(server: Any) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(_ask(server, max_tokens=200).text)


def test_who_hangs_up_frees_the_request(server: Any) -> None:
    server.wait_until_idle()
    before, many = server.metric(server.written), 20_000
    _ask(server, max_tokens=many, stop_after=2)
    server.wait_until_idle()
    assert server.metric(server.written) - before < many / 2


def test_a_prompt_that_is_too_long_is_told_in_one_line(server: Any) -> None:
    long = Prompt(messages=(Message("user", "where is it " * (server.max_model_len // 2)),))
    with pytest.raises(EngineReplyError, match=r"the server finds the prompt too long \(400\)") as caught:
        _ask(server, long)
    assert "\n" not in str(caught.value)
    assert _ask(server).text  # and the server goes on


def test_a_question_is_answered_with_a_receipt(server: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "auth.py").write_text("def check_password(user, password):\n    return user.hash == digest(password)\n")
    words = (
        str(tmp_path),
        "where is the password checked?",
        "--base-url",
        server.base_url,
        "--max-tokens",
        "16",
        "--json",
    )
    told = subprocess.run(
        [sys.executable, "-m", "repoask", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    receipt = json.loads(told.stdout)["receipt"]
    assert receipt["model"]["engine"] == server.engine
    assert receipt["tokens"]["prompt"] > 100
    assert receipt["tokens"]["completion"] == 16
    assert not receipt["tokens"]["estimated"]
