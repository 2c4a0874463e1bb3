"""Cited lines are found again in real repositories that moved on."""

import subprocess
from pathlib import Path

import pytest
from repoask.context.relocation import CitedLines, Place, Relocator
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source

APP = """import os


def create_app(name, *, debug=False):
    app = App(name)
    return app


def close(app):
    pass
"""
CREATE = "def create_app(name, *, debug=False):\n    app = App(name)\n    return app"


def _git(folder: Path, *args: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(folder: Path, **files: str) -> str:
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "change")
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    _git(folder, "init", "-q")
    _commit(folder, app=APP)
    return folder


def _find(
    repo: Path,
    *,
    text: str | None = CREATE,
    quote: str = "",
    start: int = 4,
    end: int = 6,
    commit: str | None = None,
) -> Place | None:
    snapshot = take_snapshot(open_source(repo, clones=repo.parent / "clones"))
    return Relocator(snapshot).find(CitedLines("app.py", start, end, text, quote, commit or snapshot.commit))


def _where(place: Place | None) -> str:
    return "nowhere" if place is None else f"{place.path}:{place.start}-{place.end}{' moved' if place.moved else ''}"


def test_lines_that_stand_where_they_were_are_cited_at_the_new_commit(repo: Path) -> None:
    head = _commit(repo, other="x = 1\n")
    place = _find(repo)
    assert _where(place) == "app.py:4-6"
    assert place is not None
    assert place.revision == head


def test_lines_that_moved_down_are_found_there_also_when_indented_otherwise(repo: Path) -> None:
    moved = "\n" * 5 + "class A:\n" + "".join(f"    {line}\n" for line in APP.split("\n"))
    (repo / "app.py").write_text(moved)
    place = _find(repo)
    assert _where(place) == "app.py:10-12 moved"
    assert place is not None
    assert place.revision.startswith("worktree:")


def test_of_equal_lines_the_nearest_is_the_one(repo: Path) -> None:
    _commit(repo, app=f"{CREATE}\n" + "\n" * 20 + f"{CREATE}\n")
    assert _where(_find(repo)) == "app.py:1-3 moved"
    assert _where(_find(repo, start=30, end=32)) == "app.py:24-26 moved"


def test_lines_that_changed_are_found_by_what_was_quoted_of_them(repo: Path) -> None:
    _commit(repo, app="# new\n# lines\n# above\n# it\n" + APP.replace("app = App(name)", "app = App(name, debug)"))
    assert _where(_find(repo, quote="def create_app(name, *, debug=False):")) == "app.py:8-8 moved"
    assert _where(_find(repo)) == "nowhere"


def test_a_quote_that_still_stands_in_the_span_keeps_it(repo: Path) -> None:
    _commit(repo, app=APP.replace("app = App(name)", "app = App(name, debug)"))
    assert _where(_find(repo, quote="def create_app(name, *, debug=False):")) == "app.py:4-6"


def test_without_the_lines_the_quote_alone_is_looked_for(repo: Path) -> None:
    assert _where(_find(repo, text=None, quote="app = App(name) return app")) == "app.py:4-6"
    assert _where(_find(repo, text=None, quote="app = App(name) return app", start=9, end=10)) == "app.py:5-6 moved"
    assert _where(_find(repo, text=None)) == "nowhere"


def test_a_file_that_was_renamed_and_edited_is_followed(repo: Path) -> None:
    before = _git(repo, "rev-parse", "HEAD")
    _git(repo, "mv", "app.py", "factory.py")
    _commit(repo, factory=f"# moved\n{APP}", app_test="import factory\n")
    assert _where(_find(repo, commit=before)) == "factory.py:5-7 moved"


def test_a_file_that_is_renamed_in_the_work_tree_is_found_by_its_lines(repo: Path) -> None:
    (repo / "app.py").rename(repo / "fresh.py")
    assert _where(_find(repo)) == "fresh.py:4-6 moved"


def test_lines_that_two_files_hold_now_are_not_guessed(repo: Path) -> None:
    for folder in ("a", "b"):
        (repo / folder).mkdir()
        (repo / folder / "app.py").write_text(APP)
    (repo / "app.py").unlink()
    assert _where(_find(repo)) == "nowhere"


def test_lines_that_say_little_are_found_only_where_they_stand_once(repo: Path) -> None:
    assert _where(_find(repo, text="    pass", start=2, end=2)) == "app.py:10-10 moved"
    _commit(repo, app=APP + "\n\ndef stop():\n    pass\n")
    assert _where(_find(repo, text="    pass", start=2, end=2)) == "nowhere"
    assert _where(_find(repo, text="", start=4, end=4)) == "nowhere"


def test_a_line_that_was_withheld_may_hold_anything(repo: Path) -> None:
    text = CREATE.replace("    app = App(name)", "[withheld: generic password]")
    assert _where(_find(repo, text=text)) == "app.py:4-6"
    (repo / "app.py").write_text(f"\n{APP}")
    assert _where(_find(repo, text=text)) == "app.py:5-7 moved"


def test_what_is_gone_is_nowhere_and_a_commit_that_is_none_is_no_error(repo: Path) -> None:
    (repo / "app.py").unlink()
    for commit in ("0" * 40, "--output=x", "HEAD"):
        assert _where(_find(repo, commit=commit)) == "nowhere"


def test_a_plain_folder_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/app.py").write_text(f"\n\n{APP}")
    assert _where(_find(tmp_path / "plain")) == "app.py:6-8 moved"


def test_a_file_that_is_no_text_any_more_holds_nothing(repo: Path) -> None:
    (repo / "app.py").write_bytes(b"\0\1\2" * 100)
    assert _where(_find(repo, quote="def create_app(name, *, debug=False):")) == "nowhere"
