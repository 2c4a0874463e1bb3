"""Sessions as a user meets them: `repoask ask --session`, `--continue` and `repoask session`, as processes."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from repoask.service.session.document import SessionDocument

Repoask = Callable[..., subprocess.CompletedProcess[str]]
Serve = Callable[..., Any]

AUTH = '''def login_user(name, password):
    """Logs a user in when the password is right."""
    stored = find_password_hash(name)
    return verify_password_hash(stored, password)
'''
Q = "where does login_user check the password?"
Q2 = "what calls find_password_hash?"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def make_repo(folder: Path) -> Path:
    folder.mkdir()
    (folder / "auth.py").write_text(AUTH)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo")


@pytest.fixture
def sessions(home: dict[str, str]) -> Path:
    """The file that they are kept in."""
    return Path(home["HOME"]) / ".local/share/repoask/sessions.sqlite3"


def exported(repoask: Repoask, name: str) -> SessionDocument:
    result = repoask("session", "export", name, "--format", "json")
    assert (result.returncode, result.stderr) == (0, "")
    return TypeAdapter(SessionDocument).validate_json(result.stdout)


def test_questions_are_kept_with_their_answers_and_shown_again(repoask: Repoask, repo: Path, sessions: Path) -> None:
    first = repoask("ask", str(repo), Q, "--session", "notes")
    assert (first.returncode, first.stderr) == (0, "repoask: the session `notes` begins\n")
    assert " · session notes, turn 1 · " in first.stdout.splitlines()[-1]
    second = repoask("--session", "notes", str(repo), Q2)
    assert (second.returncode, second.stderr) == (0, "")
    assert " · session notes, turn 2 · " in second.stdout.splitlines()[-1]
    assert repoask("session", "list").stdout == f"notes    2 turns  without a model  {repo}\n"
    shown = repoask("session", "show", "notes").stdout
    assert re.search(rf"\n1. {re.escape(Q)}  20\d\d-\d\d-\d\d \d\d:\d\d\n", shown)
    assert f"\n2. {Q2}  20" in shown
    assert "  verified    auth.py:1-4 @ " in shown
    assert stat.S_IMODE(sessions.stat().st_mode) == 0o600


def test_the_source_need_not_be_named_again_and_no_other_is_asked(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    other = make_repo(tmp_path / "other")
    elsewhere = repoask("ask", Q2, "--session", "notes", cwd=other)
    assert " · session notes, turn 2 · " in elsewhere.stdout
    assert exported(repoask, "notes").turns[1].answer.receipt.snapshot.source == str(repo)
    for words in ([str(other), Q], [".", Q]):
        refused = repoask("ask", *words, "--session", "notes", cwd=other)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith(f"repoask: the session `notes` is about {repo}, not {other}; ")
    assert len(exported(repoask, "notes").turns) == 2


def test_continue_takes_the_last_session_of_the_source(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    other = make_repo(tmp_path / "other")
    for name, source in (("one", repo), ("two", repo), ("three", other)):
        assert repoask("session", "new", name, str(source)).returncode == 0
    repoask("ask", str(repo), Q, "--session", "one")
    (repo / "sub").mkdir()
    (repo / "sub/new.py").write_text("x = 1\n")
    again = repoask("ask", Q, "--continue", cwd=repo)
    assert " · session one, turn 2 · " in again.stdout
    folder = repoask("ask", str(repo / "sub"), "where is x?", "--continue")
    assert " · session one, turn 3 · " in folder.stdout
    listed = repoask("session", "list", str(repo)).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["one", "two"]
    assert repoask("session", "list", str(repo)).returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ask", "repo", Q, "--continue"], "repo: no session of it yet; begin one with --session NAME"),
        (["ask", "repo", Q, "--continue", "--session", "x"], "give one of them"),
        (["ask", "repo", Q, "--session", "a b"], "cannot name a session"),
        (["session", "show", "x"], "there is no session `x`; `repoask session list` shows all"),
        (["session", "rm", "x"], "there is no session `x`"),
        (["session", "rm"], "--all for every one"),
        (["session", "fork", "x", "y"], "there is no session `x`"),
        (["session", "new", "x", "missing"], "missing: no such folder"),
        (["session", "new", "x", "repo", "--model", "llama"], "no server is named; add --base-url"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(repoask: Repoask, repo: Path, words: list[str], message: str) -> None:
    result = repoask(*words, cwd=repo.parent)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


def test_a_model_is_given_the_earlier_turns_and_stays_the_sessions(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("It hashes [auth.py:3-4]."), scripted.stream("login_user does [auth.py:1-4]."))
    model = ("--base-url", server.base_url, "--model", "llama")
    assert repoask("ask", str(repo), Q, "--session", "notes", *model, "--mode", "retrieval").returncode == 0
    second = repoask("ask", str(repo), Q2, "--session", "notes")
    assert (second.returncode, second.stderr) == (0, "")
    assert " · session notes, turn 2 (1 earlier turn given) · " in second.stdout.splitlines()[-1]
    rules, *earlier, last = server.requests[1].body["messages"]
    assert "earlier questions of this session" in rules["content"]
    assert earlier == [
        {"role": "user", "content": f"Question: {Q}"},
        {"role": "assistant", "content": "It hashes [auth.py:3-4]."},
    ]
    assert last["content"].endswith(f"Question: {Q2}")
    assert server.requests[1].body["model"] == "llama"
    third = repoask("ask", str(repo), Q, "--session", "notes", "--session-tokens", "10", "--json")
    receipt = json.loads(third.stdout)["receipt"]["session"]
    assert (receipt["turn"], receipt["given"], receipt["dropped"]) == (3, 0, 2)
    # without a server again: the session's is given up
    assert repoask("ask", str(repo), Q, "--session", "notes", "--base-url", "").returncode == 0
    assert len(server.requests) == 3
    assert "without a model" in repoask("session", "list").stdout


def test_further_servers_stay_the_sessions_and_no_others_join_them(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server, other = (serve(scripted.stream("It hashes [auth.py:3-4].")) for _ in range(2))
    model = ("--base-url", "http://127.0.0.1:9/v1", "--replica", server.base_url, "--model", "llama")
    assert repoask("ask", str(repo), Q, "--session", "notes", *model).returncode == 0
    assert repoask("ask", str(repo), Q2, "--session", "notes").returncode == 0
    alone = ("--base-url", server.base_url, "--model", "llama")
    assert repoask("ask", str(repo), Q, "--session", "alone", *alone).returncode == 0
    for _ in range(3):
        assert repoask("ask", str(repo), Q2, "--continue", env={"REPOASK_REPLICA": other.base_url}).returncode == 0
    assert (len(server.requests), len(other.requests)) == (6, 0)


def test_the_usual_key_is_not_sent_to_a_sessions_server_when_another_is_set_up(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server, other = (serve(scripted.stream("See [auth.py:1-4].")) for _ in range(2))
    key = {"REPOASK_API_KEY": "sk-first"}
    model = ("--base-url", server.base_url, "--model", "llama")
    repoask("ask", str(repo), Q, "--session", "notes", *model, env=key)
    repoask("ask", str(repo), Q, "--session", "notes", env=key)
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer sk-first"] * 2
    moved = {"REPOASK_API_KEY": "sk-second", "REPOASK_BASE_URL": other.base_url}
    repoask("ask", str(repo), Q, "--session", "notes", env=moved)
    assert len(server.requests) == 3
    assert "sk-second" not in server.requests[2].headers.get("authorization", "")
    assert other.requests == []


def test_a_server_that_dies_leaves_a_session_that_resumes(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    half = scripted.Reply(scripted.chunk("It hashes"), truncate=True)
    server = serve(scripted.stream("One [auth.py:1-4]."), half, scripted.stream("Two [auth.py:1-4]."))
    model = ("--base-url", server.base_url, "--model", "llama")
    codes = [repoask("ask", str(repo), Q, "--session", "notes", *model).returncode for _ in range(3)]
    assert codes == [0, 3, 0]
    assert [turn.answer.answer for turn in exported(repoask, "notes").turns] == [
        "One [auth.py:1-4].",
        "Two [auth.py:1-4].",
    ]


def test_a_session_whose_first_question_fails_goes_on_with_its_server(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    half = scripted.Reply(scripted.chunk("It hashes"), truncate=True)
    server = serve(half, scripted.stream("One [auth.py:1-4]."))
    model = ("--base-url", server.base_url, "--model", "llama", "--mode", "retrieval")
    assert repoask("ask", str(repo), Q, "--session", "notes", *model).returncode == 3
    assert repoask("ask", str(repo), Q, "--continue").returncode == 0
    document = exported(repoask, "notes")
    assert [turn.answer.answer for turn in document.turns] == ["One [auth.py:1-4]."]
    assert (document.base_url, document.model, document.mode) == (server.base_url, "llama", "retrieval")


def test_code_that_moved_makes_a_citation_stale_with_its_new_place(repoask: Repoask, repo: Path) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    before = git(repo, "rev-parse", "HEAD")
    git(repo, "mv", "auth.py", "login.py")
    (repo / "login.py").write_text(f"import db\n\n\n{AUTH}")
    git(repo, "commit", "-qam", "two")
    head = git(repo, "rev-parse", "HEAD")
    (citation,) = exported(repoask, "notes").turns[0].answer.citations
    assert (citation.path, citation.start, citation.end, citation.status.value) == ("auth.py", 1, 4, "stale")
    assert citation.revision == before
    assert citation.now is not None
    assert (citation.now.path, citation.now.start, citation.now.end) == ("login.py", 4, 7)
    assert citation.now.revision == head
    told = f"auth.py:1-4 @ {before[:12]} -> login.py:4-7 @ {head[:12]}"
    assert f"  stale       {told}" in repoask("session", "show", "notes").stdout
    assert f"now `login.py:4-7 @ {head[:12]}`" in repoask("session", "export", "notes").stdout


def test_the_claims_of_a_turn_tell_what_became_of_their_citations(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    place = {"path": "auth.py", "start": 1, "end": 4, "quote": ""}
    text = json.dumps({"found": True, "claims": [{"text": "It hashes.", "citations": [place]}], "missing": ""})
    model = ("--base-url", serve(scripted.stream(text)).base_url, "--model", "llama")
    assert repoask("ask", str(repo), Q, "--session", "notes", *model).stdout.startswith("It hashes [auth.py:1-4].\n")
    (repo / "auth.py").write_text(f"import db\n\n\n{AUTH}")
    turn = exported(repoask, "notes").turns[0].answer
    ((citation,),) = (claim.citations for claim in turn.claims)
    assert citation == turn.citations[0]
    assert citation.now is not None
    assert (citation.status.value, citation.now.start) == ("stale", 4)


def test_code_that_is_gone_is_stale_and_code_that_came_back_is_not(repoask: Repoask, repo: Path) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    (repo / "auth.py").write_text("x = 1\n")
    (citation,) = exported(repoask, "notes").turns[0].answer.citations
    assert (citation.status.value, citation.now) == ("stale", None)
    (repo / "auth.py").write_text(AUTH)
    assert exported(repoask, "notes").turns[0].answer.citations[0].status.value == "verified"


def test_a_session_survives_its_source_and_goes_on_where_it_lies_now(
    repoask: Repoask, repo: Path, tmp_path: Path
) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    moved = repo.rename(tmp_path / "moved")
    document = exported(repoask, "notes")
    assert document.unchecked == f"{repo}: no such folder"
    assert document.turns[0].answer.citations[0].status.value == "verified"
    shown = repoask("session", "show", "notes").stdout
    assert "The citations stand as they were when the questions were answered" in shown
    assert repoask("ask", str(moved), Q, "--session", "notes").returncode == 2
    forked = repoask("session", "fork", "notes", "notes-2", str(moved))
    assert forked.stderr == "repoask: the session `notes-2` begins with 1 turn of `notes`\n"
    assert " · session notes-2, turn 2 · " in repoask("ask", Q, "--session", "notes-2").stdout
    assert exported(repoask, "notes-2").unchecked == ""


def test_a_fork_goes_on_by_itself(repoask: Repoask, repo: Path) -> None:
    for question in (Q, Q2):
        repoask("ask", str(repo), question, "--session", "one")
    assert repoask("session", "fork", "one", "two", "--at", "1").returncode == 0
    repoask("ask", "where is verify_password_hash?", "--session", "two")
    questions = [turn.answer.question for turn in exported(repoask, "two").turns]
    assert questions == [Q, "where is verify_password_hash?"]
    assert repoask("session", "fork", "one", "three", "--at", "9").returncode == 2
    assert repoask("session", "rm", "one").stderr == "repoask: removed 1 session\n"
    assert len(exported(repoask, "two").turns) == 2
    assert repoask("session", "rm", "--all").returncode == 0
    assert repoask("session", "list").returncode == 1


def test_what_a_model_or_a_repository_says_does_not_reach_the_terminal_or_the_markdown(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("\x1b]0;owned\x07 see [auth.py:1-4]"))
    repoask("ask", str(repo), f"<b>{Q}</b>", "--session", "s", "--base-url", server.base_url, "--model", "m")
    shown = repoask("session", "show", "s").stdout
    assert "␛]0;owned␇ see [auth.py:1-4]" in shown
    markdown = repoask("session", "export", "s").stdout
    assert "\x1b" not in shown + markdown
    assert "## 1. \\<b\\>where does login\\_user" in markdown


def test_two_processes_that_ask_in_one_session_are_both_kept(
    repoask: Repoask, repo: Path, home: dict[str, str]
) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    command = [sys.executable, "-m", "repoask", "ask", str(repo)]
    asking = [
        subprocess.Popen([*command, question, "--session", "notes"], env=home, stdout=subprocess.DEVNULL)
        for question in (Q, Q2)
    ]
    assert [process.wait(timeout=60) for process in asking] == [0, 0]
    assert sorted(turn.answer.question for turn in exported(repoask, "notes").turns[1:]) == sorted((Q, Q2))


def test_a_question_that_is_killed_leaves_the_session_as_it_was(
    repoask: Repoask, repo: Path, home: dict[str, str], serve: Serve, scripted: Any
) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    server = serve(scripted.stream("x" * 500, size=1, pause_s=0.1))
    words = ["ask", str(repo), Q2, "--session", "notes", "--base-url", server.base_url, "--model", "m"]
    process = subprocess.Popen([sys.executable, "-m", "repoask", *words], env=home, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not server.requests and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [turn.answer.question for turn in exported(repoask, "notes").turns] == [Q]


def test_a_damaged_file_loses_nothing_and_is_set_aside_only_when_asked(
    repoask: Repoask, repo: Path, sessions: Path
) -> None:
    repoask("ask", str(repo), Q, "--session", "notes")
    sessions.write_bytes(b"damaged" * 1000)
    for words in (["ask", str(repo), Q, "--session", "notes"], ["session", "list"], ["session", "new", "x"]):
        refused = repoask(*words)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1
        assert "`repoask session repair` sets the file aside" in refused.stderr
    assert sessions.read_bytes() == b"damaged" * 1000
    assert repoask(str(repo), Q).returncode == 0  # what needs no session still answers
    repaired = repoask("session", "repair")
    told = f"repoask: no session could be read of it\nrepoask: the damaged file is kept as {sessions}.damaged-1\n"
    assert (repaired.returncode, repaired.stderr) == (1, told)
    assert Path(f"{sessions}.damaged-1").read_bytes() == b"damaged" * 1000
    assert repoask("ask", str(repo), Q, "--session", "notes").returncode == 0
    assert "sound; nothing to repair" in repoask("session", "repair").stderr


def test_an_answer_that_cannot_be_kept_is_still_shown(
    repoask: Repoask, repo: Path, home: dict[str, str], serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("See the check [auth.py:1-4].", size=2, pause_s=0.1))
    repoask("session", "new", "notes", str(repo))
    words = ["ask", str(repo), Q, "--session", "notes", "--base-url", server.base_url, "--model", "m"]
    process = subprocess.Popen(
        [sys.executable, "-m", "repoask", *words], env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not server.requests and time.monotonic() < until:
        time.sleep(0.02)
    assert repoask("session", "rm", "notes").returncode == 0
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert stdout.startswith("See the check [auth.py:1-4].")
    assert stderr == "repoask: the session `notes` has been removed meanwhile, so the answer was not kept\n"


def test_a_question_without_a_session_opens_no_database(repo: Path, home: dict[str, str], sessions: Path) -> None:
    code = (
        "import sys\nfrom repoask.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('sqlite3' in sys.modules, 'repoask.service.session' in sys.modules, file=sys.stderr)"
    )
    for _ in range(2):
        asked = subprocess.run(
            [sys.executable, "-c", code, str(repo), Q], env=home, capture_output=True, text=True, check=True
        )
    assert asked.stderr == "False False\n"
    assert not sessions.parent.exists()
