"""A damaged file is set aside on the user's word, and what can be read of it is kept."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from repoask.errors import DamagedSessionError, SessionError
from repoask.service.session.repair import repair_sessions
from repoask.service.session.session import Session
from repoask.service.session.store import SessionStore

NewSession = Callable[..., Session]


def damage(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_sound_file_and_one_that_is_not_there_are_left_alone(new_session: NewSession, file: Path) -> None:
    assert repair_sessions(file) is None
    new_session("one", "a")
    assert repair_sessions(file) is None
    assert not list(file.parent.glob("*damaged*"))


def test_sessions_whose_turns_are_whole_are_kept_and_the_others_named(new_session: NewSession, file: Path) -> None:
    new_session("one", "a", "b").fork("two", at=1)
    session = new_session("three", "c")
    damage(file, "UPDATE turns SET content = replace(content, '\"b\"', '\"x\"')")
    repaired = repair_sessions(file)
    assert repaired is not None
    assert (dict(repaired.kept), repaired.lost) == ({"two": 1, "three": 1}, ("one",))
    assert repaired.aside.name == "sessions.sqlite3.damaged-1"
    with SessionStore(file) as store:
        store.check()
        assert [record.name for record in store.records()] == ["three", "two"]
        kept = Session.open(store, "three")
        assert [turn.answer.question for turn in kept.turns()] == ["c"]
        assert kept.record.head == session.record.head
    connection = sqlite3.connect(repaired.aside)
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (3,)
    connection.close()


def test_a_file_that_is_none_of_ours_is_kept_byte_for_byte(file: Path) -> None:
    file.parent.mkdir()
    for number, content in enumerate((b"first damage", b"second damage"), 1):
        file.write_bytes(content)
        repaired = repair_sessions(file)
        assert repaired is not None
        assert (dict(repaired.kept), repaired.lost) == ({}, ())
        assert repaired.aside == file.with_name(f"{file.name}.damaged-{number}")
        assert repaired.aside.read_bytes() == content
        with SessionStore(file) as store:
            assert store.records() == []


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_pages_that_are_overwritten_cost_no_other_session_and_no_byte(
    new_session: NewSession, file: Path, share: float
) -> None:
    store = new_session("one", *(f"q{number}" for number in range(40))).store
    new_session("two", "a")
    store._database.forget_log()
    whole = bytearray(file.read_bytes())
    at = int(len(whole) * share) // 4096 * 4096
    whole[at : at + 4096] = b"\xa5" * 4096
    file.write_bytes(whole)
    with pytest.raises(DamagedSessionError), SessionStore(file) as damaged:
        damaged.check()
    repaired = repair_sessions(file)
    assert repaired is not None
    assert repaired.aside.read_bytes()[at : at + 4096] == b"\xa5" * 4096
    assert set(repaired.kept) | set(repaired.lost) <= {"one", "two"}
    with SessionStore(file) as fresh:
        fresh.check()
        assert {record.name: record.num_turns for record in fresh.records()} == dict(repaired.kept)


def test_a_newer_file_is_no_damage(new_session: NewSession, file: Path) -> None:
    new_session("one", "a")
    damage(file, "PRAGMA user_version = 99")
    with pytest.raises(SessionError, match="upgrade repoask"):
        repair_sessions(file)
    assert not list(file.parent.glob("*damaged*"))
