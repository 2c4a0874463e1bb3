"""What a model writes becomes claims, prose, or a second try: against a real server and real files."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from repoask.context.citations import CitationChecker
from repoask.errors import EngineReplyError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.service.claims.checking import check_reply
from repoask.service.claims.reply import NOT_FOUND
from repoask.service.drafting import Draft, Drafter
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams
from repoask.service.gate import Gate

Serve = Callable[..., Any]
PROMPT = Prompt(messages=(Message("system", "rules"), Message("user", "How is it opened?")))
CODE = "def read(path):\n    with path.open() as file:\n        return file.read()\n"


def cited(text: str = "It opens it.", *, quote: str = "", path: str = "app.py", start: int = 2) -> dict[str, Any]:
    return {"text": text, "citations": [{"path": path, "start": start, "end": start, "quote": quote}]}


def document(*claims: Any, found: Any = True, missing: Any = "") -> str:
    return json.dumps({"found": found, "claims": claims, "missing": missing})


GOOD = document(cited(quote="with path.open() as file:"), cited("It reads it.", start=3))
GOOD_TEXT = "It opens it: `with path.open() as file:` [app.py:2-2].\n\nIt reads it [app.py:3-3]."


@pytest.fixture
def checker(tmp_path: Path) -> CitationChecker:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "app.py").write_text(CODE)
    snapshot = take_snapshot(open_source(folder, clones=tmp_path / "clones"))
    return CitationChecker(snapshot, context={"app.py": [(1, 3)]})


@pytest.fixture
def draft(checker: CitationChecker) -> Callable[..., tuple[Draft, list[str]]]:
    """`draft(server)` gives the draft, and the pieces that a reader saw, with `!` where nothing was confirmed."""

    def run(server: Any, prompt: Prompt = PROMPT, *, watched: bool = True) -> tuple[Draft, list[str]]:
        pieces: list[str] = []
        gate = Gate(checker, pieces.append if watched else None, pass_at_once=NOT_FOUND)
        engine = OpenAIEngine(server.base_url, "m", timeout_s=5.0, max_retries=0)
        params = SamplingParams(temperature=0.0, seed=0, max_tokens=500)
        made = Drafter(engine, params=params, checker=checker, gate=gate).draft(prompt)
        gate.finish("!")
        return made, pieces

    return run


Run = Callable[..., tuple[Draft, list[str]]]


def test_claims_are_asked_for_and_streamed_as_prose(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(GOOD, size=3))
    made, pieces = draft(server)
    assert pieces == [GOOD_TEXT.split("\n\n")[0], "\n\n" + GOOD_TEXT.split("\n\n")[1]]
    assert (made.reply.text, made.warnings, len(made.asked)) == (GOOD_TEXT, (), 1)
    (request,) = server.requests
    schema = request.body["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["found", "claims", "missing"]


def test_each_citation_of_a_claim_is_checked(
    draft: Run, checker: CitationChecker, serve: Serve, scripted: ModuleType
) -> None:
    claims = [
        cited(quote="with path.open() as file:"),
        cited(start=3),
        cited(quote="with path.close() as file:"),
        cited("It is `with path.close() as file:`."),
        cited(path="other.py"),
        {"text": "It is [app.py:1-2].", "citations": []},
        {"text": "It is.", "citations": []},
    ]
    made, _ = draft(serve(scripted.stream(document(*claims))))
    checked = check_reply(made.reply, checker)
    statuses = [[one.status.value for one in claim.citations] for claim in checked.claims]
    assert statuses == [["verified"], ["located"], *[["unsupported"]] * 3, ["located"], []]
    assert [made.reply.text[start:end] for start, end in checked.uncited] == ["It is."]
    assert [one for claim in checked.claims for one in claim.citations] == list(checked.citations)


def test_nothing_is_shown_before_a_claim_is_confirmed(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    made, pieces = draft(serve(scripted.stream(document(cited(start=99), cited(), cited(start=98)), size=3)))
    assert pieces[0] == "It opens it [app.py:99-99].\n\nIt opens it [app.py:2-2]."
    assert "".join(pieces) == made.reply.text


def test_claims_of_which_none_is_confirmed_are_held_back_to_the_end(
    draft: Run, serve: Serve, scripted: ModuleType
) -> None:
    made, pieces = draft(serve(scripted.stream(document(cited("Not found here.", start=99)))))
    assert pieces == [f"!{made.reply.text}"]
    assert (made.warnings, len(made.asked)) == ((), 1)


def test_what_the_model_does_not_find_needs_no_citation(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    made, pieces = draft(serve(scripted.stream(document(found=False, missing="No line closes it."))))
    assert pieces == ["NOT FOUND: No line closes it."]
    assert not made.reply.found


@pytest.mark.parametrize(
    ("first", "problem"),
    [
        ('{"answer": "app.py opens it"}', "`found` or `claims` is missing"),
        ('{"found": true, "claims": [{"text": 3}]}', "`claims[0]`: `text` is no text"),
        ('{"found": true, "claims": [', "the JSON ends too soon"),
        ("It just works, believe me.", "it is no JSON"),
        ('[{"text": "It works"}]', "it is no JSON"),
    ],
)
def test_a_reply_of_another_form_is_asked_for_once_more(
    draft: Run, serve: Serve, scripted: ModuleType, first: str, problem: str
) -> None:
    server = serve(scripted.stream(first), scripted.stream(GOOD))
    made, pieces = draft(server)
    one, two = (request.body["messages"] for request in server.requests)
    assert two[: len(one)] == one
    assert two[-2] == {"role": "assistant", "content": first}
    assert problem in two[-1]["content"]
    assert "response_format" in server.requests[1].body
    assert (made.reply.text, "".join(pieces)) == (GOOD_TEXT, GOOD_TEXT)
    assert len(made.asked) == 2
    (warning,) = made.warnings
    assert problem in warning


def test_what_is_whole_and_proven_is_kept_and_the_rest_reported(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(document(cited(), 3) + "!"), scripted.stream(GOOD))
    made, pieces = draft(server)
    assert (made.reply.text, "".join(pieces)) == ("It opens it [app.py:2-2].",) * 2
    assert len(server.requests) == 1
    (warning,) = made.warnings
    assert warning.startswith("A part of the model's reply could not be read (`claims[1]`: it is no object)")


def test_a_model_that_writes_prose_is_read_as_ever(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    text = "It opens `with path.open() as file:` [app.py:2-2]. And it reads it."
    server = serve(scripted.stream(text))
    made, pieces = draft(server)
    assert ("".join(pieces), made.reply.is_prose, made.warnings) == (text, True, ())
    assert len(pieces) == 3
    assert len(server.requests) == 1


@pytest.mark.parametrize("text", ["NOT FOUND: no line closes it.", "It is closed [app.py:99-99]."])
def test_prose_that_cites_or_finds_nothing_is_not_asked_for_again(
    draft: Run, serve: Serve, scripted: ModuleType, text: str
) -> None:
    server = serve(scripted.stream(text))
    assert draft(server)[0].reply.text == text
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("It just works.", "It works, truly.", "It works, truly."),
        ("It just works.", '{"answer": "x"}', "It just works."),
        ('{"answer": "x"}', '{"answer": "```"}', '````\n{"answer": "```"}\n````'),
        ('{"answer": "x"}', '{"claims": [{"text": "It works."}, 3]}', "It works."),
        ('```json\n{"answer": "x"}\n```', "[1]", "[1]"),
    ],
)
def test_a_second_reply_of_another_form_is_shown_as_it_came_and_reported(
    draft: Run, serve: Serve, scripted: ModuleType, first: str, second: str, shown: str
) -> None:
    server = serve(scripted.stream(first), scripted.stream(second))
    made, pieces = draft(server)
    assert made.reply.text == shown
    assert "".join(pieces) == f"!{shown}"
    assert len(server.requests) == 2
    (warning,) = made.warnings
    assert "not of the form asked for" in warning
    assert "also when it was asked again" in warning


def test_a_server_that_fails_at_the_second_try_costs_no_answer(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    made, pieces = draft(serve(scripted.stream("It just works."), scripted.error(500, "out of memory")))
    assert pieces == ["!It just works."]
    assert "out of memory" in made.warnings[0]
    assert len(made.asked) == 1


def test_a_second_try_that_breaks_off_after_it_was_shown_is_an_error(
    draft: Run, serve: Serve, scripted: ModuleType
) -> None:
    broken = scripted.Reply([scripted.chunk(GOOD[:-20]), scripted.event({"error": {"message": "gone"}})])
    with pytest.raises(EngineReplyError, match="gone"):
        draft(serve(scripted.stream("It just works."), broken))


@pytest.mark.parametrize(
    ("end", "shown"), [("it.", "It opens …"), ("path", "It opens it. …"), ("It reads", GOOD_TEXT.split("\n\n")[0])]
)
def test_a_reply_that_was_cut_off_is_shown_as_far_as_it_is_whole(
    draft: Run, serve: Serve, scripted: ModuleType, end: str, shown: str
) -> None:
    server = serve(scripted.stream(GOOD[: GOOD.index(end)], finish="length"))
    made, _ = draft(server)
    assert (made.reply.text, made.warnings, len(server.requests)) == (shown, (), 1)


def test_a_reply_that_was_cut_off_before_it_said_anything_is_shown_as_it_came(
    draft: Run, serve: Serve, scripted: ModuleType
) -> None:
    server = serve(scripted.stream('{"found": true, "cla', finish="length"))
    made, _ = draft(server)
    assert made.reply.text == '```\n{"found": true, "cla\n```'
    assert len(server.requests) == 1
    assert "cut off" in made.warnings[0]


def test_token_ids_are_not_asked_for_again(draft: Run, serve: Serve, scripted: ModuleType) -> None:
    piece = scripted.event({"choices": [{"text": "It just works.", "finish_reason": "stop"}]})
    server = serve(scripted.Reply([piece, scripted.event("[DONE]")]))
    made, _ = draft(server, Prompt(token_ids=(1, 2)))
    assert (made.reply.text, len(server.requests)) == ("It just works.", 1)
    assert made.warnings


@pytest.mark.parametrize(
    "texts",
    [
        (GOOD,),
        ("Here:\n" + GOOD,),
        ("It just works.", GOOD),
        (document(cited(), 3),),
        ("It opens it [app.py:2-2]. So it is.",),
        ('{"found": 1}', "No."),
    ],
)
def test_an_answer_is_the_same_whether_anyone_watches_or_not(
    draft: Run, serve: Serve, scripted: ModuleType, texts: tuple[str, ...]
) -> None:
    watched, _ = draft(serve(*map(scripted.stream, texts)))
    unseen, _ = draft(serve(*map(scripted.stream, texts)), watched=False)
    assert (watched.reply.text, watched.reply.claims, watched.warnings) == (
        unseen.reply.text,
        unseen.reply.claims,
        unseen.warnings,
    )
