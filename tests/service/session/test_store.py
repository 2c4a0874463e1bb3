"""The store of sessions: real SQLite files, real processes, killed ones among them."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repoask.context.types import CitationStatus
from repoask.errors import DamagedSessionError, SessionError
from repoask.service.answer import Answer, AnswerClaim
from repoask.service.session.schema import MIGRATIONS, migrate
from repoask.service.session.session import Session
from repoask.service.session.store import EngineChoice, SessionRecord, SessionStore
from repoask.service.session.turn import encode_turn, read_turn, turn_of

NewSession = Callable[..., Session]
NONE = EngineChoice()
WRITER = """
import sys
from pathlib import Path
from repoask.service.session.store import EngineChoice, SessionStore
with SessionStore(Path(sys.argv[1])) as store:
    for number in range(int(sys.argv[3])):
        store.append("one", f'{{"{sys.argv[2]}":{number}}}', engine=EngineChoice())
        print(number, flush=True)
"""
HALF_A_WRITE = """
import sys, time
from pathlib import Path
from repoask.service.session.database import Database
with Database(Path(sys.argv[1])) as database, database.writing():
    database.rows("INSERT INTO turns VALUES ('half', NULL, 1, 'half')")
    database.rows("UPDATE sessions SET head = 'half'")
    print("ready", flush=True)
    time.sleep(60)
