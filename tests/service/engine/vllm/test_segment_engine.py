"""The client of repoask's own server, against a real one on loopback that answers as the middleware does, or worse."""

import asyncio
import hashlib
import json
import logging
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from contextlib import aclosing, suppress
from http.server import BaseHTTPRequestHandler
from types import ModuleType
from typing import Any

import pytest
from repoask.errors import EngineError, EngineReplyError, EngineUnreachableError
from repoask.service.engine.completion import complete
from repoask.service.engine.protocol import Completion, Delta, Forecast, Message, Prompt, SamplingParams, Segment, Usage
from repoask.service.engine.vllm.segment_engine import SegmentEngine

PARAMS = SamplingParams(temperature=0.0, seed=7, max_tokens=50)
SALT = "5" * 64
SERVER = {"repoask": 1, "vllm": "0.32.0", "models": ["scout", "adapter"], "max_model_len": 65_536}
Loopback = Callable[..., Any]


def segment(*ids: int) -> Segment:
    return Segment.of(array("I", ids).tobytes())


PROMPT = Prompt(segments=(segment(1, 70_000), segment(3)), token_ids=(9,))


def event(data: object) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


def place(number: int) -> bytes:
    return event({"choices": [], "repoask": {"place": number}})


TEXT = event({"model": "scout", "choices": [{"text": "fine", "finish_reason": "stop"}]})
DETAILS = {"cached_tokens": 2, "restored_tokens": 1}
USAGE = event({
    "choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 1, "prompt_tokens_details": DETAILS}
})  # fmt: skip
DONE = event(b"[DONE]")


