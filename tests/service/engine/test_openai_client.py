"""The OpenAI client against a real server on loopback: honest ones, odd ones, lying ones."""

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.context.endpoint import read_endpoint
from repoask.errors import ConfigError, EngineReplyError, EngineUnreachableError, RepoaskError
from repoask.service.engine.completion import complete
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Completion, Message, Prompt, SamplingParams, Segment, Usage

PROMPT = Prompt(messages=(Message("system", "rules"), Message("user", "question")))
PARAMS = SamplingParams(temperature=0.0, seed=7, max_tokens=50)
Serve = Callable[..., Any]


def _complete(server: Any, *, params: SamplingParams = PARAMS, model: str = "m", **options: Any) -> Completion:
    options = {"max_retries": 0, "timeout_s": 5.0, **options}
    return complete(OpenAIEngine(server.base_url, model, **options), PROMPT, params=params)


def _failure(server: Any, **options: Any) -> str:
    with pytest.raises(EngineReplyError) as caught:
        _complete(server, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert server.base_url in message
    return message


def test_text_arrives_in_pieces_and_whole(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("A façade, then ends.", size=3))
    pieces: list[str] = []
    engine = OpenAIEngine(server.base_url, "m", timeout_s=5.0)
    completion = complete(engine, PROMPT, params=PARAMS, on_delta=pieces.append)
    assert completion.text == "".join(pieces) == "A façade, then ends."
    assert len(pieces) > 3
    assert completion.finish_reason == "stop"
    assert completion.usage == Usage(prompt_tokens=900, completion_tokens=9, cached_tokens=64)
    assert completion.model == "served"


@pytest.mark.parametrize(("prompt", "reply", "cached"), [(9, 1, -5), (9, 1, 10), (9, -1, 5), (10**400, 1, 5)])
def test_counts_that_cannot_be_are_not_believed(
    serve: Serve, scripted: ModuleType, prompt: int, reply: int, cached: int
) -> None:
    details = {"cached_tokens": cached}
    usage = {"prompt_tokens": prompt, "completion_tokens": reply, "prompt_tokens_details": details}
    server = serve(scripted.Reply([scripted.chunk("fine"), scripted.event({"choices": [], "usage": usage})]))
    assert _complete(server).usage is None


def test_request_holds_prompt_and_sampling(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("fine"))
    _complete(server)
    body = server.requests[0].body
    assert body["messages"] == [{"role": "system", "content": "rules"}, {"role": "user", "content": "question"}]
    assert (body["model"], body["seed"], body["temperature"], body["max_tokens"]) == ("m", 7, 0.0, 50)


def test_token_ids_go_to_the_completions_page(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.Reply(scripted.event({"choices": [{"text": "ids", "finish_reason": "stop"}]})))
    completion = complete(OpenAIEngine(server.base_url, "m", timeout_s=5.0), Prompt(token_ids=(1, 2, 3)), params=PARAMS)
    assert completion.text == "ids"
    assert server.requests[0].path == "/v1/completions"
    assert server.requests[0].body["prompt"] == [1, 2, 3]


def test_segments_go_before_the_ids_that_follow_them(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.Reply(scripted.event({"choices": [{"text": "ids", "finish_reason": "stop"}]})))
    complete(OpenAIEngine(server.base_url, "m", timeout_s=5.0), _in_segments([1, 70_000], [3]), params=PARAMS)
    assert server.requests[0].body["prompt"] == [1, 70_000, 3, 9]


def test_environment_adds_no_header_and_no_key(
    serve: Serve, scripted: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "leaked-value")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: leaked-value")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    server = serve(scripted.stream("fine"))
    _complete(server)
    assert "leaked-value" not in str(server.requests[0].headers)
    assert "authorization" not in server.requests[0].headers


def test_key_is_sent_as_bearer_token(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("fine"))
    _complete(server, api_key="k-123")
    assert server.requests[0].headers["authorization"] == "Bearer k-123"


def test_proxy_of_the_environment_is_not_used_for_loopback(
    serve: Serve, scripted: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert _complete(serve(scripted.stream("fine"))).text == "fine"


def test_server_that_does_not_stream_is_understood(serve: Serve, scripted: ModuleType) -> None:
    reply = {"model": "x", "choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}], "usage": None}
    assert _complete(serve(scripted.json_reply(reply))).text == "whole"


def test_only_model_of_a_server_is_taken(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("fine"), pages={"/v1/models": scripted.json_reply({"data": [{"id": "llama"}]})})
    assert _complete(server, model="").info.model == "llama"
    assert server.requests[0].body["model"] == "llama"


def test_several_models_want_a_choice(serve: Serve, scripted: ModuleType) -> None:
    models = {"data": [{"id": "llama"}, {"id": "qwen"}]}
    server = serve(scripted.stream("fine"), pages={"/v1/models": scripted.json_reply(models)})
    with pytest.raises(ConfigError, match=r"llama, qwen.*--model"):
        _complete(server, model="")
    assert server.requests == []


@pytest.mark.parametrize(
    ("page", "told", "engine"),
    [
        ("/version", {"version": "0.32.0"}, "vllm"),
        ("/api/version", {"version": "0.9.1"}, "ollama"),
        ("/props", {"build_info": "b4000-abc"}, "llama.cpp"),
    ],
)
def test_engine_and_version_are_found_out(
    serve: Serve, scripted: ModuleType, page: str, told: dict[str, str], engine: str
) -> None:
    info = _complete(serve(scripted.stream("fine"), pages={page: scripted.json_reply(told)})).info
    assert info.engine == engine
    assert info.versions[engine] == next(iter(told.values()))
    assert info.versions["openai"]


@pytest.mark.parametrize(
    ("models", "length"),
    [
        ([{"id": "llama", "max_model_len": 65_536}], 65_536),
        ([{"id": "qwen", "max_model_len": 8192}, {"id": "llama", "max_model_len": 4096}], 4096),
        ([{"id": "qwen", "max_model_len": 8192}], None),
        ([{"id": "llama"}], None),
        ([{"id": "llama", "max_model_len": -1}], None),
        ([{"id": "llama", "max_model_len": "long"}], None),
        ("none", None),
    ],
)
def test_vllm_tells_its_longest_prompt(serve: Serve, scripted: ModuleType, models: object, length: int | None) -> None:
    pages = {"/version": {"version": "0.32.0"}, "/v1/models": {"data": models}}
    server = serve(scripted.stream("fine"), pages={page: scripted.json_reply(told) for page, told in pages.items()})
    assert _complete(server, model="llama").info.max_model_len == length


def test_the_longest_prompt_of_the_only_model_is_known_without_its_name(serve: Serve, scripted: ModuleType) -> None:
    pages = {"/version": {"version": "0.32.0"}, "/v1/models": {"data": [{"id": "llama", "max_model_len": 100}]}}
    server = serve(scripted.stream("fine"), pages={page: scripted.json_reply(told) for page, told in pages.items()})
    assert asyncio.run(OpenAIEngine(server.base_url, timeout_s=5).describe()).max_model_len == 100


@pytest.mark.parametrize(
    ("meta", "length"),
    [
        ({"n_ctx": 4096, "n_ctx_train": 131_072}, 4096),
        ({"n_ctx": None}, None),
        ({}, None),
        ("no table", None),
        (None, None),
    ],
)
def test_llama_cpp_tells_the_length_of_its_slots(
    serve: Serve, scripted: ModuleType, meta: object, length: int | None
) -> None:
    pages = {"/props": {"build_info": "b9000-abc"}, "/v1/models": {"data": [{"id": "llama", "meta": meta}]}}
    server = serve(pages={page: scripted.json_reply(told) for page, told in pages.items()})
    info = asyncio.run(OpenAIEngine(server.base_url, timeout_s=5).describe())
    assert (info.engine, info.max_model_len) == ("llama.cpp", length)


def test_server_without_a_version_has_no_engine_name(serve: Serve, scripted: ModuleType) -> None:
    html = scripted.Reply(b"<html>hello</html>", content_type="text/html")
    server = serve(scripted.stream("fine"), pages={"/version": html})
    assert _complete(server).info.engine == ""


@pytest.mark.parametrize(
    ("message", "refused", "kept"),
    [
        ("Unsupported parameter: 'seed'", "seed", "temperature"),
        ("'temperature' does not support 0 with this model", "temperature", "seed"),
        ("Unrecognized request argument supplied: stream_options", "stream_options", "seed"),
    ],
)
def test_refused_parameter_is_left_out_and_noted(
    serve: Serve, scripted: ModuleType, message: str, refused: str, kept: str
) -> None:
    server = serve(scripted.error(400, message), scripted.stream("fine"))
    completion = _complete(server)
    assert completion.text == "fine"
    assert completion.info.refused == (refused,)
    assert refused not in server.requests[1].body
    assert kept in server.requests[1].body


def test_newer_name_of_max_tokens_is_used_where_wanted(serve: Serve, scripted: ModuleType) -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server = serve(scripted.error(400, message), scripted.stream("fine"))
    assert _complete(server).info.refused == ()
    assert server.requests[1].body["max_completion_tokens"] == 50


def test_thoughts_are_not_part_of_the_reply(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("<think>hm [a.py:1-2]\n</think>\n\nIt is so.", size=2))
    assert _complete(server).text == "It is so."


def test_reply_that_merely_begins_like_a_thought_is_kept(serve: Serve, scripted: ModuleType) -> None:
    assert _complete(serve(scripted.stream("<thin", size=1))).text == "<thin"


def test_too_many_requests_are_tried_again_as_told(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.error(429, "slow down", retry_after="0.05"), scripted.stream("fine"))
    assert _complete(server, max_retries=1).text == "fine"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, r"wants a key \(401\): no way; set REPOASK_API_KEY"),
        (403, r"wants a key \(403\)"),
        (404, r"knows no model 'm'.*\(404\): no way; check --model"),
        (413, r"prompt too long"),
        (422, r"refused the request \(422\)"),
        (429, r"no more requests for now \(429\): no way"),
        (500, r"failed \(500\): no way"),
        (503, r"failed \(503\)"),
    ],
)
def test_refusal_names_the_status_and_the_way_out(serve: Serve, scripted: ModuleType, status: int, said: str) -> None:
    with pytest.raises(EngineReplyError, match=said):
        _complete(serve(scripted.error(status, "no\n way")))