"""


def questions(session: Session) -> list[str]:
    return [turn.answer.question for turn in session.turns()]


def count_turns(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        count = connection.execute("SELECT count(*) FROM turns").fetchone()[0]
    connection.close()
    return int(count)


def start(code: str, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True)


def test_a_turn_comes_back_as_it_was_kept(new_session: NewSession, answer: Callable[..., Answer]) -> None:
    session = new_session("one")
    session.keep(answer("where is ä \ud800?", text="def a():\n    return '\udc80'"), engine=NONE)
    (turn,) = Session.open(session.store, "one").turns()
    assert turn.answer.question == "where is ä \ufffd?"
    assert turn.answer.answer == "It is here."
    assert turn.lines[0] == "def a():\n    return '\\x80'"
    assert turn.answer.citations[0].status is CitationStatus.LOCATED
    assert turn.answer.receipt.snapshot.commit == "0" * 40


def test_a_turn_keeps_its_claims_and_one_from_before_there_were_any_is_read(answer: Callable[..., Answer]) -> None:
    whole = answer("where?")
    claimed = replace(whole, claims=(AnswerClaim(text="It is here.", citations=whole.citations),))
    kept = encode_turn(turn_of(claimed, asked_at="2026-11-26"))
    assert read_turn(kept).answer.claims == claimed.claims
    old = json.loads(kept)
    del old["answer"]["claims"], old["answer"]["receipt"]["cost"], old["answer"]["receipt"]["tokens"]["kv_from"]
    assert read_turn(json.dumps(old)).answer == replace(whole, evidence=())


def test_a_citation_that_the_evidence_does_not_cover_is_kept_without_its_lines(
    new_session: NewSession, answer: Callable[..., Answer]
) -> None:
    whole = answer("q")
    wider = replace(whole, citations=(replace(whole.citations[0], end=9),))
    session = new_session("one")
    session.keep(wider, engine=NONE)
    assert Session.open(session.store, "one").turns()[0].lines == (None,)


def test_sessions_are_ordered_by_use_and_no_clock(new_session: NewSession, answer: Callable[..., Answer]) -> None:
    first = new_session("first", "a")
    new_session("second", "b")
    new_session("elsewhere", folder="other")
    first.keep(answer("again"), engine=NONE)
    assert [record.name for record in first.store.records()] == ["first", "elsewhere", "second"]
    latest = first.store.latest(first.record.source)
    assert latest is not None
    assert (latest.name, latest.num_turns) == ("first", 2)
    assert first.store.latest("unknown") is None


def test_the_engine_of_the_last_answer_is_the_sessions(new_session: NewSession, answer: Callable[..., Answer]) -> None:
    session = new_session("one", "a")
    engine = EngineChoice("http://127.0.0.1:1/v1", "llama", "MY_KEY", ("http://127.0.0.1:2/v1",))
    session.keep(answer("b"), engine=engine)
    assert Session.open(session.store, "one").record.engine == engine


def test_a_mode_that_was_chosen_is_the_sessions_until_another_is(
    new_session: NewSession, answer: Callable[..., Answer]
) -> None:
    session = new_session("one", "a")
    engine = EngineChoice("http://127.0.0.1:1/v1")
    for mode, kept in (("full", "full"), (None, "full"), ("auto", "auto"), ("", "")):
        session.keep(answer("b"), engine=engine, mode=mode)
        assert Session.open(session.store, "one").mode == kept
    session.keep(answer("b"), engine=EngineChoice(), mode="full")
    again = Session.open(session.store, "one")
    assert (again.mode, again.record.mode) == ("", "full")  # nothing is given to a model where there is none
    assert again.fork("two").record.mode == "full"


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "-x", "a" * 65, "a\n"])
def test_a_name_that_cannot_be_written_on_a_command_line_is_refused(new_session: NewSession, name: str) -> None:
    with pytest.raises(SessionError, match="cannot name a session"):
        new_session(name)


def test_a_name_is_given_once(new_session: NewSession) -> None:
    new_session("one", "a")
    with pytest.raises(SessionError, match="a session `one` already"):
        new_session("one")


def test_a_fork_shares_the_turns_of_its_parent(new_session: NewSession, file: Path) -> None:
    session = new_session("one", "a", "b", "c")
    forked = session.fork("two", at=2)
    assert questions(forked) == ["a", "b"]
    assert count_turns(file) == 3
    session.store.remove(["one"])
    assert questions(forked) == ["a", "b"]
    assert count_turns(file) == 2
    with pytest.raises(SessionError, match="has 3 turns; fork it at one of 0 to 3"):
        session.fork("three", at=4)


def test_forks_that_are_answered_alike_share_that_too(new_session: NewSession, file: Path) -> None:
    session = new_session("one")
    session.store.append("one", "{}", engine=NONE)
    Session.open(session.store, "one").fork("two")
    for name in ("one", "two"):
        session.store.append(name, '{"same":1}', engine=NONE)
    assert count_turns(file) == 2
    session.store.remove(["one"])
    assert count_turns(file) == 2


def test_what_is_removed_leaves_no_bytes(new_session: NewSession, file: Path) -> None:
    session = new_session("one", "the secret question")
    new_session("two", "another")
    session.store.remove(["one"])
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"the secret question" not in left
    assert b"another" in left


STEPS = st.lists(
    st.tuples(st.sampled_from(["append", "fork", "remove"]), st.integers(0, 5), st.integers(0, 5)), max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_forked_and_removed_each_session_keeps_its_own_turns(tmp_path: Path, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    file = tmp_path / f"{time.monotonic_ns()}.sqlite3"
    expected: dict[str, list[str]] = {"s0": []}
    with SessionStore(file) as store:
        store.create(SessionRecord("s0", "source", "/repo", NONE))
        for count, (step, which, at) in enumerate(steps, 1):
            name = sorted(expected)[which % len(expected)]
            if step == "append":
                content = f'{{"n":{at}}}'  # few different ones, so that forks meet again
                assert store.append(name, content, engine=NONE) == len(expected[name]) + 1
                expected[name].append(content)
            elif step == "fork":
                at = min(at, len(expected[name]))
                Session.open(store, name).fork(f"s{count}", at=at)
                expected[f"s{count}"] = expected[name][:at]
            elif len(expected) > 1:
                store.remove([name])
                del expected[name]
        heads = {record.name: record.head for record in store.records()}
        found = {name: [content for _, content in store.newest_first(head)][::-1] for name, head in heads.items()}
        store.check()
    assert found == expected
    assert count_turns(file) == len({tuple(turns[:n]) for turns in expected.values() for n in range(1, len(turns) + 1)})


def test_two_processes_that_write_at_once_lose_nothing(new_session: NewSession, file: Path) -> None:
    session = new_session("one")
    writers = [start(WRITER, str(file), name, "30") for name in ("a", "b")]
    for writer in writers:
        assert writer.communicate(timeout=60)[0].split()[-1] == "29"
        assert writer.returncode == 0
    record = session.store.find("one")
    assert record is not None
    contents = [content for _, content in session.store.newest_first(record.head)][::-1]
    assert record.num_turns == len(contents) == 60
    for name in ("a", "b"):
        assert [one for one in contents if name in one] == [f'{{"{name}":{number}}}' for number in range(30)]


def test_processes_that_make_the_file_at_once_all_find_it_whole(file: Path) -> None:
    code = "import sys; from pathlib import Path; from repoask.service.session.store import SessionStore as S\n"
    code += "with S(Path(sys.argv[1])) as store: print(store.records())"
    openers = [start(code, str(file)) for _ in range(6)]
    assert [opener.communicate(timeout=60)[0] for opener in openers] == ["[]\n"] * 6
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_process_killed_amid_a_write_leaves_what_was_there(new_session: NewSession, file: Path) -> None:
    session = new_session("one", "a")
    half = start(HALF_A_WRITE, str(file))
    assert half.stdout is not None
    assert half.stdout.readline() == "ready\n"
    assert questions(Session.open(session.store, "one")) == ["a"]  # a reader does not wait for a writer
    half.kill()
    half.communicate()
    with SessionStore(file) as store:
        store.check()
        assert questions(Session.open(store, "one")) == ["a"]
        assert store.append("one", "{}", engine=NONE) == 2


@pytest.mark.parametrize("delay_s", [0.0, 0.004, 0.02])
def test_every_turn_that_was_said_to_be_kept_survives_a_kill(
    new_session: NewSession, file: Path, delay_s: float
) -> None:
    session = new_session("one")
    writer = start(WRITER, str(file), "a", "1000")
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(5)]
    time.sleep(delay_s)
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.communicate()[0].splitlines()
    record = session.store.find("one")
    assert record is not None
    assert record.num_turns in (len(said), len(said) + 1)
    session.store.check()


def test_a_session_that_was_removed_meanwhile_is_told(new_session: NewSession, answer: Callable[..., Answer]) -> None:
    session = new_session("one", "a")
    session.store.remove(["one"])
    with pytest.raises(SessionError, match="removed meanwhile, so the answer was not kept"):
        session.keep(answer("b"), engine=NONE)


def test_a_newer_version_is_refused_and_left_alone(new_session: NewSession, file: Path) -> None:
    new_session("one", "a")
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SessionError, match=r"version 99, this one knows 2\); upgrade repoask"):
        SessionStore(file)
    assert count_turns(file) == 1


def test_sessions_of_the_first_version_have_no_mode(file: Path) -> None:
    file.parent.mkdir()
    connection = sqlite3.connect(file, isolation_level=None)
    migrate(connection, file=str(file), migrations=MIGRATIONS[:1])
    connection.execute("INSERT INTO sessions VALUES ('one', 'id', '\"/repo\"', '{}', NULL, 1)")
    connection.close()
    with SessionStore(file) as store:
        record = store.find("one")
        assert record is not None
        assert (record.location, record.mode) == ("/repo", "")
        store.append("one", "{}", engine=NONE, mode="full")
        assert [each.mode for each in store.records()] == ["full"]


def test_an_older_version_is_brought_forward_once_and_keeps_its_turns(new_session: NewSession, file: Path) -> None:
    new_session("one", "a")
    connection = sqlite3.connect(file, isolation_level=None)
    later = [*MIGRATIONS, ["ALTER TABLE sessions ADD COLUMN note TEXT NOT NULL DEFAULT ''"]]
    for _ in range(2):
        migrate(connection, file=str(file), migrations=later)
    assert connection.execute("SELECT note, (SELECT count(*) FROM turns) FROM sessions").fetchall() == [("", 1)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(new_session: NewSession, file: Path) -> None:
    new_session("one", "a")
    connection = sqlite3.connect(file, isolation_level=None)
    broken = [*MIGRATIONS, ["DROP TABLE sessions", "no statement"]]
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, file=str(file), migrations=broken)
    assert connection.execute("SELECT name FROM sessions").fetchall() == [("one",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_none_of_ours_is_told_in_one_line_and_left_alone(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(DamagedSessionError, match="`repoask session repair` sets the file aside") as told:
        SessionStore(file)
    assert "\n" not in str(told.value)
    assert file.read_bytes() == content


def test_a_turn_that_is_not_what_was_kept_is_noticed(new_session: NewSession, file: Path) -> None:
    session = new_session("one", "where is login?")
    connection = sqlite3.connect(file)
    connection.execute("UPDATE turns SET content = replace(content, 'login', 'logout')")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedSessionError, match="is damaged or has been removed"):
        session.turns()
    with pytest.raises(DamagedSessionError):
        session.store.check()


def test_a_full_disk_is_told_and_what_was_kept_stays(new_session: NewSession, file: Path) -> None:
    session = new_session("one", "a")
    pages = session.store._database.rows("PRAGMA page_count")[0][0]
    session.store._database.rows(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SessionError, match=r"cannot be used \(database or disk is full\); free space"):
        session.store.append("one", json.dumps("x" * 100_000), engine=NONE)
    assert questions(Session.open(session.store, "one")) == ["a"]
    assert session.store.append("one", "{}", engine=NONE) == 2


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SessionError, match="cannot be opened"):
        SessionStore(tmp_path / "data/sessions.sqlite3")
