"""What is remembered in the state folder."""

from pathlib import Path

import pytest
from repoask.config import Folders, trust, write_state
from repoask.service.terminal.crash import write_log
from repoask.service.terminal.state import State


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config.toml", tmp_path / "cache", tmp_path / "state", tmp_path / "data")


def test_a_use_of_an_endpoint_is_remembered(folders: Folders) -> None:
    assert not State(folders).has_used("https://host/v1: lines")
    State(folders).note_use("https://host/v1: lines")
    assert State(folders).has_used("https://host/v1: lines")
    assert not State(folders).has_used("https://host/v1: files")


def test_a_measurement_is_that_of_its_endpoint_and_model(folders: Folders) -> None:
    State(folders).note_measured("http://h/v1", "m", "old")
    State(folders).note_measured("http://h/v1", "m", "new")
    assert State(folders).measured("http://h/v1", "m") == "new"
    assert State(folders).measured("http://h/v1", "other") == ""


def test_a_look_is_due_once_in_its_time(folders: Folders) -> None:
    assert State(folders).is_due("servers", every_s=3600)
    assert not State(folders).is_due("servers", every_s=3600)
    assert State(folders).is_due("others", every_s=3600)
    assert State(folders).is_due("servers", every_s=0)


@pytest.mark.parametrize("last", ["99999999999", "soon", ""])
def test_a_time_that_cannot_be_does_not_silence_a_look(folders: Folders, last: str) -> None:
    write_state(folders.state / "looks.json", {"servers": last})
    assert State(folders).is_due("servers", every_s=3600)


def test_all_is_forgotten_and_told(folders: Folders, tmp_path: Path) -> None:
    assert State(folders).forget() == []
    trust(tmp_path / ".repoask.toml", b"limit = 3\n", folders=folders)
    State(folders).note_use("https://host/v1: lines")
    State(folders).note_use("https://other/v1: lines")
    State(folders).note_measured("http://h/v1", "m", "{}")
    State(folders).is_due("servers", every_s=3600)
    write_log(ValueError(), folders=folders)
    assert State(folders).forget() == ["1 trusted file", "2 used endpoints", "1 measurement", "1 crash log"]
    assert [path for path in folders.state.rglob("*") if path.is_file()] == []
