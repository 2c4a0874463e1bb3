"""What a person reads: places by file, statuses, marks, a receipt in one line; nothing that a terminal obeys."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from repoask.context.types import CitationStatus
from repoask.service.answer import (
    Answer,
    AnswerCitation,
    AnswerCommit,
    AnswerEvidence,
    CostReceipt,
    FilesReceipt,
    ModelReceipt,
    Receipt,
    SnapshotReceipt,
    TokensReceipt,
)
from repoask.service.terminal.ink import PlainInk, TerminalInk
from repoask.service.terminal.markdown import render_markdown
from repoask.service.terminal.receipt_line import receipt_line
from repoask.service.terminal.render import render_json, render_text

COMMIT = "d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0"


def evidence(
    path: str = "app/auth.py", start: int = 9, text: str = "def login():\n    return True", **more: Any
) -> Any:
    values = {
        "path": path,
        "start": start,
        "end": start + text.count("\n"),
        "revision": COMMIT,
        "symbol": "login",
        "kind": "function",
        "language": "python",
        "score": 1.0,
        "reasons": ("defines `login`",),
        "text": text,
    }
    return AnswerEvidence(**values | more)


def citation(item: Any, status: CitationStatus = CitationStatus.VERIFIED, quote: str = "") -> AnswerCitation:
    return AnswerCitation(
        path=item.path, start=item.start, end=item.end, revision=item.revision, status=status, quote=quote
    )


def receipt(**more: Any) -> Receipt:
    values: dict[str, Any] = {
        "repoask": "1",
        "mode": "extractive",
        "why": "no model was named",
        "snapshot": SnapshotReceipt(source="/x", kind="worktree", commit=COMMIT, dirty_files=2),
        "files": FilesReceipt(indexed=1234, read=3, omitted={"binary": 5, "lock file": 7}, withheld_lines=1),
        "seconds": {"search": 0.1, "list": 0.11, "parse": 9.0},
    }
    return Receipt(**values | more)


def extractive(*items: Any, **more: Any) -> Answer:
    values: dict[str, Any] = {
        "found": True,
        "mode": "extractive",
        "question": "where is login?",
        "answer": "- places",
        "evidence": items,
        "citations": tuple(citation(item) for item in items),
        "receipt": receipt(),
    }
    return Answer(**values | more)


def retrieved(text: str, *, told: dict[str, Any] | None = None, **more: Any) -> Answer:
    model = ModelReceipt(
        model="llama",
        engine="vllm",
        versions={"vllm": "0.32"},
        base_url="http://127.0.0.1:8000/v1",
        loopback=True,
        temperature=0.0,
        seed=7,
        max_tokens=99,
        prompt_hash="abcdef" * 10,
        prompt_bytes=10,
    )
    tokens = TokensReceipt(prompt=1500, cached=1000, completion=20)
    made = receipt(**{"mode": "retrieved", "why": "a model was named", "model": model, "tokens": tokens} | (told or {}))
    return Answer(**{"found": True, "mode": "retrieved", "question": "q", "answer": text, "receipt": made} | more)


# what goes with the first sentence being bare
BARE: dict[str, Any] = {"sentences_without_citation": ("It works.",), "uncited": ((0, 9),)}


def plain(answer: Answer, **more: Any) -> str:
    return render_text(answer, ink=PlainInk(), **more)


def test_an_extractive_answer_shows_place_symbol_reason_and_numbered_lines() -> None:
    assert plain(extractive(evidence())) == (
        "app/auth.py:9-10  login\n"
        "  verified @ d1e2f3a4b5c6; defines `login`\n"
        "   9  def login():\n"
        "  10      return True\n"
        "\n"
        "extractive (no model was named) · d1e2f3a4b5c6 + 2 changed files · 1,234 files, 3 of them read in this run · "
        "12 left out (7 lock file, 5 binary) · 1 line withheld as secret · 0.21 s\n"
    )


def test_spans_of_one_file_stand_together_where_the_best_of_them_ranks() -> None:
    text = plain(extractive(evidence("a.py", 50), evidence("b.py", 1), evidence("a.py", 5)))
    places = [line.split()[0] for line in text.splitlines() if ".py:" in line]
    assert places == ["a.py:50-51", "a.py:5-6", "b.py:1-2"]


def test_what_is_not_found_shows_the_note_and_no_near_miss() -> None:
    note = "The repository has nothing named `kafka`."
    text = plain(extractive(evidence(), found=False, answer=note, citations=(), missing=("kafka",)))
    assert text.startswith(note)
    assert "app/auth.py" not in text


def test_a_models_answer_ends_with_its_citations_and_their_statuses() -> None:
    item = evidence()
    answer = retrieved(
        "Login is here [app/auth.py:9-10].",
        citations=(
            citation(item, quote="def login():"),
            citation(evidence("b.py"), CitationStatus.UNSUPPORTED),
        ),
    )
    lines = plain(answer).splitlines()
    assert lines[0] == "Login is here [app/auth.py:9-10]."
    assert '  verified    app/auth.py:9-10 @ d1e2f3a4b5c6  "def login():"' in lines
    assert "  unsupported b.py:9-10 @ d1e2f3a4b5c6" in lines
    assert "llama on vllm 0.32 at http://127.0.0.1:8000/v1, seed 7, prompt abcdefabcdef" in lines[-1]
    assert "1,500 tokens in, 66.6% cached, 20 out" in lines[-1]


def _cost(dollars: float | None = None, saved: float | None = None) -> CostReceipt:
    return CostReceipt(dollars=dollars, saved=saved, assumes="list prices")


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"tokens": TokensReceipt(prompt=1_500, completion=20)}, "1,500 tokens in, 20 out · "),
        ({"tokens": TokensReceipt(prompt=9, completion=2, estimated=True)}, "about 9 tokens in, 2 out · "),
        (
            {
                "tokens": TokensReceipt(prompt=43_214, cached=43_136, restored=12_288, completion=16),
                "seconds": {"model": 0.9, "first_text": 0.52, "write": 0.38},
                "cost": _cost(0.0038, 0.004),
            },
            "43,214 tokens in, 99.8% cached (12,288 restored), 16 out, first text after 0.5 s, $0.0038, saved $0.004"
            " · 0.90 s",
        ),
        ({"tokens": TokensReceipt(prompt=100_000, cached=99_999, completion=1), "cost": _cost()},
         "100,000 tokens in, 99.9% cached, 1 out, unpriced · "),
        ({"tokens": TokensReceipt(prompt=16, cached=16, completion=1), "cost": _cost(2.5, 0.0)},
         "16 tokens in, 100% cached, 1 out, $2.50 · "),
        ({"tokens": TokensReceipt(prompt=16, completion=1), "cost": _cost(0.0000123)}, "1 out, $0.000012 · "),
        ({"tokens": TokensReceipt(prompt=16, completion=1), "cost": _cost(0.0)}, "1 out, $0.00 · "),
    ],
)  # fmt: skip
def test_tokens_time_and_money_are_told_in_one_line(told: dict[str, Any], line: str) -> None:
    assert line in receipt_line(retrieved("x", told=told).receipt)


def test_sentences_without_a_citation_are_counted_and_marked() -> None:
    answer = retrieved("It works. Login is here [a.py:1-2].", **BARE)
    text = plain(answer)
    assert text.startswith("It works. [no citation] Login is here")
    assert "1 sentence without a citation, marked [no citation]" in text


def test_a_mark_stands_behind_its_own_sentence_and_not_behind_the_same_words_before() -> None:
    text = "It works [a.py:1-2]. It works."
    answer = retrieved(text, sentences_without_citation=("It works.",), uncited=((21, 30),))
    assert plain(answer).startswith("It works [a.py:1-2]. It works. [no citation]\n")


@pytest.mark.parametrize("render", [plain, render_markdown])
def test_words_that_stand_nowhere_are_named_beside_what_was_found(render: Any) -> None:
    line = "Nowhere in this repository: kafka, topic"
    for answer in (extractive(evidence(), missing=("kafka", "topic")), retrieved("x", missing=("kafka", "topic"))):
        assert render(answer).count(line) == 1
    absent = extractive(found=False, answer="There is no `kafka`.", missing=("kafka", "topic"))
    assert line not in render(absent)


def test_after_a_stream_only_what_follows_is_shown_and_bare_sentences_are_listed() -> None:
    answer = retrieved("It works. Login is here [a.py:1-2].", **BARE)
    text = plain(answer, streamed=True)
    assert "Login is here" not in text
    assert "1 sentence without a citation:\n  It works." in text


def test_no_word_claims_that_a_citation_proves() -> None:
    text = plain(retrieved("x [app/auth.py:9-10]", citations=(citation(evidence()),)))
    assert "not whether the claim follows" in text
    assert not {"proven", "proves", "true", "correct"} & set(text.lower().split())


HOSTILE = "\x1b]0;owned\x07\u202e\x9b2J"


@pytest.mark.parametrize("render", [plain, render_markdown, render_json])
def test_nothing_hostile_reaches_the_terminal(render: Any) -> None:
    item = evidence(f"a{HOSTILE}.py\nb", text=f"x = '{HOSTILE}'", symbol=HOSTILE, reasons=(HOSTILE,))
    for answer in (extractive(item), retrieved(HOSTILE, citations=(citation(item, quote=HOSTILE),))):
        text = render(answer)
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(text)


def test_a_path_with_a_newline_cannot_fake_a_line() -> None:
    assert r"a\x0afake.py:1-2" in plain(extractive(evidence("a\nfake.py", 1)))


def test_after_the_three_best_places_only_the_beginning_is_shown() -> None:
    text = plain(extractive(*(evidence(f"{name}.py", 1, "\n".join(["x"] * 20)) for name in "abcd")))
    assert text.count("… 12 more lines") == 1
    assert text.index("d.py:1-20") < text.index("… 12 more lines")


def test_many_blank_lines_are_shown_as_two_under_their_own_numbers() -> None:
    lines = plain(extractive(evidence("a.ipynb", 1, "x = 1" + "\n" * 30 + "y = 2"))).splitlines()
    assert lines[2:6] == ["   1  x = 1", "   2", "   3", "  31  y = 2"]


def test_files_read_and_left_out_do_not_look_like_a_mistake() -> None:
    assert "· 56 files, all read in this run ·" in receipt_line(receipt(files=FilesReceipt(indexed=56, read=58)))
    assert "· 56 files ·" in receipt_line(receipt(files=FilesReceipt(indexed=56, read=0)))


def test_a_very_long_line_is_cut_and_says_so() -> None:
    text = plain(extractive(evidence(text="x" * 5000)))
    assert "… 4,700 more characters" in text


def test_colours_change_looks_and_not_the_lines() -> None:
    code = 'def f():\n\n    """a\n    b"""\n'
    assert len(TerminalInk().code(code, language="python")) == len(PlainInk().code(code, language="python"))
    assert TerminalInk().code("x", language="no such language") == ["x"]


def test_json_is_the_documented_model_in_ascii() -> None:
    answer = extractive(evidence(text="größe = 1"))
    text = render_json(answer)
    assert text.isascii()
    assert TypeAdapter(Answer).validate_json(text) == answer


def test_a_plain_folder_and_an_unborn_branch_have_words_of_their_own() -> None:
    assert "· folder ·" in receipt_line(receipt(snapshot=SnapshotReceipt(source="/x", kind="folder")))
    unborn = receipt(snapshot=SnapshotReceipt(source="/x", kind="worktree"))
    assert "· worktree without a commit ·" in receipt_line(unborn)


def test_an_asked_revision_is_named_with_its_commit() -> None:
    asked = receipt(snapshot=SnapshotReceipt(source="/x", kind="bare", commit=COMMIT, revision="v1.0"))
    assert "· v1.0 = d1e2f3a4b5c6 ·" in receipt_line(asked)


def commit(**more: Any) -> AnswerCommit:
    values = {
        "commit": COMMIT,
        "date": "2020-01-02T03:04:05+02:00",
        "author": "Ada",
        "subject": "Log users in",
        "path": "app/auth.py",
        "start": 9,
        "end": 10,
        "reason": "introduced `login`",
    }
    return AnswerCommit(**values | more)


def told(*commits: AnswerCommit) -> Answer:
    return Answer(
        found=True,
        mode="extractive",
        question="when was login introduced?",
        answer="",
        evidence=(evidence(),),
        commits=commits,
        receipt=receipt(),
    )


def test_commits_are_shown_with_the_lines_that_they_touched() -> None:
    text = render_text(told(commit(body="One reason.\n\nAnother.")), ink=PlainInk())
    assert (
        "  d1e2f3a4b5c6  2020-01-02  Ada  Log users in\n    app/auth.py:9-10@d1e2f3a4b5c6  introduced `login`" in text
    )
    assert "    One reason.\n    Another.\n" in text
    assert "- `app/auth.py:9-10@d1e2f3a4b5c6` 2020-01-02 Ada: Log users in" in render_markdown(told(commit()))
    assert json.loads(render_json(told(commit())))["commits"][0]["subject"] == "Log users in"


def test_a_hostile_message_is_shown_and_not_obeyed() -> None:
    hostile = commit(subject="\x1b[2J<img src=x> [a](http://x)", author="A\u202eb", body="\x1b]0;title\x07")
    text = render_text(told(hostile), ink=PlainInk())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x07" not in text
    marked = render_markdown(told(hostile))
    assert "\\<img" in marked
    assert "\\[a\\]" in marked
    assert "\x1b" not in marked
