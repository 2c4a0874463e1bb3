"""Citations are checked against the bytes of real repositories."""

import subprocess
from pathlib import Path

import pytest
from repoask.context.citations import CitationChecker, shown_path
from repoask.context.history import MAX_SEARCHES
from repoask.context.mentions import parse_citations
from repoask.context.types import Citation, CitationStatus, Evidence
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Snapshot

APP = """import os


def create_app(name, *, debug=False):
    app = App(name)
    if debug:
        app.enable_debugging()
    return app


def close(app):
    pass
"""
VERIFIED, LOCATED = CitationStatus.VERIFIED, CitationStatus.LOCATED
STALE, UNSUPPORTED = CitationStatus.STALE, CitationStatus.UNSUPPORTED


def _git(folder: Path, *args: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _commit(folder: Path, files: dict[str, str | bytes]) -> str:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "change")
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    _git(folder, "init", "-q")
    _commit(folder, {"app.py": APP, "docs/guide.md": "# Guide\n\nCall it.\n"})
    return folder


def _snapshot(repo: Path, revision: str | None = None) -> Snapshot:
    return take_snapshot(open_source(repo, clones=repo.parent / "clones"), revision=revision)


def _check(text: str, snapshot: Snapshot, *given: tuple[int, int]) -> list[Citation]:
    checker = CitationChecker(snapshot, context={"app.py": given})
    return list(checker.check(parse_citations(text, paths=checker.paths)))


def _statuses(text: str, repo: Path, *given: tuple[int, int]) -> list[CitationStatus]:
    return [citation.status for citation in _check(text, _snapshot(repo), *given)]


@pytest.mark.parametrize(
    "text",
    [
        "Made by `def create_app(name, *, debug=False):` [app.py:4-8].",
        "Made by `create_app(name, *, debug=False)` [app.py:4-4].",
        "White space is one blank: `if debug: app.enable_debugging()`... no, `app.enable_debugging()` [app.py:4-8].",
        "A whole shorter line, `return app` [app.py:8].",
        "```python\n4| def create_app(name, *, debug=False):\n5|     app = App(name)\n```\nis how [app.py:4-8].",
        "```python\ndef create_app(name, *, debug=False):\n    ...\n    return app\n```\nis how [app.py:4-8].",
        "In [app.py:4-8]:\n```\nif debug:\n    app.enable_debugging()\n```\n",
    ],
)
def test_quote_that_stands_in_the_span_is_verified(repo: Path, text: str) -> None:
    text = text.replace("`if debug: app.enable_debugging()`... no, ", "")
    assert _statuses(text, repo) == [VERIFIED]


@pytest.mark.parametrize(
    "text",
    [
        "Made by `def create_app(name, *, debug=True):` [app.py:4-8].",
        "Made by `def create_app(name, *, debug=False):` [app.py:5-8].",
        "A short one, `app = Api()`, is no better [app.py:4-8].",
        "It is `return 42` [app.py:4-8].",
        "It is `if banana:` [app.py:4-8].",
        "[app.py:4-8]: `return 42`",
        "In [app.py:4-8] it will `return 42`.",
        'It "makes a whole new application" [app.py:4-8].',
        "It \u201cmakes a whole new application\u201d [app.py:4-8].",
        "> It makes a whole new application.\n\nSo it is [app.py:4-8].",
        "```\n    return app\ndef create_app(name, *, debug=False):\n```\nis how [app.py:4-8].",
        "```\ndef create_app(name, *, debug=False):\n...\nreturn nothing at all\n```\nis how [app.py:4-8].",
    ],
)
def test_quote_that_does_not_stand_in_the_span_is_unsupported(repo: Path, text: str) -> None:
    assert _statuses(text, repo, (1, 12)) == [UNSUPPORTED]


def test_span_that_was_given_is_located(repo: Path) -> None:
    assert _statuses("There [app.py:4-8] and, further on, there [app.py:4].", repo, (1, 5), (6, 9)) == [LOCATED] * 2


def test_span_that_was_not_given_needs_a_quote(repo: Path) -> None:
    assert _statuses("There [app.py:4-8].", repo, (1, 5)) == [UNSUPPORTED]


