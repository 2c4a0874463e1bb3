"""The documented JSON: its version, its fields, and that any path or text can stand in it."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from repoask.context.types import CitationStatus
from repoask.service.answer import SCHEMA_VERSION, Answer, AnswerCitation, FilesReceipt, Receipt, SnapshotReceipt
from repoask.service.terminal.render import render_json


def _answer(**changes: object) -> Answer:
    receipt = Receipt(
        repoask="1", mode="extractive", why="", snapshot=SnapshotReceipt(source="/x", kind="folder"),
        files=FilesReceipt(indexed=1, read=1),
    )  # fmt: skip
    fields: dict[str, Any] = {"found": True, "mode": "extractive", "question": "q", "answer": "a", "receipt": receipt}
    return Answer(**{**fields, **changes})


def test_json_holds_what_the_schema_promises() -> None:
    citation = AnswerCitation(path="a.py", start=1, end=2, revision="abc", status=CitationStatus.VERIFIED, quote="x")
    data = json.loads(render_json(_answer(citations=(citation,))))
    assert data["schema_version"] == SCHEMA_VERSION == 1
    assert data["citations"] == [
        {"path": "a.py", "start": 1, "end": 2, "revision": "abc", "status": "verified", "quote": "x", "now": None}
    ]
    assert {"found", "mode", "question", "answer", "evidence", "sentences_without_citation", "receipt"} <= set(data)


def test_every_field_of_the_schema_is_described() -> None:
    schema = TypeAdapter(Answer).json_schema()
    models = [schema, *schema["$defs"].values()]
    undescribed = [
        f"{model['title']}.{name}"
        for model in models
        for name, field in model.get("properties", {}).items()
        if not (field.get("description") or "$ref" in field or field.get("const"))
    ]
    # self-explaining, or a list of models that describe themselves
    expected = {"Answer.question", "Answer.citations"}
    assert set(undescribed) <= expected


def test_answer_survives_the_way_through_json() -> None:
    answer = _answer()
    assert TypeAdapter(Answer).validate_json(render_json(answer)) == answer


def test_bytes_that_are_no_utf8_are_shown_escaped() -> None:
    assert json.loads(render_json(_answer(question="caf\udce9 é")))["question"] == "caf\\xe9 é"


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    assert _answer(answer="a\ud83db").answer == "a\ufffdb"


def test_unknown_version_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Answer).validate_json(render_json(_answer()).replace('"schema_version": 1', '"schema_version": 2'))