def test_key_never_appears_in_a_message(serve: Serve, scripted: ModuleType) -> None:
    message = _failure(serve(scripted.error(401, "Incorrect API key: sk-secret")), api_key="sk-secret")
    assert "sk-secret" not in message
    assert "refused the key" in message


def test_prompt_over_the_context_is_not_mistaken_for_a_refused_parameter(serve: Serve, scripted: ModuleType) -> None:
    message = "'max_tokens' or 'max_completion_tokens' is too large: maximum context length is 4096"
    assert "prompt too long" in _failure(serve(scripted.error(400, message)))


def test_redirect_is_not_followed(serve: Serve, scripted: ModuleType) -> None:
    elsewhere = serve(scripted.stream("stolen"))
    target = f"{elsewhere.base_url}/chat/completions"
    server = serve(scripted.Reply(b"", status=307, headers={"location": target}))
    assert target in _failure(server)
    assert elsewhere.requests == []


def test_page_of_html_is_no_reply(serve: Serve, scripted: ModuleType) -> None:
    message = _failure(serve(scripted.Reply(b"<html>login</html>", content_type="text/html; charset=utf-8")))
    assert "text/html" in message
    assert "/v1" in message


def test_html_in_an_error_is_not_repeated(serve: Serve, scripted: ModuleType) -> None:
    reply = scripted.Reply(b"<html><script>x</script></html>", status=502, content_type="text/html")
    assert "<script>" not in _failure(serve(reply))