def test_short_or_single_names_are_no_quotes(repo: Path) -> None:
    text = "`create_app` and `some.long.module.path.Name.method()` and `git commit` [app.py:4-8]."
    assert _statuses(text, repo, (1, 12)) == [LOCATED]


@pytest.mark.parametrize(
    "citation", ["app.py:12-13", "app.py:0-3", "app.py:8-4", "gone.py:1-2", "../app.py:1-2", "app.py:1-9999999"]
)
def test_span_that_does_not_exist_is_unsupported(repo: Path, citation: str) -> None:
    assert _statuses(f"There it is [{citation}].", repo, (1, 12)) == [UNSUPPORTED]


def test_quotes_are_shared_by_citations_side_by_side(repo: Path) -> None:
    text = "It is `app = App(name)` plus `def close(app): pass`, so `def close(app):` [app.py:4-8][app.py:11-12]."
    text = text.replace("`def close(app): pass`, so ", "")
    assert _statuses(text, repo, (1, 12)) == [VERIFIED, VERIFIED]


def test_citation_carries_its_revision(repo: Path) -> None:
    (clean,) = _check("[app.py:1]", _snapshot(repo, "HEAD"), (1, 12))
    assert clean.revision == _git(repo, "rev-parse", "HEAD")
    (repo / "app.py").write_text(APP + "# more\n")
    (dirty,) = _check("[app.py:13]", _snapshot(repo), (1, 13))
    assert dirty.status is LOCATED
    assert dirty.revision.startswith("worktree:")


def test_quote_of_an_older_revision_is_stale(repo: Path) -> None:
    old = _git(repo, "rev-parse", "HEAD")
    _commit(repo, {"app.py": APP.replace("debug", "verbose")})
    (citation,) = _check("By `def create_app(name, *, debug=False):` [app.py:4-8].", _snapshot(repo), (1, 12))
    assert (citation.status, citation.revision) == (STALE, old)
    assert citation.quote == "def create_app(name, *, debug=False):"


def test_short_quote_of_an_older_revision_is_stale(repo: Path) -> None:
    old = _git(repo, "rev-parse", "HEAD")
    _commit(repo, {"app.py": APP.replace("if debug", "if verbose")})
    (citation,) = _check("It asks `if debug:` [app.py:4-8].", _snapshot(repo), (1, 12))
    assert (citation.status, citation.revision) == (STALE, old)


def test_prose_is_quoted_across_lines_and_comment_marks(repo: Path) -> None:
    _commit(repo, {"doc.py": "# Opens the session\n# and saves it again.\n"})
    assert _statuses('It "opens the session and saves it again." [doc.py:1-2]'.replace("opens", "Opens"), repo) == [
        VERIFIED
    ]


def test_searches_of_the_history_end_somewhere_and_are_counted(repo: Path) -> None:
    checker = CitationChecker(_snapshot(repo), context={})
    text = " ".join(f"It is `value = {number}` [app.py:1]." for number in range(MAX_SEARCHES + 3))
    mentions = parse_citations(text)
    for _ in range(2):
        assert {citation.status for citation in checker.check(mentions)} == {UNSUPPORTED}
    assert checker.num_unsearched == 3


def test_span_of_a_deleted_file_is_stale(repo: Path) -> None:
    old = _git(repo, "rev-parse", "HEAD")
    _git(repo, "rm", "-q", "docs/guide.md")
    _git(repo, "commit", "-q", "-m", "away")
    (citation,) = _check("[docs/guide.md:1-3]", _snapshot(repo))
    assert (citation.status, citation.revision) == (STALE, old)


def test_uncommitted_edit_makes_the_committed_text_stale(repo: Path) -> None:
    (repo / "app.py").write_text(APP.replace("debug", "verbose"))
    (citation,) = _check("By `def create_app(name, *, debug=False):` [app.py:4-8].", _snapshot(repo), (1, 12))
    assert (citation.status, citation.revision) == (STALE, _git(repo, "rev-parse", "HEAD"))


