"""Ollama's own protocol against a real server on loopback."""

import asyncio
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.errors import ConfigError, EngineReplyError
from repoask.service.engine.completion import complete
from repoask.service.engine.ollama import OllamaEngine
from repoask.service.engine.protocol import Completion, Message, Prompt, SamplingParams, Usage
from repoask.service.terminal.engines import engine_at

Serve = Callable[..., Any]
PARAMS = SamplingParams(temperature=0.0, seed=7, max_tokens=50)


def ask(server: Any, *, model: str = "m", size: int = 9, params: SamplingParams = PARAMS) -> Completion:
    engine = OllamaEngine(server.base_url.removesuffix("/v1") + "/api", model, timeout_s=5.0)
    return complete(engine, Prompt(messages=(Message("user", "x" * size),)), params=params)


def lines(scripted: ModuleType, *pieces: dict[str, Any]) -> Any:
    return scripted.Reply([json.dumps(piece).encode() + b"\n" for piece in pieces], content_type="application/x-ndjson")


def said(scripted: ModuleType, text: str = "fine") -> Any:
    return lines(
        scripted,
        {"model": "m:latest", "message": {"role": "assistant", "content": text}, "done": False},
        {"message": {"content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 40, "eval_count": 3},
    )


def chats(server: Any) -> list[dict[str, Any]]:
    return [request.body for request in server.requests if request.path == "/api/chat"]


def shown(scripted: ModuleType, context: object) -> Any:
    return scripted.json_reply({"model_info": {"general.architecture": "llama", "llama.context_length": context}})


def test_a_reply_arrives_with_its_counts(serve: Serve, scripted: ModuleType) -> None:
    server = serve(shown(scripted, 131_072), said(scripted, "so it is"))
    completion = ask(server)
    assert completion.text == "so it is"
    assert completion.finish_reason == "stop"
    assert completion.usage == Usage(prompt_tokens=40, completion_tokens=3)
    assert completion.model == "m:latest"


def test_the_context_is_as_long_as_prompt_and_reply_need(serve: Serve, scripted: ModuleType) -> None:
    server = serve(shown(scripted, 131_072), said(scripted))
    ask(server, size=60_000)
    body = chats(server)[0]
    assert body["options"] == {"temperature": 0.0, "num_predict": 50, "num_ctx": 24_576, "seed": 7}
    assert body["truncate"] is False
    assert "tools" not in body


@pytest.mark.parametrize(("told", "sent"), [(16_384, 16_384), ("long", 24_576), (-1, 24_576), (None, 24_576)])
def test_no_more_context_is_asked_for_than_the_model_has(
    serve: Serve, scripted: ModuleType, told: object, sent: int
) -> None:
    server = serve(shown(scripted, told), said(scripted))
    ask(server, size=60_000)
    assert chats(server)[0]["options"]["num_ctx"] == sent


@pytest.mark.parametrize(("loaded", "sent"), [(65_536, 65_536), (4_096, 24_576)])
def test_a_model_that_is_loaded_with_enough_context_is_not_loaded_anew(
    serve: Serve, scripted: ModuleType, loaded: int, sent: int
) -> None:
    loaded_models = {"models": [{"name": "other", "context_length": 9}, {"name": "m:latest", "context_length": loaded}]}
    script = [said(scripted)] if loaded == sent else [shown(scripted, 131_072), said(scripted)]
    server = serve(*script, pages={"/api/ps": scripted.json_reply(loaded_models)})
    ask(server, size=60_000)
    assert chats(server)[0]["options"]["num_ctx"] == sent


def test_a_schema_goes_as_the_format(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.error(404), said(scripted, "{}"))
    engine = OllamaEngine(server.base_url.removesuffix("/v1") + "/api", "m", timeout_s=5.0)
    prompt = Prompt(messages=(Message("user", "q"),))

    async def run() -> list[str]:
        return [delta.text async for delta in engine.generate(prompt, params=PARAMS, schema={"type": "object"})]

    assert "".join(asyncio.run(run())) == "{}"
    assert chats(server)[0]["format"] == {"type": "object"}


def test_the_only_model_is_taken_and_the_version_found(serve: Serve, scripted: ModuleType) -> None:
    pages = {
        "/api/tags": scripted.json_reply({"models": [{"name": "llama4:scout"}]}),
        "/api/version": scripted.json_reply({"version": "0.12.0"}),
    }
    server = serve(shown(scripted, 131_072), said(scripted), pages=pages)
    info = ask(server, model="").info
    assert (info.model, info.engine, info.versions["ollama"]) == ("llama4:scout", "ollama", "0.12.0")


def test_several_models_want_a_choice(serve: Serve, scripted: ModuleType) -> None:
    models = scripted.json_reply({"models": [{"name": "a"}, {"name": "b"}]})
    with pytest.raises(ConfigError, match=r"a, b.*--model"):
        ask(serve(said(scripted), pages={"/api/tags": models}), model="")


def test_thoughts_are_not_part_of_the_reply(serve: Serve, scripted: ModuleType) -> None:
    reply = lines(
        scripted,
        {"message": {"content": "", "thinking": "hm"}},
        {"message": {"content": "so"}},
        {"done": True, "done_reason": "length"},
    )
    completion = ask(serve(scripted.error(404), reply))
    assert (completion.text, completion.finish_reason, completion.usage) == ("so", "length", None)


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        ({"error": "model runner\n has stopped"}, "broke off with an error: model runner has stopped"),
        ({"choices": []}, "not in Ollama's protocol"),
        ({"message": "text"}, "not in Ollama's protocol"),
        ({"done": True}, "wrote nothing"),
    ],
)
def test_what_is_no_reply_is_told(serve: Serve, scripted: ModuleType, piece: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineReplyError, match=message):
        ask(serve(scripted.error(404), lines(scripted, piece)))


def test_a_model_that_does_not_exist_is_told(serve: Serve, scripted: ModuleType) -> None:
    missing = scripted.json_reply({"error": "model 'm' not found"}, status=404)
    with pytest.raises(EngineReplyError, match=r"\(404\): model 'm' not found; check --model"):
        ask(serve(missing))


def test_the_url_decides_which_protocol_is_spoken() -> None:
    def made(url: str) -> type:
        return type(engine_at(url, "m", api_key=None, timeout_s=1.0))

    assert made("http://127.0.0.1:11434/api") is OllamaEngine
    assert made("http://127.0.0.1:11434/v1") is not OllamaEngine
