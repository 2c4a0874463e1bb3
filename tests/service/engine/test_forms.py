"""How a schema is asked for: the strictest way that a server takes, on a real server that refuses the others."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.errors import EngineReplyError
from repoask.service.engine.completion import complete
from repoask.service.engine.ollama import OllamaEngine
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Completion, Message, Prompt, SamplingParams

Serve = Callable[..., Any]
PROMPT = Prompt(messages=(Message("user", "question"),))
TOKENS = Prompt(token_ids=(1, 2, 3))
PARAMS = SamplingParams(temperature=0.0, seed=7, max_tokens=50)
SCHEMA = {"type": "object"}


def _complete(server: Any, prompt: Prompt = PROMPT, *, refused: tuple[str, ...] = ()) -> Completion:
    engine = OpenAIEngine(server.base_url, "m", timeout_s=5.0, max_retries=0, refused=refused)
    return complete(engine, prompt, params=PARAMS, schema=SCHEMA)


def _asked(server: Any) -> list[str]:
    """What each request asked for."""
    forms = [request.body.get("response_format", {}).get("type", "") for request in server.requests]
    return [
        "structured_outputs" if "structured_outputs" in request.body else form
        for request, form in zip(server.requests, forms, strict=True)
    ]


def test_the_schema_itself_is_asked_for_first(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("{}"))
    assert _complete(server).info.refused == ()
    (request,) = server.requests
    asked = request.body["response_format"]
    assert (asked["type"], asked["json_schema"]["schema"]) == ("json_schema", SCHEMA)


@pytest.mark.parametrize(
    "said",
    [
        "This model does not support response format `json_schema`. See supported models",
        "This response_format type is unavailable now",
        "Invalid JSON schema: strict mode wants every key",
        "grammar: failed to parse",
        "Failed to validate JSON. Please adjust your prompt. See 'failed_generation' for more details.",
        "Extra inputs are not permitted: response_format",
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_it_is_asked_for_any_json(
    serve: Serve, scripted: ModuleType, said: str, status: int
) -> None:
    server = serve(scripted.error(status, said), scripted.stream("{}"))
    completion = _complete(server)
    assert completion.text == "{}"
    assert _asked(server) == ["json_schema", "json_object"]
    assert completion.info.refused == ("json_schema",)


def test_a_server_that_knows_no_form_is_asked_without(serve: Serve, scripted: ModuleType) -> None:
    refusal = scripted.error(400, "unknown field: response_format")
    server = serve(refusal, refusal, scripted.stream("prose"))
    completion = _complete(server)
    assert _asked(server) == ["json_schema", "json_object", ""]
    assert completion.info.refused == ("json_schema", "json_object")


def test_token_ids_have_a_way_of_vllms_own(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.error(400, "response_format is not supported here"), scripted.stream("{}"))
    _complete(server, TOKENS)
    assert [request.path for request in server.requests] == ["/v1/completions"] * 2
    assert _asked(server) == ["json_schema", "structured_outputs"]
    assert server.requests[1].body["structured_outputs"] == {"json": SCHEMA}


def test_what_was_refused_is_not_sent_again(serve: Serve, scripted: ModuleType) -> None:
    server = serve(
        scripted.error(400, "Unsupported parameter: 'seed'"),
        scripted.error(400, "response_format is not supported"),
        scripted.stream("{}"),
    )
    engine = OpenAIEngine(server.base_url, "m", timeout_s=5.0, max_retries=0)
    for _ in range(2):
        info = complete(engine, PROMPT, params=PARAMS, schema=SCHEMA).info
    assert info.refused == ("seed", "json_schema")
    assert _asked(server) == ["json_schema", "json_schema", "json_object", "json_object"]
    assert "seed" not in server.requests[-1].body


def test_what_is_known_to_be_ignored_is_not_sent(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("{}"))
    assert _complete(server, refused=("json_schema", "format")).info.refused == ("json_schema", "format")
    assert _asked(server) == ["json_object"]


@pytest.mark.parametrize("said", ["", "maximum context length is 4096 tokens", "no such model"])
def test_another_refusal_is_not_taken_for_one_of_the_form(serve: Serve, scripted: ModuleType, said: str) -> None:
    server = serve(scripted.error(400, said), scripted.stream("{}"))
    with pytest.raises(EngineReplyError):
        _complete(server)
    assert len(server.requests) == 1


def test_nothing_is_asked_for_without_a_schema(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("prose"))
    complete(OpenAIEngine(server.base_url, "m", timeout_s=5.0), PROMPT, params=PARAMS)
    assert _asked(server) == [""]


def test_an_ollama_that_knows_no_schema_is_asked_for_any_json(serve: Serve, scripted: ModuleType) -> None:
    line = b'{"model": "m", "message": {"content": "{}"}, "done": true, "done_reason": "stop"}\n'
    server = serve(
        scripted.json_reply({"models": []}),
        scripted.error(400, 'invalid format: expected "json"'),
        scripted.Reply(line, content_type="application/x-ndjson"),
    )
    engine = OllamaEngine(server.base_url.removesuffix("/v1") + "/api", "m", timeout_s=5.0)
    assert complete(engine, PROMPT, params=PARAMS, schema=SCHEMA).info.refused == ("format",)
    assert [request.body.get("format") for request in server.requests if request.path == "/api/chat"] == [
        SCHEMA,
        "json",
    ]