def test_citation_at_a_revision_is_checked_there(repo: Path) -> None:
    old = _git(repo, "rev-parse", "HEAD")
    _commit(repo, {"app.py": "x = 1\n"})
    snapshot = _snapshot(repo)
    (citation,) = _check(f"By `def create_app(name, *, debug=False):` [app.py:4-8@{old[:12]}].", snapshot)
    assert citation.status is STALE
    (nonsense,) = _check("[app.py:1@--output=/tmp/x]", snapshot, (1, 1))
    assert nonsense.status is UNSUPPORTED


def test_left_out_file_is_not_searched_in_its_history(repo: Path) -> None:
    _commit(repo, {".env": "PASSWORD=correct-horse-battery-staple\n"})
    (citation,) = _check("It is `PASSWORD=correct-horse-battery-staple` [.env:1-1].", _snapshot(repo))
    assert citation.status is UNSUPPORTED


def test_plain_folder_has_no_other_revision(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/app.py").write_text(APP)
    snapshot = _snapshot(tmp_path / "folder")
    assert [c.status for c in _check("[app.py:4] and then there [app.py:90].", snapshot, (4, 4))] == [
        LOCATED,
        UNSUPPORTED,
    ]


def test_lines_are_those_of_git(repo: Path) -> None:
    _commit(repo, {"odd.py": "a\x0cb\u2028c\r\nsecond_line_of_the_file = 2\r\n".encode()})
    assert _statuses("It is `second_line_of_the_file = 2` [odd.py:2].", repo) == [VERIFIED]


def test_file_in_utf16_is_read(repo: Path) -> None:
    _commit(repo, {"wide.txt": "eins\nzwei ist die zweite Zeile\n".encode("utf-16")})
    assert _statuses("`zwei ist die zweite Zeile` [wide.txt:2]", repo) == [VERIFIED]


def test_odd_names_are_cited_as_they_are_shown(repo: Path) -> None:
    name = "a\nb\x1b.py"
    _commit(repo, {name: "the_only_line_of_this_file = 1\n"})
    assert shown_path(name) == "a\\x0ab\\x1b.py"
    assert _statuses(f"`the_only_line_of_this_file = 1` [{shown_path(name)}:1-1]", repo) == [VERIFIED]


def test_file_that_changed_since_the_snapshot_is_not_vouched_for(repo: Path) -> None:
    (repo / "app.py").write_text(APP + "# dirty\n")
    snapshot = _snapshot(repo)
    (repo / "app.py").write_text("nothing of this is left here, and it is long enough\n")
    (citation,) = _check("By `# dirty` [app.py:13].", snapshot, (1, 13))
    assert citation.status is not VERIFIED


def _evidence(text: str, start: int, end: int) -> Evidence:
    return Evidence("app.py", start, end, "", "", "python", "", 1.0, (), text)


def test_evidence_cites_itself_with_a_line_that_stands(repo: Path) -> None:
    checker = CitationChecker(_snapshot(repo), context={"app.py": [(4, 8)]})
    text = "\n".join(["[withheld: a line that holds a secret]", *APP.split("\n")[4:8]])
    (citation,) = checker.cite([_evidence(text, 4, 8)])
    assert (citation.status, citation.quote) == (VERIFIED, "app.enable_debugging()")


def test_evidence_that_no_longer_stands_is_not_verified(repo: Path) -> None:
    checker = CitationChecker(_snapshot(repo), context={})
    (citation,) = checker.cite([_evidence("something that was never in this file", 4, 8)])
    assert citation.status is UNSUPPORTED


def test_span_of_a_file_that_was_given_in_full_is_located(repo: Path) -> None:
    checker = CitationChecker(_snapshot(repo), context={}, whole={"app.py"})
    mentions = parse_citations("It is made [app.py:4-8]. Not [app.py:4-800]. Nor [README.md:1-1].", paths=checker.paths)
    assert [citation.status for citation in checker.check(mentions)] == [
        CitationStatus.LOCATED,
        CitationStatus.UNSUPPORTED,
        CitationStatus.UNSUPPORTED,
    ]