@pytest.mark.parametrize(
    "body",
    [
        b"data: {broken\n\n",
        b"data: \xff\xfe\n\n",
        b"data: 7\n\n",
        b'data: "text"\n\n',
        b"data: [1, 2]\n\n",
        b'data: {"choices": [{"delta": "text"}]}\n\n',
        b'data: {"choices": [{"delta": {"content": ["x"]}}]}\n\n',
        b'data: {"something": "else"}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: {"error": {"message": "CUDA out of memory"}}\n\n',
    ],
)
def test_broken_stream_gives_one_clear_line(serve: Serve, scripted: ModuleType, body: bytes) -> None:
    _failure(serve(scripted.Reply(body)))


def test_half_of_a_surrogate_pair_is_replaced(serve: Serve, scripted: ModuleType) -> None:
    assert _complete(serve(scripted.Reply(scripted.chunk("a\ud83db", finish="stop")))).text == "a\ufffdb"


def test_error_inside_a_stream_is_told(serve: Serve, scripted: ModuleType) -> None:
    body = [scripted.chunk("A beg"), scripted.event({"error": {"message": "CUDA out of memory"}})]
    assert "CUDA out of memory" in _failure(serve(scripted.Reply(body)))


@pytest.mark.parametrize("body", [b"", b"data: [DONE]\n\n", b": ping\n\n", b'data: {"choices": []}\n\n'])
def test_empty_reply_is_an_error(serve: Serve, scripted: ModuleType, body: bytes) -> None:
    assert "wrote nothing" in _failure(serve(scripted.Reply(body)))


def test_thought_without_an_answer_is_an_error(serve: Serve, scripted: ModuleType) -> None:
    assert "--max-tokens" in _failure(serve(scripted.stream("<think>and so on", finish="length")))


