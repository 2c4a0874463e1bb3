"""Blocks and sentences of Markdown as models write it."""

import pytest
from repoask.context.prose import blocks, inline_code, sentences


def _sentences(text: str) -> list[str]:
    return [
        text[start:end]
        for block in blocks(text)
        if block.kind == "text"
        for start, end in sentences(text, block, opaque=[span for span, _ in inline_code(text, block)])
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It reads e.g. a file, i.e. bytes. Then more.", ["It reads e.g. a file, i.e. bytes.", "Then more."]),
        ("See fig. 3 vs. Table 4 etc. in there.", ["See fig. 3 vs. Table 4 etc. in there."]),
        ("Version 1.2.3 of app.py is used. Yes.", ["Version 1.2.3 of app.py is used.", "Yes."]),
        ("Calls `a. B()` first. Then stops.", ["Calls `a. B()` first.", "Then stops."]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        ("Wrapped over\ntwo lines. Next.", ["Wrapped over\ntwo lines.", "Next."]),
        ("- one thing\n- another. And more\n", ["one thing", "another.", "And more"]),
        ("1. first\n2. second", ["first", "second"]),
        ("\u4f60\u597d\u3002\u518d\u89c1\u3002", ["\u4f60\u597d\u3002", "\u518d\u89c1\u3002"]),
        ("# A heading. Here\n\nText.", ["Text."]),
        ("| a | b |\n|---|---|\n| cat. Dog | e |", ["| a | b |", "| cat.", "Dog | e |"]),
        ("", []),
        ("   \n\n", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert _sentences(text) == expected


def _code(text: str) -> list[str]:
    return [text[block.start : block.end] for block in blocks(text) if block.kind == "code"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\na = 1\n\nb\n```\nEnd.", ["a = 1\n\nb"]),
        ("~~~\nx\n```\ny\n~~~", ["x\n```\ny"]),
        ("````\n```\ninner\n```\n````", ["```\ninner\n```"]),
        ("Text.\n```\nnever closed", ["never closed"]),
        ("```\n```", [""]),
        ("```", [""]),
        ("- item\n  ```\n  x\n  ```", ["  x"]),
    ],
)
def test_fenced_code_is_a_block_of_its_own(text: str, code: list[str]) -> None:
    assert _code(text) == code
