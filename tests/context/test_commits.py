"""History of what was found: who wrote the lines, who changed them, what brought a name; and what is not known."""

import subprocess
from pathlib import Path

import pytest
from repoask.context.commits import explain_history
from repoask.context.types import Evidence, Explained
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source

FIRST = "def read_cookie(request):\n    return request.cookie\n"
SECOND = '"""Cookies."""\n\n\ndef read_cookie(request):\n    return request.cookies["session"]\n'
WHO = {"Ada": "ada@example.org", "Bob": "bob@example.org"}


class Repo:
    """A repository with dated commits of named authors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str) -> str:
        who = ("-c", "user.name=C", "-c", "user.email=c@example.org", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *who, *args], cwd=self.path, check=True, capture_output=True, text=True).stdout

    def commit(self, message: str, *, author: str = "Ada", year: int = 2020) -> str:
        self.git("add", "-A")
        self.git(
            *("commit", "-q", "-m", message, f"--author={author} <{WHO[author]}>"),
            f"--date={year}-01-02T03:04:05+00:00",
        )
        return self.git("rev-parse", "HEAD").strip()

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def told(
    repo: Repo, question: str, *, name: str = "web.py", symbol: str = "read_cookie", **options: float
) -> Explained:
    """What is told of the whole of a file, found as it lies."""
    snapshot = take_snapshot(open_source(repo.path, clones=repo.path.parent / "clones"))
    entry = next(entry for entry in snapshot.entries if entry.path == name)
    text = (repo.path / name).read_text().rstrip("\n")
    evidence = Evidence(
        name, 1, text.count("\n") + 1, symbol, "function", "python", snapshot.label(entry), 1.0, ("found",), text
    )
    return explain_history(snapshot, question, [evidence], **options)


def two_commits(repo: Repo) -> tuple[str, str]:
    repo.write("web.py", FIRST)
    first = repo.commit("Read the cookie", year=2019)
    repo.write("web.py", SECOND)
    return first, repo.commit("Cookies have names\n\nOne cookie was not enough.", author="Bob", year=2021)


def test_what_introduced_a_name_comes_first_with_its_line_at_that_commit(repo: Repo) -> None:
    first, second = two_commits(repo)
    best, *rest = told(repo, "When was read_cookie introduced?").commits
    assert (best.commit, best.author, best.date[:4]) == (first, "Ada", "2019")
    assert (best.path, best.start, best.end) == ("web.py", 1, 1)
    assert best.reason == "introduced `read_cookie`"
    assert [one.commit for one in rest] == [second]


def test_a_name_that_came_from_another_file_was_introduced_there(repo: Repo) -> None:
    repo.write("old.py", FIRST)
    first = repo.commit("Read the cookie", year=2018)
    repo.write("web.py", SECOND)
    second = repo.commit("A second reader", year=2020)
    commits = {one.commit: one for one in told(repo, "when was read_cookie added?").commits}
    assert (commits[first].path, commits[first].reason) == ("old.py", "introduced `read_cookie`")
    assert (commits[second].path, commits[second].reason) == ("web.py", "added `read_cookie` to this file")


def test_who_last_changed_lines_comes_first(repo: Repo) -> None:
    first, second = two_commits(repo)
    commits = told(repo, "who last changed read_cookie?").commits
    assert [one.commit for one in commits] == [second, first]
    assert (commits[0].author, commits[0].subject) == ("Bob", "Cookies have names")
    assert commits[0].body == "One cookie was not enough."
    assert (commits[0].start, commits[0].end) == (5, 5)


def test_a_reason_is_looked_for_in_the_messages(repo: Repo) -> None:
    two_commits(repo)
    repo.write("web.py", SECOND.replace("Cookies.", "Crumbs."))
    repo.commit("Say it otherwise", year=2023)
    best = told(repo, "why were the named cookies of read_cookie changed?", symbol="").commits[0]
    assert best.subject == "Cookies have names"


def test_a_question_of_another_kind_is_told_nothing(repo: Repo) -> None:
    two_commits(repo)
    assert told(repo, "where is read_cookie?") == Explained()


def test_lines_that_are_not_committed_are_said_and_the_others_told(repo: Repo) -> None:
    _, second = two_commits(repo)
    repo.write("web.py", "import os\nimport sys\n" + SECOND)
    explained = told(repo, "who last changed read_cookie?")
    assert explained.commits[0].commit == second
    assert explained.notes == ()  # the definition itself is as committed
    repo.write("web.py", SECOND.replace("session", "login"))
    assert told(repo, "who last changed read_cookie?").notes == ("Some lines of web.py:4-5 are not committed yet.",)


def test_a_file_that_is_not_committed_has_no_history(repo: Repo) -> None:
    two_commits(repo)
    repo.write("new.py", "def new_thing():\n    return 7\n")
    explained = told(repo, "when was new_thing added?", name="new.py", symbol="new_thing")
    assert explained == Explained(notes=("The lines of new.py:1-2 are not committed yet.",))


def test_before_the_first_commit_there_is_nothing_to_tell(repo: Repo) -> None:
    repo.write("web.py", FIRST)
    explained = told(repo, "when was read_cookie added?")
    assert explained.commits == ()
    assert "Nothing is committed yet" in explained.notes[0]


def test_a_plain_folder_says_that_it_has_no_history(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/web.py").write_text(FIRST)
    snapshot = take_snapshot(open_source(tmp_path / "plain", clones=tmp_path / "clones"))
    item = Evidence("web.py", 1, 2, "read_cookie", "function", "python", "worktree:1", 1.0, ("found",), FIRST)
    explained = explain_history(snapshot, "when was read_cookie added?", [item])
    assert explained.commits == ()
    assert len(explained.notes) == 1
    assert "plain folder has no history" in explained.notes[0]


def test_a_shallow_clone_says_where_it_ends(repo: Repo, tmp_path: Path) -> None:
    _, second = two_commits(repo)
    shallow = Repo(tmp_path / "shallow")
    shallow.git("fetch", "-q", "--depth=1", f"file://{repo.path}", "main")
    shallow.git("reset", "-q", "--hard", "FETCH_HEAD")
    explained = told(shallow, "when was read_cookie introduced?")
    assert [one.commit for one in explained.commits] == [second]
    assert not any("introduced" in one.reason for one in explained.commits)
    assert any(second[:12] in note and "shallow" in note for note in explained.notes)


def test_when_the_time_is_over_it_stops_and_says_so(repo: Repo) -> None:
    two_commits(repo)
    explained = told(repo, "who last changed read_cookie?", limit_s=0.0)
    assert explained.commits == ()
    assert "stopped after 0 s" in explained.notes[0]


def test_a_changelog_is_not_asked_while_there_is_code(repo: Repo) -> None:
    two_commits(repo)
    repo.write("CHANGES.md", "read_cookie reads a named cookie\n")
    last = repo.commit("Changelog", year=2024)
    snapshot = take_snapshot(open_source(repo.path, clones=repo.path.parent / "clones"))
    log = Evidence("CHANGES.md", 1, 1, "", "", "markdown", last, 2.0, ("found",), "read_cookie reads a named cookie")
    code = Evidence("web.py", 4, 5, "read_cookie", "function", "python", last, 1.0, ("found",), SECOND[18:])
    explained = explain_history(snapshot, "who last changed read_cookie?", [log, code])
    assert {one.path for one in explained.commits} == {"web.py"}
