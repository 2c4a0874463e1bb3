"""How a measurement reads."""

from dataclasses import replace
from typing import Any

import pytest
from repoask.service.doctor.measurement import (
    CacheStatus,
    ContextLength,
    ContextLimit,
    Measurement,
    PrefixCache,
    Speed,
    StructuredOutput,
)
from repoask.service.terminal.doctor_text import render_measurement
from repoask.service.terminal.ink import PlainInk

MEASURED = Measurement(
    base_url="http://127.0.0.1:8000/v1",
    model="llama",
    served_model="llama",
    engine="vllm 0.32.0",
    measured_at="2026-11-26T12:00:00+00:00",
    counts_tokens=True,
    context=ContextLength(tokens=32_700, tried=32_768, limit="max_tokens", by_codes=True),
    cache=PrefixCache(status="reported", prompt_tokens=32_700, cached_tokens=32_688, cold_s=4.0, warm_s=0.1),
    structured=StructuredOutput(status="constrained"),
    speed=Speed(first_token_s=0.05, decode_tokens_per_s=80.4, prefill_tokens_per_s=8_175.2, streams=True),
)


class MarkingInk(PlainInk):
    def warning(self, text: str) -> str:
        return f"!{text}!"


def test_a_good_server_reads_without_a_mark() -> None:
    assert render_measurement(MEASURED, ink=MarkingInk()) == (
        "llama at http://127.0.0.1:8000/v1 (vllm 0.32.0)\n"
        "context           32,700 tokens read whole; no longer prompt was tried (--max-tokens)\n"
        "prefix cache      yes, 32,688 of 32,700 tokens: first text after 4.00 s, again after 0.10 s\n"
        "structured output a JSON schema constrains the reply\n"
        "streaming         yes\n"
        "speed             reads 8,175 tokens/s, writes 80 tokens/s, begins after 0.05 s\n"
        "replies           text at every length\n"
        "token counts      by the server\n"
    )


@pytest.mark.parametrize("limit", ["cut", "lost", "garbled", "failed"])
def test_a_limit_that_comes_without_a_word_is_marked(limit: ContextLimit) -> None:
    context = ContextLength(tokens=3_000, tried=4_096, limit=limit, by_codes=True)
    line = render_measurement(replace(MEASURED, context=context), ink=MarkingInk()).splitlines()[1]
    assert "!3,000 tokens read whole; " in line
    assert "4,096" in line


@pytest.mark.parametrize(
    "worse",
    [
        {"cache": PrefixCache(status="none", prompt_tokens=9, cached_tokens=0, cold_s=2.0, warm_s=2.0)},
        {"structured": StructuredOutput(status="ignored", said="Paris")},
        {"structured": StructuredOutput(status="refused", said="no")},
        {"speed": Speed(first_token_s=1, decode_tokens_per_s=1, prefill_tokens_per_s=None, streams=False)},
        {"garbled_at": 0},
        {"garbled_at": 16_384},
        {"counts_tokens": False},
        {"notes": ("speed: not measured",)},
    ],
)
def test_what_is_bad_or_missing_is_marked(worse: dict[str, Any]) -> None:
    assert render_measurement(replace(MEASURED, **worse), ink=MarkingInk()).count("!") == 2


def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    context = ContextLength(tokens=1, tried=2, limit="refused", by_codes=True, said="no\x1b[2J\nway")
    text = render_measurement(replace(MEASURED, model="m\x1b]0;x\x07", context=context), ink=PlainInk())
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize("status", ["seen", "unclear"])
def test_a_cache_that_is_not_reported_is_told_by_its_times(status: CacheStatus) -> None:
    cache = PrefixCache(status=status, prompt_tokens=9_000, cached_tokens=0, cold_s=2.0, warm_s=0.5)
    line = render_measurement(replace(MEASURED, cache=cache), ink=PlainInk()).splitlines()[2]
    assert "not reported" in line
    assert "2.00 s, again after 0.50 s" in line


def test_parts_that_were_not_measured_have_no_line() -> None:
    text = render_measurement(replace(MEASURED, context=None, cache=None, structured=None, speed=None), ink=PlainInk())
    assert [line.split()[0] for line in text.splitlines()] == ["llama", "replies", "token"]
