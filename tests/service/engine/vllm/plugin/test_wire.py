"""What comes over the wire is taken for hostile."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.wire import (
    ClientGoneError,
    RefusalError,
    read_body,
    read_question,
    read_salt,
)

QUESTION: dict[str, Any] = {
    "model": "m", "segments": ["0" * 64], "tail": [1, 99], "max_tokens": 4, "temperature": 0, "seed": None,
    "schema": None,
}  # fmt: skip


def read(body: object) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_question(raw, vocabulary=100, max_tokens=1000)


def test_a_question_is_read() -> None:
    question = read({**QUESTION, "seed": 7, "schema": {"type": "object"}})
    assert (question.segments, question.tail, question.seed) == (("0" * 64,), [1, 99], 7)
    assert question.schema == {"type": "object"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", None), ("model", 3), ("segments", None), ("segments", ["x"]), ("segments", ["0" * 64] * 70_000),
        ("segments", [3]), ("tail", []), ("tail", [100]), ("tail", [-1]), ("tail", [True]), ("tail", [1.0]),
        ("tail", "ids"), ("max_tokens", 0), ("max_tokens", 1001), ("max_tokens", True), ("max_tokens", None),
        ("temperature", -1), ("temperature", float("nan")), ("temperature", "hot"), ("temperature", 1e9),
        ("seed", 1 << 70), ("seed", "x"), ("schema", []), ("schema", "{}"), ("sudo", 1),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(RefusalError, match=field) as refused:
        read({**QUESTION, field: value})
    assert refused.value.status == 400
    assert "\n" not in refused.value.message


def test_a_schema_is_bounded() -> None:
    large = {"properties": {f"p{number}": {"type": "string"} for number in range(20_000)}}
    with pytest.raises(RefusalError, match=r"schema is missing or wrong; it wants .* at most 16,384 characters"):
        read({**QUESTION, "schema": large})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"[" * 100_000])
def test_what_is_no_question_is_refused(body: bytes) -> None:
    with pytest.raises(RefusalError, match="no JSON"):
        read(body)


def receive(*messages: dict[str, Any]) -> Any:
    coming: Iterator[dict[str, Any]] = iter(messages)

    async def received() -> dict[str, Any]:
        return next(coming)

    return received


def body(scope: Any, *messages: dict[str, Any]) -> bytes:
    return asyncio.run(read_body(scope, receive(*messages), max_bytes=10, what="a question"))


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


def test_a_body_is_bounded_by_what_it_says_and_by_the_limit() -> None:
    piece = {"type": "http.request", "body": b"12345", "more_body": True}
    end = {**piece, "more_body": False}
    assert body(scope(content_length="10"), piece, end) == b"1234512345"
    for length, status in (("11", 413), ("9", 413), ("", 411), ("-1", 411), ("9" * 30, 411)):
        with pytest.raises(RefusalError) as refused:
            body(scope(content_length=length), piece, end)
        assert refused.value.status == status
    with pytest.raises(ClientGoneError):
        body(scope(content_length="10"), piece, {"type": "http.disconnect"})


@pytest.mark.parametrize("salt", ["x" * 64, "0" * 63, "0" * 65, "A" * 64])
def test_a_salt_is_64_hex_digits(salt: str) -> None:
    with pytest.raises(RefusalError, match="64 hex digits"):
        read_salt(scope(x_repoask_salt=salt))
    assert read_salt(scope()) == ""
    assert read_salt(scope(x_repoask_salt="0" * 64)) == "0" * 64
