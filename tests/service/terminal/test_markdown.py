"""An answer as Markdown: places with their statuses, citations, marks; nothing of a repository becomes markup."""

from typing import Any

import pytest
from repoask.context.types import CitationStatus
from repoask.service.answer import Answer, AnswerCitation, AnswerEvidence, FilesReceipt, Receipt, SnapshotReceipt
from repoask.service.terminal.markdown import render_markdown

COMMIT = "d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0"
CODE = "def login():\n    return True"


def place(text: str = CODE, **more: Any) -> AnswerEvidence:
    values: dict[str, Any] = {
        "path": "app/auth.py", "start": 9, "end": 9 + text.count("\n"), "revision": COMMIT, "symbol": "login",
        "kind": "function", "language": "python", "score": 1.0, "reasons": ("defines `login`",), "text": text,
    }  # fmt: skip
    return AnswerEvidence(**values | more)


def cited(item: AnswerEvidence, status: CitationStatus = CitationStatus.VERIFIED, quote: str = "") -> AnswerCitation:
    return AnswerCitation(
        path=item.path, start=item.start, end=item.end, revision=item.revision, status=status, quote=quote
    )


def render(*items: AnswerEvidence, mode: Any = "extractive", warnings: tuple[str, ...] = (), **more: Any) -> str:
    receipt = Receipt(
        repoask="1",
        mode=mode,
        why="as asked",
        snapshot=SnapshotReceipt(source="/x", kind="worktree", commit=COMMIT),
        files=FilesReceipt(indexed=3, read=0),
        warnings=warnings,
    )
    values: dict[str, Any] = {
        "found": True, "question": "q", "answer": "", "evidence": items, "citations": tuple(map(cited, items)),
    }  # fmt: skip
    return render_markdown(Answer(**values | more, mode=mode, receipt=receipt))


def test_a_place_shows_symbol_status_reason_and_code() -> None:
    assert render(place()) == (
        "`app/auth.py:9-10` `login` verified @ d1e2f3a4b5c6\n\n"
        "defines `login`\n\n"
        "```python\ndef login():\n    return True\n```\n\n"
        "---\n\nextractive (as asked) · d1e2f3a4b5c6 · 3 files · 0.00 s\n"
    )


def test_a_place_that_no_longer_stands_says_so() -> None:
    item = place()
    assert "`login` stale @" in render(item, citations=(cited(item, CitationStatus.STALE),))


def test_what_is_not_found_shows_the_note_and_no_near_miss() -> None:
    text = render(place(), found=False, answer="There is no `kafka`.", citations=())
    assert text.startswith("There is no `kafka`.\n\n---")
    assert "auth" not in text


def test_a_models_answer_lists_its_citations_and_counts_bare_sentences() -> None:
    item = place()
    text = render(
        item,
        mode="retrieved",
        answer="It works. Here [app/auth.py:9-10].",
        citations=(cited(item, quote="def login():"), cited(item, CitationStatus.UNSUPPORTED)),
        sentences_without_citation=("It works.",),
        uncited=((0, 9),),
    )
    assert text.startswith("It works. [no citation] Here [app/auth.py:9-10].\n\n**Citations**")
    assert "- verified `app/auth.py:9-10` @ d1e2f3a4b5c6: `def login():`\n- unsupported `app/auth.py:9-10`" in text
    assert r"> 1 sentence without a citation, marked \[no citation\]" in text


def test_code_that_holds_fences_stays_inside() -> None:
    text = render(place("```\nevil\n```", language="markdown"))
    assert "````markdown\n```\nevil\n```\n````" in text


def test_many_blank_lines_are_two() -> None:
    assert "```python\nx\n\n\ny\n```" in render(place("x" + "\n" * 20 + "y"))


@pytest.mark.parametrize("where", ["reasons", "warnings", "missing"])
def test_nothing_can_become_a_link_or_html(where: str) -> None:
    hostile = ("<img src=x> [a](http://b)",)
    text = render(place(reasons=hostile)) if where == "reasons" else render(place(), **{where: hostile})
    assert r"\<img src=x\> \[a\](http://b)" in text


def test_an_odd_path_stays_code_and_as_it_is() -> None:
    assert "``` a``b  c.py:9-10 ``` `login`" in render(place(path="a``b  c.py"))
