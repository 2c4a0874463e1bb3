"""A question from end to end: a real repository, a real index, a real server that speaks the OpenAI protocol."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from repoask.context.index.index import View, open_view
from repoask.context.types import CitationStatus
from repoask.errors import EngineReplyError, OfflineError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection
from repoask.service.answer import Answer
from repoask.service.answering import ask
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import EngineInfo, SamplingParams
from repoask.service.watched import Watched
from repoask.service.writing import NO_VALID_CITATION

Serve = Callable[..., Any]

SESSIONS = '''"""Sessions, kept in signed cookies."""


class SecureCookieSessionInterface:
    """Opens and saves sessions."""

    def open_session(self, app, request):
        signer = self.get_signing_serializer(app)
        value = request.cookies.get(self.cookie_name)
        return self.session_class() if not value else signer.loads(value)

    def save_session(self, app, session, response):
        response.set_cookie(self.cookie_name, self.get_signing_serializer(app).dumps(dict(session)))
'''
LOGGING = '''"""Logging."""


def create_logger(app):
    """Get the application's logger."""
    return logging.getLogger(app.name)
'''
PARAMS = SamplingParams(temperature=0.0, seed=0, max_tokens=1000)
QUESTION = "How does open_session read the session cookie?"


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    folder = tmp_path_factory.mktemp("sources") / "repo"
    folder.mkdir()
    for path, text in {"app/sessions.py": SESSIONS, "app/logging.py": LOGGING, "README.md": "# App\n\nText.\n"}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for args in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)
    (folder / "untracked.py").write_text("x = 1\n")
    source = open_source(folder, clones=folder.parent / "clones")
    return open_view(take_snapshot(source), folder=folder.parent / "index", selection=Selection())


def _answer(question: str, view: View, **options: Any) -> Answer:
    options = {"engine": None, "params": PARAMS, "limit": 10, "max_evidence_tokens": 6000} | options
    return ask(question, view=view, **options)


def _ask(view: View, server: Any, *, pieces: list[str] | None = None, **options: Any) -> Answer:
    engine = OpenAIEngine(server.base_url, "llama", max_retries=0, timeout_s=5.0)
    return _answer(QUESTION, view, engine=engine, watched=Watched(None if pieces is None else pieces.append), **options)


def test_places_are_cited_and_verified(view: View) -> None:
    answer = _answer(QUESTION, view)
    assert (answer.found, answer.mode) == (True, "extractive")
    assert answer.evidence[0].path == "app/sessions.py"
    assert len(answer.citations) == len(answer.evidence)
    assert {citation.status for citation in answer.citations} == {CitationStatus.VERIFIED}
    assert f"[{answer.citations[0].path}:{answer.citations[0].start}-{answer.citations[0].end}]" in answer.answer
    assert answer.receipt.model is None


def test_receipt_says_what_the_answer_was_made_from(view: View) -> None:
    receipt = _answer(QUESTION, view, seconds={"snapshot": 0.5}).receipt
    assert receipt.snapshot.commit == view.snapshot.commit
    assert receipt.snapshot.dirty == ("untracked.py",)
    assert receipt.files.indexed == 4
    assert receipt.why == "no model was named"
    assert receipt.seconds["snapshot"] == 0.5
    assert {"search", "check"} <= set(receipt.seconds)


def test_thing_that_the_repository_lacks_is_said(view: View) -> None:
    answer = _answer("Where is the KafkaConsumerRebalancer implemented?", view)
    assert not answer.found
    assert answer.missing
    assert answer.answer
    assert answer.citations == ()


def test_model_is_not_asked_about_what_is_not_there(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("Guess."))
    engine = OpenAIEngine(server.base_url, "llama", timeout_s=5.0)
    answer = _answer("Where is the KafkaConsumerRebalancer implemented?", view, engine=engine)
    assert (answer.found, answer.mode) == (False, "extractive")
    assert server.requests == []


GOOD = (
    "It asks the request, `value = request.cookies.get(self.cookie_name)` [app/sessions.py:7-10]. "
    "The signer opens it [app/sessions.py:10-10]. Nobody knows more than this."
)


def test_models_answer_is_streamed_checked_and_accounted_for(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(GOOD), pages={"/version": scripted.json_reply({"version": "0.32.0"})})
    pieces: list[str] = []
    answer = _ask(view, server, pieces=pieces, params=replace(PARAMS, seed=3))
    assert (answer.found, answer.mode, answer.answer) == (True, "retrieved", GOOD)
    assert "".join(pieces) == GOOD
    assert len(pieces) > 5
    assert [citation.status.value for citation in answer.citations] == ["verified", "located"]
    assert answer.citations[0].quote == "value = request.cookies.get(self.cookie_name)"
    assert answer.sentences_without_citation == ("Nobody knows more than this.",)
    assert [answer.answer[start:end] for start, end in answer.uncited] == ["Nobody knows more than this."]
    assert any(item.given for item in answer.evidence)
    model, tokens = answer.receipt.model, answer.receipt.tokens
    assert model is not None
    assert (model.model, model.engine, model.versions["vllm"], model.seed) == ("llama", "vllm", "0.32.0", 3)
    assert (tokens.prompt, tokens.cached, tokens.completion, tokens.estimated) == (900, 64, 9, False)
    assert len(model.prompt_hash) == 64
    assert "model" in answer.receipt.seconds


CLAIMS = {
    "found": True,
    "claims": [
        {
            "text": "It asks the request.",
            "citations": [{
                "path": "app/sessions.py", "start": 7, "end": 10,
                "quote": "value = request.cookies.get(self.cookie_name)",
            }],
        },
        {"text": "Nobody knows more than this.", "citations": []},
        {"text": "A core helps.", "citations": [{"path": "core.py", "start": 1, "end": 2, "quote": ""}]},
    ],
    "missing": "",
}  # fmt: skip
CLAIMS_TEXT = (
    "It asks the request: `value = request.cookies.get(self.cookie_name)` [app/sessions.py:7-10].\n\n"
    "Nobody knows more than this.\n\nA core helps [core.py:1-2]."
)


def test_claims_of_a_model_are_rendered_checked_and_kept(view: View, serve: Serve, scripted: ModuleType) -> None:
    pieces: list[str] = []
    answer = _ask(view, serve(scripted.stream(json.dumps(CLAIMS))), pieces=pieces)
    assert (answer.found, answer.mode) == (True, "retrieved")
    assert answer.answer == "".join(pieces) == CLAIMS_TEXT
    assert [claim.text for claim in answer.claims] == [claim["text"] for claim in CLAIMS["claims"]]  # type: ignore[index, attr-defined]
    assert [[one.status.value for one in claim.citations] for claim in answer.claims] == [
        ["verified"],
        [],
        ["unsupported"],
    ]
    assert [one for claim in answer.claims for one in claim.citations] == list(answer.citations)
    assert answer.sentences_without_citation == ("Nobody knows more than this.",)
    assert answer.receipt.warnings == ()


def test_claims_of_which_none_is_proven_say_so_first(view: View, serve: Serve, scripted: ModuleType) -> None:
    pieces: list[str] = []
    text = json.dumps(CLAIMS | {"claims": CLAIMS["claims"][1:]})  # type: ignore[index]
    answer = _ask(view, serve(scripted.stream(text)), pieces=pieces)
    assert answer.answer.startswith(f"{NO_VALID_CITATION}\n\nNobody knows")
    assert "".join(pieces) == answer.answer
    assert answer.sentences_without_citation == ("Nobody knows more than this.",)


def test_claims_may_say_that_it_is_not_there(view: View, serve: Serve, scripted: ModuleType) -> None:
    text = json.dumps({"found": False, "claims": [], "missing": "No line shows a cookie."})
    answer = _ask(view, serve(scripted.stream(text)))
    assert (answer.found, answer.answer, answer.claims) == (False, "NOT FOUND: No line shows a cookie.", ())


def test_both_requests_of_an_answer_that_was_asked_for_again_are_counted(
    view: View, serve: Serve, scripted: ModuleType
) -> None:
    answer = _ask(view, serve(scripted.stream('{"answer": "x"}'), scripted.stream(json.dumps(CLAIMS))))
    receipt = answer.receipt
    assert (receipt.tokens.prompt, receipt.tokens.cached, receipt.tokens.completion) == (1800, 128, 18)
    assert receipt.model is not None
    assert (receipt.model.requests, len(receipt.warnings)) == (2, 1)
    assert answer.answer == CLAIMS_TEXT


def test_the_receipt_tells_times_kv_and_that_there_is_no_price(view: View, serve: Serve, scripted: ModuleType) -> None:
    receipt = _ask(view, serve(scripted.stream(json.dumps(CLAIMS)))).receipt
    assert receipt.seconds["first_text"] + receipt.seconds["write"] == pytest.approx(receipt.seconds["model"], abs=2e-4)
    assert (receipt.tokens.kv_from, receipt.tokens.restored) == ("memory", 0)
    assert receipt.cost is not None
    assert (receipt.cost.dollars, receipt.cost.saved) == (None, None)


def test_what_a_server_refuses_of_the_form_stands_in_the_receipt(
    view: View, serve: Serve, scripted: ModuleType
) -> None:
    refusal = scripted.error(400, "response_format is not supported")
    answer = _ask(view, serve(refusal, refusal, scripted.stream(GOOD)))
    assert answer.receipt.model is not None
    assert answer.receipt.model.refused == ("json_schema", "json_object")
    assert (answer.answer, answer.receipt.warnings) == (GOOD, ())


def test_same_question_has_the_same_prompt_hash(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(GOOD))
    one, two = (_ask(view, server).receipt.model for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.prompt_hash == two.prompt_hash


def test_tokens_are_estimated_where_the_server_does_not_count(view: View, serve: Serve, scripted: ModuleType) -> None:
    tokens = _ask(view, serve(scripted.stream(GOOD, usage=False))).receipt.tokens
    assert tokens.estimated
    assert tokens.prompt > 100


@pytest.mark.parametrize(
    "text",
    [
        "It just works, believe me.",
        "It is in [made/up.py:1-2] and [app/sessions.py:900-901].",
        "It is `value = request.cookies.set(self.cookie_name)` [app/sessions.py:7-10].",
    ],
)
def test_answer_without_a_valid_citation_says_so_first(
    view: View, serve: Serve, scripted: ModuleType, text: str
) -> None:
    pieces: list[str] = []
    answer = _ask(view, serve(scripted.stream(text)), pieces=pieces)
    assert answer.answer.split("\n")[0] == NO_VALID_CITATION
    assert answer.answer.endswith(text)
    assert tuple(answer.answer[start:end] for start, end in answer.uncited) == answer.sentences_without_citation
    assert "".join(pieces) == answer.answer


def test_nothing_is_shown_before_a_citation_is_confirmed(view: View, serve: Serve, scripted: ModuleType) -> None:
    pieces: list[str] = []
    _ask(view, serve(scripted.stream(GOOD)), pieces=pieces)
    assert "[app/sessions.py:7-10]" in pieces[0]


def test_model_may_say_that_it_is_not_there(view: View, serve: Serve, scripted: ModuleType) -> None:
    pieces: list[str] = []
    answer = _ask(view, serve(scripted.stream("NOT FOUND: the evidence shows no cookie.")), pieces=pieces)
    assert not answer.found
    assert "".join(pieces) == answer.answer == "NOT FOUND: the evidence shows no cookie."
    assert answer.sentences_without_citation == ()


def test_nothing_is_confirmed_by_a_citation_whose_quote_is_still_to_come(
    view: View, serve: Serve, scripted: ModuleType
) -> None:
    pieces: list[str] = []
    text = "In [app/sessions.py:7-10] it will `return 42`, and no more than this."
    answer = _ask(view, serve(scripted.stream(text)), pieces=pieces)
    assert "".join(pieces) == answer.answer == f"{NO_VALID_CITATION}\n\n{text}"


def test_citations_that_were_not_searched_for_are_warned_of(view: View, serve: Serve, scripted: ModuleType) -> None:
    text = " ".join(f"It is `value = {number}` [app/sessions.py:8]." for number in range(10))
    (warning,) = _ask(view, serve(scripted.stream(text))).receipt.warnings
    assert warning.startswith("Citations not looked for in earlier commits")
    assert "2" in warning


def test_reply_that_is_cut_off_is_warned_of(view: View, serve: Serve, scripted: ModuleType) -> None:
    answer = _ask(view, serve(scripted.stream(GOOD, finish="length")))
    assert "--max-tokens" in answer.receipt.warnings[0]


def test_prompt_that_the_server_cut_is_warned_of(view: View, serve: Serve, scripted: ModuleType) -> None:
    (warning,) = _ask(view, serve(scripted.stream(GOOD, prompt_tokens=64))).receipt.warnings
    assert "64 tokens" in warning
    assert warning.endswith("raise the server's context length, or lower evidence_tokens.")


def test_honest_reply_has_no_warning(view: View, serve: Serve, scripted: ModuleType) -> None:
    assert _ask(view, serve(scripted.stream(GOOD))).receipt.warnings == ()


def test_model_is_not_asked_when_no_evidence_fits(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(GOOD))
    answer = _ask(view, server, max_evidence_tokens=3)
    assert (answer.mode, answer.found) == ("extractive", True)
    assert "evidence_tokens" in answer.receipt.why
    assert server.requests == []


def test_seed_that_was_refused_is_not_claimed(view: View, serve: Serve, scripted: ModuleType) -> None:
    refusal = scripted.error(400, "Unsupported parameter: 'seed'")
    model = _ask(view, serve(refusal, scripted.stream(GOOD))).receipt.model
    assert model is not None
    assert model.seed is None


def test_broken_server_is_an_engine_error(view: View, serve: Serve, scripted: ModuleType) -> None:
    with pytest.raises(EngineReplyError):
        _ask(view, serve(scripted.error(500, "down")))


class _FarAway(OpenAIEngine):
    """The server on loopback under the name of one elsewhere."""

    @property
    def info(self) -> EngineInfo:
        return replace(super().info, base_url="https://models.example.org/v1", loopback=False)


def test_endpoint_elsewhere_is_announced_before_anything_is_sent(
    view: View, serve: Serve, scripted: ModuleType
) -> None:
    server = serve(scripted.stream(GOOD))
    told: list[tuple[str, int, int]] = []
    known: list[str] = []

    @contextmanager
    def tell(url: str, num_bytes: int) -> Iterator[None]:
        told.append((url, num_bytes, len(server.requests)))
        yield
        known.append(url)

    answer = _answer(
        QUESTION,
        view,
        engine=_FarAway(server.base_url, "llama", timeout_s=5.0),
        on_first_use=tell,
    )
    assert answer.receipt.model is not None
    assert told == [("https://models.example.org/v1", answer.receipt.model.prompt_bytes, 0)]
    assert known == ["https://models.example.org/v1"]


def test_caller_may_keep_it_from_being_sent(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream(GOOD))

    @contextmanager
    def refuse(url: str, num_bytes: int) -> Iterator[None]:
        raise OfflineError("no")
        yield

    with pytest.raises(OfflineError):
        _answer(QUESTION, view, engine=_FarAway(server.base_url, "llama", timeout_s=5.0), on_first_use=refuse)
    assert server.requests == []


def test_loopback_is_not_announced(view: View, serve: Serve, scripted: ModuleType) -> None:
    told: list[str] = []
    _ask(view, serve(scripted.stream(GOOD)), on_first_use=lambda url, num_bytes: nullcontext(told.append(url)))
    assert told == []


def test_a_question_of_history_is_answered_with_commits(view: View) -> None:
    answer = _answer("When was open_session added?", view)
    (commit,) = answer.commits
    assert (commit.commit, commit.author, commit.subject) == (view.snapshot.commit, "A", "all")
    assert (commit.path, commit.start, commit.reason) == ("app/sessions.py", 7, "introduced `open_session`")
    assert answer.answer.startswith(f"- [app/sessions.py:7-7@{commit.commit[:12]}]")


def test_other_questions_look_at_no_history(view: View) -> None:
    answer = _answer(QUESTION, view)
    assert answer.commits == ()
    assert "history" not in answer.receipt.seconds


def test_a_model_is_given_the_commits_as_data(view: View, serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.stream("NOT FOUND: no."))
    engine = OpenAIEngine(server.base_url, "llama", max_retries=0, timeout_s=5.0)
    answer = _answer("Who added open_session?", view, engine=engine)
    prompt = server.requests[0].body["messages"][1]["content"]
    assert f"commit {answer.commits[0].commit[:12]} of " in prompt
    assert prompt.index("\n| all") < prompt.index("</evidence ")