@pytest.mark.parametrize("body", [b'{"choices": [', b'{"choices": [], "number": %s}' % (b"1" * 5000)])
def test_garbled_json_is_an_error(serve: Serve, scripted: ModuleType, body: bytes) -> None:
    assert "garbled" in _failure(serve(scripted.Reply(body, content_type="application/json")))


def test_endless_text_is_cut_off(serve: Serve, scripted: ModuleType) -> None:
    endless = scripted.Reply(scripted.chunk("word " * 50) for _ in itertools.count())
    assert "past max_tokens" in _failure(serve(endless))


def test_endless_silence_is_cut_off(serve: Serve, scripted: ModuleType) -> None:
    pings = scripted.Reply((b": ping\n\n" for _ in itertools.count()), pause_s=0.01)
    begin = time.perf_counter()
    with pytest.raises(EngineUnreachableError, match=r"no reply within 0\.3 s"):
        _complete(serve(pings), timeout_s=0.3)
    assert time.perf_counter() - begin < 3


@pytest.mark.parametrize("status", [200, 500])
def test_body_that_drips_for_ever_is_cut_off(serve: Serve, scripted: ModuleType, status: int) -> None:
    drip = scripted.Reply(
        (b" " for _ in itertools.count()), pause_s=0.01, content_type="application/json", status=status
    )
    with pytest.raises(EngineUnreachableError, match=r"no reply within 0\.3 s"):
        _complete(serve(drip), timeout_s=0.3)


def test_endless_line_is_cut_off(serve: Serve, scripted: ModuleType) -> None:
    flood = scripted.Reply(
        b"data: " if first else b"x" * 2**20 for first in itertools.chain([True], itertools.repeat(False))
    )
    assert "64 MB" in _failure(serve(flood), timeout_s=30.0)


def test_connection_that_breaks_off_is_told(serve: Serve, scripted: ModuleType) -> None:
    with pytest.raises(EngineUnreachableError, match="broke off"):
        _complete(serve(scripted.Reply(scripted.chunk("half"), truncate=True)))


def test_server_that_is_not_there_is_told() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/v1"
        with pytest.raises(EngineUnreachableError, match=r"no connection.*--base-url"):
            complete(OpenAIEngine(url, "m", max_retries=0, timeout_s=5.0), PROMPT, params=PARAMS)


@pytest.mark.parametrize("url", ["", "localhost:11434", "ftp://h/v1", "http://", "http://h:x/v1", "http://h/v1?key=1"])
def test_endpoint_that_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="base-url"):
        OpenAIEngine(url, "m", timeout_s=5.0)


def test_credentials_in_the_endpoint_are_refused_and_not_repeated() -> None:
    with pytest.raises(RepoaskError) as caught:
        OpenAIEngine("http://user:hunter2@host/v1", "m", timeout_s=5.0)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback", "endpoint"),
    [
        ("http://localhost:11434/v1", True, ("localhost", 11434)),
        ("http://127.0.0.2/v1/", True, ("127.0.0.2", 80)),
        ("http://[::1]:8000/v1", True, ("::1", 8000)),
        ("https://api.example.org/v1", False, ("api.example.org", 443)),
        ("http://localhost.example.org/v1", False, ("localhost.example.org", 80)),
        ("http://10.0.0.1/v1", False, ("10.0.0.1", 80)),
    ],
)
def test_loopback_is_told_from_elsewhere(url: str, loopback: bool, endpoint: tuple[str, int]) -> None:
    assert OpenAIEngine(url, "m", timeout_s=5.0).info.loopback is loopback
    read = read_endpoint(url, setting="--base-url")
    assert (read.host, read.port) == endpoint


def test_prompt_hash_changes_with_any_part() -> None:
    prompts = [
        PROMPT,
        Prompt(messages=(Message("user", "rules"), Message("user", "question"))),
        Prompt(messages=(Message("system", "rulesq"), Message("user", "uestion"))),
        Prompt(token_ids=(1, 2)),
        Prompt(token_ids=(12,)),
        Prompt(token_ids=(1, 2, 9)),
        _in_segments([1, 2]),
        _in_segments([1], [2]),
    ]
    assert len({prompt.hash for prompt in prompts}) == len(prompts)
    assert PROMPT.hash == Prompt(messages=PROMPT.messages).hash


def test_segments_are_equal_by_what_they_hold() -> None:
    assert _in_segments([1, 2]) == _in_segments([1, 2])
    assert _in_segments([1, 2]).num_tokens == 3


def _in_segments(*segments: list[int]) -> Prompt:
    return Prompt(token_ids=(9,), segments=tuple(Segment.of(struct.pack(f"<{len(ids)}I", *ids)) for ids in segments))
