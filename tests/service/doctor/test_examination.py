"""What is measured of servers that behave well and badly, over real HTTP."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from repoask.errors import EngineError, EngineReplyError, EngineUnreachableError
from repoask.service.doctor.examination import examine
from repoask.service.doctor.measurement import Measurement, read_measurement
from repoask.service.engine.openai_client import OpenAIEngine

Behaving = Callable[..., Any]
Serve = Callable[..., Any]


def measured(server: Any, *, max_tokens: int = 8_192, max_seconds: float = 30.0) -> Measurement:
    engine = OpenAIEngine(server.base_url, "m", timeout_s=max_seconds + 5, max_retries=0)
    return examine(engine, max_tokens=max_tokens, max_seconds=max_seconds, seed=7)


def test_a_server_that_holds_all_is_read_to_the_bound(behaving: Behaving) -> None:
    found = measured(behaving())
    assert found.context is not None
    assert (found.context.limit, found.context.is_limited, found.context.by_codes) == ("max_tokens", False, True)
    assert 7_800 < found.context.tokens <= 8_600
    assert (found.model, found.served_model, found.engine) == ("m", "served", "vllm 0.32.0")
    assert found.counts_tokens
    assert found.garbled_at is None
    assert found.notes == ()


@pytest.mark.parametrize(
    ("over", "limit"), [("refuse", "refused"), ("cut", "cut"), ("forget", "lost"), ("garble", "garbled")]
)
def test_the_limit_of_the_context_is_found_between_two_lengths(behaving: Behaving, over: str, limit: str) -> None:
    found = measured(behaving(context=3_000, over=over))
    assert found.context is not None
    assert (found.context.limit, found.context.is_limited) == (limit, True)
    assert 2_500 < found.context.tokens <= 3_000
    assert found.context.tried > found.context.tokens
    assert (found.garbled_at is not None) == (over == "garble")


def test_a_refusal_is_repeated_in_its_words(behaving: Behaving) -> None:
    found = measured(behaving(context=3_000))
    assert found.context is not None
    assert "maximum context length is 3000 tokens" in found.context.said


def test_a_server_that_cuts_and_does_not_count_is_found_out_by_the_codes(behaving: Behaving) -> None:
    found = measured(behaving(context=3_000, over="cut", counts=False))
    assert found.context is not None
    assert (found.context.limit, found.counts_tokens) == ("lost", False)
    # 6.3 characters are guessed for a token where this server has four
    assert 1_500 < found.context.tokens <= 1_920


def test_a_model_that_finds_nothing_is_measured_by_the_count(behaving: Behaving) -> None:
    found = measured(behaving(context=3_000, over="cut", finds=False))
    assert found.context is not None
    assert (found.context.limit, found.context.by_codes) == ("cut", False)
    assert 2_500 < found.context.tokens <= 3_600


def test_a_model_that_writes_no_text_at_all_is_said_to_and_measured_by_the_count(behaving: Behaving) -> None:
    found = measured(behaving(context=0, over="garble"), max_tokens=2_048)
    assert found.garbled_at == 0
    assert found.context is not None
    assert (found.context.limit, found.context.by_codes) == ("max_tokens", False)


def test_neither_codes_nor_counts_give_no_length(behaving: Behaving) -> None:
    found = measured(behaving(finds=False, counts=False))
    assert found.context is None
    assert any(note.startswith("context: ") for note in found.notes)


def test_a_server_that_dies_of_a_long_prompt_is_not_asked_longer_ones(behaving: Behaving) -> None:
    server = behaving(context=3_000, over="die")
    found = measured(server)
    assert found.context is not None
    assert (found.context.limit, found.context.is_limited) == ("failed", True)
    assert "broke off" in found.context.said
    assert max(len(request.body["messages"][0]["content"]) for request in server.requests) < 20_000


def test_a_quota_is_no_limit_of_the_context(behaving: Behaving) -> None:
    found = measured(behaving(context=3_000, over="busy"))
    assert found.context is not None
    assert (found.context.limit, found.context.is_limited) == ("busy", False)


@pytest.mark.parametrize("prefill_s", [0.4, 30.0])
def test_a_slow_server_is_measured_as_far_as_time_allows(behaving: Behaving, prefill_s: float) -> None:
    begin = time.perf_counter()
    found = measured(behaving(prefill_s=prefill_s), max_tokens=100_000, max_seconds=4.0)
    assert time.perf_counter() - begin < 8
    if prefill_s < 1:
        assert found.context is not None
        assert (found.context.limit, found.context.is_limited) == ("time", False)
        assert 1_000 < found.context.tokens < 10_000
    else:
        assert found.context is None or found.context.tokens == 0


@pytest.mark.parametrize(
    ("schema", "status"), [("obey", "constrained"), ("ignore", "ignored"), ("refuse", "refused"), ("blanks", "unclear")]
)
def test_a_schema_is_believed_only_when_it_holds(behaving: Behaving, schema: str, status: str) -> None:
    found = measured(behaving(schema=schema), max_tokens=1_024)
    assert found.structured is not None
    assert found.structured.status == status
    assert bool(found.structured.said) == (status != "constrained")


def test_the_schema_asks_for_words_that_no_prompt_holds(behaving: Behaving) -> None:
    server = behaving()
    measured(server, max_tokens=1_024)
    asked = next(request.body for request in server.requests if "response_format" in request.body)
    words = asked["response_format"]["json_schema"]["schema"]["properties"]["zq_mood"]["enum"]
    assert not any(word in json.dumps(asked["messages"]) for word in words)


@pytest.mark.parametrize(
    ("caches", "prefill_s", "status"),
    [("reported", 0.0, "reported"), ("silent", 0.5, "seen"), ("", 0.5, "none"), ("", 0.0, "unclear")],
)
def test_a_prefix_cache_is_told_by_the_count_or_the_time(
    behaving: Behaving, caches: str, prefill_s: float, status: str
) -> None:
    found = measured(behaving(caches=caches, prefill_s=prefill_s), max_tokens=1_024)
    assert found.cache is not None
    assert found.cache.status == status
    assert (found.cache.cached_tokens > 900) == (status == "reported")


def test_no_two_long_prompts_share_their_beginning_but_the_one_that_is_repeated(behaving: Behaving) -> None:
    server = behaving()
    measured(server)
    texts = [request.body["messages"][0]["content"] for request in server.requests]
    long = [text for text in texts if len(text) > 2_000]
    assert long[-1] in long[:-1]
    assert len({text[:100] for text in long}) == len(long) - 1


@pytest.mark.parametrize("streams", [True, False])
def test_streaming_and_speed_are_taken_from_the_clock(behaving: Behaving, streams: bool) -> None:
    found = measured(behaving(streams=streams, piece_s=0.002 if streams else 0.0), max_tokens=1_024)
    assert found.speed is not None
    assert found.speed.streams is streams
    assert not streams or 50 < found.speed.decode_tokens_per_s < 500
    assert found.speed.prefill_tokens_per_s


def test_pieces_that_come_all_at_once_are_no_streaming(behaving: Behaving) -> None:
    found = measured(behaving(), max_tokens=1_024)
    assert found.speed is not None
    assert not found.speed.streams


def test_a_model_that_goes_on_for_ever_does_not_take_all_the_time(behaving: Behaving) -> None:
    found = measured(behaving(babbles=True, piece_s=0.02), max_tokens=1_024, max_seconds=10.0)
    assert found.speed is not None
    assert 10 < found.speed.decode_tokens_per_s < 60
    assert found.context is not None
    assert (found.context.by_codes, found.counts_tokens) == (False, True)


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"<html></html>", b"{", b"data: [[\n\n"])
def test_garbage_is_one_clear_error(serve: Serve, scripted: Any, body: bytes) -> None:
    with pytest.raises(EngineReplyError) as caught:
        measured(serve(scripted.Reply(body)))
    assert "\n" not in str(caught.value)


def test_a_server_that_dies_after_the_first_reply_leaves_what_was_measured(serve: Serve, scripted: Any) -> None:
    server = serve(scripted.stream("ready"), scripted.Reply(b"", truncate=True))
    found = measured(server)
    assert (found.structured, found.speed, found.cache) == (None, None, None)
    assert [note.partition(":")[0] for note in found.notes] == ["speed", "structured output", "prefix cache"]
    assert found.context is not None
    assert (found.context.tokens, found.context.limit) == (0, "failed")


@pytest.mark.parametrize(("status", "error"), [(401, EngineReplyError), (404, EngineReplyError)])
def test_a_server_that_answers_nothing_is_an_error(
    serve: Serve, scripted: Any, status: int, error: type[EngineError]
) -> None:
    with pytest.raises(error, match=rf"\({status}\)"):
        measured(serve(scripted.error(status, "no")))


def test_no_server_is_an_error(serve: Serve, scripted: Any) -> None:
    server = serve(scripted.stream("x"))
    engine = OpenAIEngine(f"http://127.0.0.1:9/{server.port}", "m", timeout_s=5.0, max_retries=0)
    with pytest.raises(EngineUnreachableError):
        examine(engine, max_tokens=1_024, max_seconds=5.0, seed=1)


def test_a_measurement_outlives_its_json(behaving: Behaving) -> None:
    found = measured(behaving(context=3_000), max_tokens=4_096)
    assert read_measurement(found.line()) == found


@pytest.mark.parametrize("line", ["", "{}", "[]", "null", '{"schema_version": 2}'])
def test_what_is_no_measurement_is_none(line: str) -> None:
    assert read_measurement(line) is None