class Middleware(BaseHTTPRequestHandler):
    """Answers as the middleware does; what it does not say otherwise comes from `self.server`."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        self._note(b"")
        told = self.server.pages.get(self.path)
        self._json(404 if told is None else 200, told or {"error": {"message": "no such page"}})

    def do_PUT(self) -> None:
        body = self._read()
        digest = self.path.rpartition("/")[2]
        assert hashlib.sha256(body).hexdigest() == digest
        self.server.held.add((self.headers.get("x-repoask-salt"), digest))
        self._json(200, {"tokens": len(body) // 4})

    def do_POST(self) -> None:
        question = json.loads(self._read())
        if not self.path.startswith("/repoask/"):
            self._stream([TEXT, USAGE, DONE])
            return
        salt = self.headers.get("x-repoask-salt")
        missing = [digest for digest in question["segments"] if (salt, digest) not in self.server.held]
        if missing:
            self._json(409, {"error": {"message": "some are missing", "missing": self.server.asks_for or missing}})
        elif self.server.refusal:
            self._json(*self.server.refusal)
        elif self.path.endswith("/forecast"):
            self._json(200, self.server.forecast)
        else:
            self._stream(self.server.events)

    def handle(self) -> None:
        self.server.connections.append(self.client_address)
        with suppress(ConnectionError):  # the client goes when it has had enough
            super().handle()

    def _read(self) -> bytes:
        body = self.rfile.read(int(self.headers["content-length"]))
        self._note(body)
        return body

    def _note(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))

    def _json(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterable[bytes]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            for each in events:
                self.wfile.write(each)
                self.wfile.flush()
        except OSError:
            self.server.left.append(time.monotonic())


def start(loopback: Loopback, **more: Any) -> Any:
    pages = {"/repoask": SERVER, "/version": {"version": "0.32.0"}}
    usual = {
        "pages": pages, "held": set(), "requests": [], "connections": [], "left": [], "refusal": None, "asks_for": None,
        "events": [TEXT, USAGE, DONE], "forecast": {"prompt_tokens": 4, "cached_tokens": 2},
    }  # fmt: skip
    return loopback(Middleware, **{**usual, **more})


def engine(server: Any, model: str = "scout", **options: Any) -> SegmentEngine:
    return SegmentEngine(f"{server.url}/v1", model, **{"timeout_s": 5.0, "max_retries": 0, **options})


def deltas(server: Any, prompt: Prompt = PROMPT, *, schema: Any = None, **options: Any) -> list[Delta]:
    async def collect() -> list[Delta]:
        replied = engine(server, **options).generate(prompt, params=PARAMS, schema=schema, salt=SALT)
        async with aclosing(replied) as coming:
            return [delta async for delta in coming]

    return asyncio.run(collect())


def calls(server: Any) -> list[str]:
    return [f"{method} {path.rpartition('/')[2][:12]}" for method, path, _, _ in server.requests]


def test_segments_are_sent_once_and_questions_name_them(loopback: Loopback) -> None:
    server = start(loopback)
    assert deltas(server, schema={"type": "object"})[0].text == "fine"
    sent = [f"PUT {each.digest[:12]}" for each in PROMPT.segments]
    assert calls(server) == ["GET repoask", "POST completions", *sent, "POST completions"]
    assert json.loads(server.requests[-1][3]) == {
        "model": "scout", "segments": [each.digest for each in PROMPT.segments], "tail": [9], "max_tokens": 50,
        "temperature": 0.0, "seed": 7, "schema": {"type": "object"},
    }  # fmt: skip
    server.requests.clear()
    deltas(server)
    assert calls(server) == ["GET repoask", "POST completions"]


def test_many_segments_go_over_the_connection_that_is_there(loopback: Loopback) -> None:
    """Each with one of its own, more than a hundred of them would wait for one another without end."""
    server = start(loopback)
    prompt = Prompt(segments=tuple(segment(number) for number in range(150)), token_ids=(9,))
    assert deltas(server, prompt)[0].text == "fine"
    assert len(server.held) == 150
    assert len(server.connections) <= 3


def test_a_server_that_asks_for_a_segment_many_times_gets_it_once(loopback: Loopback) -> None:
    asks_for = [each.digest for each in PROMPT.segments] * 500
    server = start(loopback, asks_for=asks_for)
    assert deltas(server)[0].text == "fine"
    assert len([call for call in calls(server) if call.startswith("PUT")]) == 2


def test_counts_tell_what_was_cached_and_what_restored(loopback: Loopback) -> None:
    usages = [delta.usage for delta in deltas(start(loopback)) if delta.usage]
    assert usages == [Usage(prompt_tokens=4, completion_tokens=1, cached_tokens=2, restored_tokens=1)]


def test_the_place_is_told_while_it_waits(loopback: Loopback) -> None:
    server = start(loopback, events=[place(2), place(1), place(0), TEXT, USAGE, DONE])
    assert [delta.place for delta in deltas(server)][:4] == [2, 1, None, None]


def test_a_server_is_asked_once_what_it_is(loopback: Loopback) -> None:
    server = start(loopback)
    asked = engine(server, "")
    complete(asked, PROMPT, params=PARAMS)
    completion: Completion = complete(asked, PROMPT, params=PARAMS)
    assert calls(server).count("GET repoask") == 1
    assert [call for call in calls(server) if call.startswith("GET")] == ["GET repoask"]
    info = completion.info
    assert (info.model, info.engine, info.max_model_len) == ("scout", "vllm", 65_536)
    assert info.versions == {"vllm": "0.32.0"}


def test_chat_messages_go_to_the_usual_pages_and_cost_nothing_more(loopback: Loopback) -> None:
    server = start(loopback)
    prompt = Prompt(messages=(Message("user", "question"),))
    assert complete(engine(server), prompt, params=PARAMS).text == "fine"
    assert not [path for _, path, _, _ in server.requests if "repoask" in path]
    assert asyncio.run(engine(server).forecast(prompt)) is None


def test_another_server_gets_the_ids_themselves(loopback: Loopback) -> None:
    server = start(loopback, pages={"/version": {"version": "0.32.0"}})
    assert deltas(server)[0].text == "fine"
    body = json.loads(server.requests[-1][3])
    assert (body["prompt"], body["cache_salt"]) == ([1, 70_000, 3, 9], SALT)
    assert asyncio.run(engine(server).forecast(PROMPT)) is None


@pytest.mark.parametrize("told", [{**SERVER, "repoask": 2}, {**SERVER, "models": []}, {"repoask": "1"}, ["repoask"]])
def test_another_protocol_falls_back_to_the_usual_pages(
    loopback: Loopback, told: object, caplog: pytest.LogCaptureFixture
) -> None:
    server = start(loopback, pages={"/repoask": told})
    with caplog.at_level(logging.WARNING):
        assert deltas(server)[0].text == "fine"
    assert server.requests[-1][1] == "/v1/completions"
    assert ("speak protocol 2, this repoask speaks 1" in caplog.text) == (told == {**SERVER, "repoask": 2})


def test_a_long_tail_is_sent_as_a_segment(loopback: Loopback) -> None:
    server = start(loopback)
    deltas(server, Prompt(token_ids=tuple(range(70_000))))
    question = json.loads(server.requests[-1][3])
    assert question["tail"] == [69_999]
    assert question["segments"] == [segment(*range(69_999)).digest]


def test_a_salt_of_another_form_is_brought_into_that_of_the_protocol(loopback: Loopback) -> None:
    server = start(loopback)
    asyncio.run(engine(server).forecast(PROMPT, salt="tenant"))
    assert {headers.get("x-repoask-salt") for _, path, headers, _ in server.requests if "/v1/" in path} == {
        hashlib.sha256(b"tenant").hexdigest()
    }


def test_a_forecast_is_what_the_server_tells(loopback: Loopback) -> None:
    told = {"prompt_tokens": 9, "cached_tokens": 5, "restored_tokens": 1, "seconds": 0.5, "place": 3}
    assert asyncio.run(engine(start(loopback, forecast=told)).forecast(PROMPT)) == Forecast(9, 5, 1, 0.5, 3)


@pytest.mark.parametrize(
    "more",
    [
        {"forecast": {"prompt_tokens": 1, "cached_tokens": 2}},
        {"forecast": {"prompt_tokens": -1, "cached_tokens": 0}},
        {"forecast": {"prompt_tokens": 4, "cached_tokens": 2, "seconds": -5.0}},
        {"forecast": {"prompt_tokens": 4, "cached_tokens": 2, "seconds": float("nan")}},
        {"forecast": {"prompt_tokens": 4, "cached_tokens": 2, "seconds": float("inf")}},
        {"forecast": []},
        {"refusal": (501, {"error": {"message": "cannot tell"}})},
    ],
)
def test_a_forecast_that_cannot_be_is_none(loopback: Loopback, more: dict[str, Any]) -> None:
    assert asyncio.run(engine(start(loopback, **more)).forecast(PROMPT)) is None


def test_a_server_that_is_not_there_is_no_error_of_a_forecast_and_a_clear_one_of_a_question() -> None:
    gone = SegmentEngine("http://127.0.0.1:9/v1", "m", timeout_s=2.0, max_retries=0)
    assert asyncio.run(gone.forecast(PROMPT)) is None
    with pytest.raises(EngineUnreachableError, match="no connection"):
        complete(gone, PROMPT, params=PARAMS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"events": [TEXT, event({"error": {"message": "the engine\nfailed"}})]}, "an error: the engine failed"),
        ({"events": [TEXT]}, "the reply broke off"),
        ({"events": [DONE]}, "the model wrote nothing"),
        ({"events": [event(b"{")]}, "the reply is garbled"),
        ({"events": [event(b'{"number": %s}' % (b"1" * 5000))]}, "the reply is garbled"),
        ({"events": [event([1])]}, "not in the OpenAI protocol"),
        ({"events": [event({"choices": [{"text": "x" * 500}]})] * 9}, "goes on past max_tokens"),
        ({"refusal": (400, {"error": {"message": "over the model's context of 9"}})}, "prompt too long (400): over"),
        ({"refusal": (401, {"error": {"message": "no"}})}, "wants a key (401)"),
        ({"refusal": (307, {})}, "redirects elsewhere"),
        ({"asks_for": ["0" * 64]}, "asks for segments that it was not told of"),
    ],
)
def test_what_goes_wrong_is_one_clear_line(loopback: Loopback, more: dict[str, Any], said: str) -> None:
    server = start(loopback, **more)
    with pytest.raises(EngineError) as caught:
        deltas(server)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.url in str(caught.value)


def test_a_server_that_never_keeps_what_it_is_sent_is_given_up(loopback: Loopback) -> None:
    class Forgetful(Middleware):
        def do_PUT(self) -> None:
            super().do_PUT()
            self.server.held.clear()

    server = start(lambda _, **more: loopback(Forgetful, **more))
    with pytest.raises(EngineReplyError, match=r"\(409\)"):
        deltas(server)
    assert calls(server).count("POST completions") == 3


def test_a_silent_server_is_given_up_but_not_one_that_tells_a_place(loopback: Loopback) -> None:
    def slow(*told: bytes) -> Iterable[bytes]:
        for each in told:
            time.sleep(0.3)
            yield each

    alive = start(loopback, events=slow(place(1), place(0), place(0), TEXT, USAGE, DONE))
    assert "fine" in [delta.text for delta in deltas(alive, timeout_s=0.7)]
    silent = start(loopback, events=slow(b": still here\n\n", b": still here\n\n", b": still here\n\n", TEXT))
    with pytest.raises(EngineUnreachableError, match=r"no reply within 0\.7 s"):
        deltas(silent, timeout_s=0.7)


def test_leaving_early_hangs_up(loopback: Loopback) -> None:
    def endless() -> Iterable[bytes]:
        while True:
            time.sleep(0.01)
            yield event({"choices": [{"text": "x"}]})

    server = start(loopback, events=endless())

    async def leave() -> None:
        async with aclosing(engine(server).generate(PROMPT, params=PARAMS)) as coming:
            await anext(coming)

    asyncio.run(leave())
    deadline = time.monotonic() + 5
    while not server.left and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.left


def test_the_key_goes_to_the_server_and_nothing_of_the_environment(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "leaked")
    server = start(loopback)
    deltas(server, api_key="k-123")
    assert {headers["authorization"] for _, _, headers, _ in server.requests} == {"Bearer k-123"}
    assert "leaked" not in str(server.requests)


def test_the_openai_library_stays_out_of_it(loopback: Loopback) -> None:
    server = start(loopback)
    script = f"""
import sys
from repoask.service.engine.completion import complete
from repoask.service.engine.protocol import Prompt, SamplingParams
from repoask.service.engine.vllm.segment_engine import SegmentEngine
engine = SegmentEngine("{server.url}/v1", "scout", timeout_s=5.0)
complete(engine, Prompt(token_ids=(1,)), params=SamplingParams(temperature=0.0, seed=None, max_tokens=9))
print("openai" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "False"


def test_a_busy_server_is_asked_again(serve: Callable[..., Any], scripted: ModuleType) -> None:
    pages = {"/repoask": scripted.json_reply(SERVER)}
    fine = scripted.Reply([TEXT, USAGE, DONE])
    server = serve(scripted.error(503, retry_after="0"), fine, pages=pages)
    asked = SegmentEngine(server.base_url, "scout", timeout_s=5.0)
    assert complete(asked, Prompt(token_ids=(1,)), params=PARAMS).text == "fine"
    assert [request.path for request in server.requests] == ["/repoask/v1/completions"] * 2
