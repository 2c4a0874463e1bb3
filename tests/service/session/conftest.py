"""Sessions on disk, with answers that are as whole as real ones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from repoask.context.types import CitationStatus
from repoask.ingest.types import Source, SourceKind
from repoask.service.answer import (
    Answer,
    AnswerCitation,
    AnswerEvidence,
    FilesReceipt,
    Receipt,
    SnapshotReceipt,
)
from repoask.service.session.session import Session
from repoask.service.session.store import EngineChoice, SessionStore


def make_answer(question: str, answer: str = "It is here.", *, text: str = "def a():\n    return 1") -> Answer:
    """An answer that cites two lines of app.py, of which it holds `text` as evidence from line 1."""
    evidence = AnswerEvidence(
        path="app.py",
        start=1,
        end=1 + text.count("\n"),
        revision="0" * 40,
        symbol="a",
        kind="function",
        language="python",
        score=1.0,
        reasons=(),
        text=text,
    )
    citation = AnswerCitation(
        path="app.py", start=1, end=evidence.end, revision="0" * 40, status=CitationStatus.LOCATED
    )
    return Answer(
        found=True,
        mode="extractive",
        question=question,
        answer=answer,
        citations=(citation,),
        evidence=(evidence,),
        receipt=Receipt(
            repoask="0",
            mode="extractive",
            why="no model was named",
            snapshot=SnapshotReceipt(source="/repo", kind="worktree", commit="0" * 40),
            files=FilesReceipt(indexed=1, read=0),
        ),
    )


@pytest.fixture(scope="session")
def answer() -> Callable[..., Answer]:
    return make_answer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data/sessions.sqlite3"


@pytest.fixture
def open_store(file: Path) -> Iterator[Callable[[], SessionStore]]:
    """Opens the store as another process would; closed when the test ends."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(SessionStore(file))


@pytest.fixture
def store(open_store: Callable[[], SessionStore]) -> SessionStore:
    return open_store()


@pytest.fixture
def new_session(store: SessionStore, tmp_path: Path) -> Callable[..., Session]:
    """A session with a turn for each question."""

    def make(name: str, *questions: str, folder: str = "repo") -> Session:
        source = Source(SourceKind.FOLDER, root=tmp_path / folder)
        session = Session.create(store, name, source, engine=EngineChoice())
        for question in questions:
            session.keep(make_answer(question), engine=EngineChoice())
        return Session.open(store, name)

    return make
