"""`repoask search` as a process: real repositories, a real index, a real reranker's server on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from repoask.service.search_reply import SearchReply

Repoask = Callable[..., subprocess.CompletedProcess[str]]
Serve = Callable[..., Any]
Terminal = Callable[..., tuple[int, str]]

AUTH = '''"""Checks who is asking."""


def login_user(name, password):
    """Logs a user in when the password is right."""
    stored = find_password_hash(name)
    return verify_password_hash(stored, password)


def verify_password_hash(stored, password):
    return hash_of(password) == stored
'''
MAIL = '''def send_invoice(customer):
    """Sends the monthly invoice by mail."""
    return deliver(render_invoice(customer))
'''
NOTES = "\ufeff# Notes\r\n\r\nHow a login of a user is told by mail.\r\n"
Q = "where does login_user check the password?"
ABSENT = "how does `KafkaRebalancer` assign partitions?"


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.autocrlf=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, clean_environment: dict[str, str]) -> dict[str, str]:
    """One home for all tests here, since a first index costs a second each."""
    return clean_environment | {"HOME": str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "repo"
    (folder / "src/app").mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "src/app/auth.py").write_text(AUTH)
    (folder / "src/mail.py").write_text(MAIL)
    (folder / "docs/notes.md").write_text(NOTES, newline="")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The only line on stderr, without the name before it."""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("repoask: ")
    return result.stderr.removeprefix("repoask: ").rstrip("\n")


def replies(result: subprocess.CompletedProcess[str]) -> list[SearchReply]:
    return [TypeAdapter(SearchReply).validate_json(line) for line in result.stdout.splitlines()]


def paths(reply: SearchReply) -> list[str]:
    return [place.path for place in reply.results]


def test_text_is_a_line_a_place_and_reasons_stand_beneath(repoask: Repoask, repo: Path) -> None:
    plain = repoask("search", str(repo), Q, "--limit", "1")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert re.fullmatch(r"src/app/auth\.py:\d+-\d+  login_user\n", plain.stdout)
    place, reasons = repoask("search", str(repo), Q, "--limit", "1", "--reasons").stdout.splitlines()
    assert f"{place}\n" == plain.stdout
    assert reasons.startswith("  defines `login_user`; ")


def test_json_is_one_object_of_the_documented_schema(repoask: Repoask, repo: Path) -> None:
    result = repoask("search", str(repo), Q, "--json")
    (reply,) = replies(result)
    assert json.loads(result.stdout).keys() == {"found", "results"}
    assert json.loads(result.stdout)["results"][0].keys() == {"path", "start", "end", "symbol", "score", "reasons"}
    assert reply.found
    first = reply.results[0]
    assert (first.path, first.symbol) == ("src/app/auth.py", "login_user")
    assert first.start <= 4 < 7 <= first.end
    assert [place.score for place in reply.results] == sorted((p.score for p in reply.results), reverse=True)
    assert repoask("search", str(repo), Q, "--json").stdout == result.stdout


def test_json_holds_the_commits_that_a_question_of_history_asks_for(
    repoask: Repoask, repo: Path, tmp_path: Path
) -> None:
    history = "when was login_user added?"
    told = replies(repoask("search", str(repo), history, "--json"))[0]
    assert told.commits is not None
    assert [(commit.subject, commit.path) for commit in told.commits] == [("one", "src/app/auth.py")]
    lines = tmp_path / "questions.jsonl"
    lines.write_text("".join(json.dumps({"question": question}) + "\n" for question in (history, Q)))
    assert [reply.commits for reply in replies(repoask("search", str(repo), "--questions", str(lines)))] == [
        told.commits,
        None,
    ]


def test_json_says_why_there_is_no_history(repoask: Repoask, tmp_path: Path) -> None:
    (tmp_path / "auth.py").write_text(AUTH)
    told = replies(repoask("search", str(tmp_path), "when was login_user added?", "--json"))[0]
    assert told.commits is None
    assert told.notes == ("A plain folder has no history: nothing tells when or by whom it was changed.",)


def test_nothing_found_is_exit_1_with_an_empty_stdout_or_found_false(repoask: Repoask, repo: Path) -> None:
    text = repoask("search", str(repo), ABSENT)
    assert (text.returncode, text.stdout) == (1, "")
    assert "KafkaRebalancer" in one_line(text)
    told = repoask("search", str(repo), ABSENT, "--json")
    assert (told.returncode, told.stderr, replies(told)[0].found) == (1, "", False)


@pytest.mark.parametrize(
    ("path", "under", "found"),
    [
        (".", "src", {"src/app/auth.py", "src/mail.py"}),
        (".", "./src/app/", {"src/app/auth.py"}),
        ("src", "src/app", {"src/app/auth.py"}),
        ("src", "app", {"src/app/auth.py"}),
        ("src", ".", {"src/app/auth.py", "src/mail.py"}),
    ],
)
def test_under_stays_in_a_folder_and_paths_stay_those_of_the_root(
    repoask: Repoask, repo: Path, path: str, under: str, found: set[str]
) -> None:
    result = repoask("search", path, "login of a user, invoice by mail", "--under", under, "--json", cwd=repo)
    assert set(paths(replies(result)[0])) == found


def test_the_source_options_of_ask_are_those_of_search(repoask: Repoask, repo: Path) -> None:
    query = "login of a user, invoice by mail"
    assert paths(replies(repoask("search", str(repo), query, "--include", "*.md", "--json"))[0]) == ["docs/notes.md"]
    old = repoask("search", f"file://{repo}", "login_user", "--rev", "main", "--json", "--limit", "1")
    assert paths(replies(old)[0]) == ["src/app/auth.py"]


def test_the_lines_of_a_file_with_a_mark_and_windows_ends_are_its_own(repoask: Repoask, repo: Path) -> None:
    (reply,) = replies(repoask("search", str(repo), "which notes say how a login is told", "--under", "docs", "--json"))
    assert (reply.results[0].start, reply.results[0].end) == (1, 3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["repo"], "no query; add it in quotes"),
        ([], "no query; add it in quotes"),
        (["repo", ""], "the question is empty"),
        (["repo", " \t"], "the question is empty"),
        (["repo", "where", "is", "auth?"], "put the query into quotes"),
        (["repo", "x" * 100_001], "over 100,000 bytes"),
        (["missing", Q], "missing"),
        (["repo", Q, "--under", "app"], "app: no such folder here; did you mean src/app?"),
        (["repo", Q, "--under", "src/mail.py"], "src/mail.py: a file"),
        (["repo/src", Q, "--under", "docs"], "docs: no such folder under src"),
        (["repo", Q, "--limit", "0"], "--limit"),
        (["repo", Q, "--limit", "ten"], "--limit"),
        (["repo", Q, "--rev", "nope"], "nope"),
        (["repo", Q, "--format", "json"], "--format"),
        (["repo", "--questions", "gone.jsonl"], "gone.jsonl: cannot be read (No such file or directory)"),
        (["repo", "--questions", "repo"], "repo: cannot be read (Is a directory)"),
        (["repo", Q, "--questions", "-"], "give a query or --questions, not both"),
        (["repo", Q, "--ranker", "gone.json"], "gone.json: no ranker"),
        (["repo", Q, "--ranker", ""], "--ranker"),
        (["repo", Q, "--reranker", "gone"], "gone: no such folder"),
        (["repo", Q, "--reranker", "http://127.0.0.1:9/v1"], "URL#MODEL"),
        (["repo", Q, "--reranker", "http://u:hidden@h/v1#m"], "--reranker: `reranker`"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(repoask: Repoask, repo: Path, words: list[str], message: str) -> None:
    result = repoask("search", *words, cwd=repo.parent)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in one_line(result)
    assert "hidden" not in result.stderr


@pytest.mark.parametrize(
    "query", ["x", "?", "😀🎉", "日本語", "login \ud800 user", "login user " * 9_000, "\x01\x1b[31m"]
)
def test_odd_queries_get_an_answer(repoask: Repoask, repo: Path, query: str) -> None:
    line = json.dumps({"question": query})
    result = repoask("search", str(repo), "--questions", "-", input=f"{line}\n")
    assert (result.returncode, result.stderr, len(replies(result))) == (0, "", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="a command line is text there")
def test_a_query_that_is_no_utf_8_gets_an_answer(home: dict[str, str], repo: Path) -> None:
    words = [os.fsencode(sys.executable), b"-m", b"repoask", b"search", os.fsencode(repo), b"login_user \xff\xfe"]
    result = subprocess.run(words, env=home, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"src/app/auth.py:")


def test_a_query_comes_from_stdin_too(repoask: Repoask, repo: Path) -> None:
    assert repoask("search", str(repo), "-", input=f"{Q}\n").stdout.startswith("src/app/auth.py:")


def test_each_line_of_a_file_is_answered_by_one_line_in_order(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    lines = [{"question": Q}, {"question": ABSENT, "id": [1]}, {"repo": "x", "question": "\0 who sends the invoice?"}]
    text = "\ufeff" + "\r\n\r\n".join(json.dumps(line) for line in lines)
    (tmp_path / "questions.jsonl").write_text(text, newline="")
    result = repoask("search", str(repo), "--questions", "questions.jsonl", "--limit", "1")
    assert (result.returncode, result.stderr) == (0, "")
    first, absent, last = replies(result)
    assert (first.found, paths(first)) == (True, ["src/app/auth.py"])
    assert not absent.found
    assert (last.found, paths(last)) == (True, ["src/mail.py"])
    alone = repoask("search", str(repo), Q, "--limit", "1", "--json")
    assert result.stdout.splitlines()[0] == alone.stdout.rstrip("\n")


BAD_LINES = {
    b"{bad": "not JSON",
    b"\xff\xfe": "not UTF-8",
    b'{"question": "raw \x00 byte"}': "not JSON",
    b'"text"': 'no text under "question"',
    b'{"query": "x"}': 'no text under "question"',
    b'{"question": 3}': 'no text under "question"',
    b'{"question": " "}': "the question is empty",
    b"[" * 200_000: "not JSON",
    b'{"question": "' + b"x" * 100_001 + b'"}': "over 100,000 bytes",
    b'{"x": "' + b"x" * 3_000_000 + b'", "question": "y"}': "the line is over 1,000,000 bytes",
}


def test_a_bad_line_is_told_in_its_place_and_the_rest_goes_on(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    good = json.dumps({"question": Q}).encode()
    (tmp_path / "questions.jsonl").write_bytes(b"\n".join([good, *BAD_LINES, good]))
    result = repoask("search", str(repo), "--questions", "questions.jsonl")
    first, *bad, last = replies(result)
    assert result.returncode == 2
    assert first == last
    assert first.found
    assert [(reply.found, reply.results) for reply in bad] == [(False, ())] * len(BAD_LINES)
    for number, (reply, reason) in enumerate(zip(bad, BAD_LINES.values(), strict=True), 2):
        assert reply.error is not None
        assert reply.error.startswith(f"questions.jsonl:{number}: ")
        assert reason in reply.error
    assert result.stderr.splitlines() == [f"repoask: {reply.error}" for reply in bad]


def test_a_pattern_that_cannot_be_looked_for_is_told_in_its_place(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    lines = [json.dumps({"question": question}) for question in ("/(/", "", "/a{1,999}{1,9}/", Q)]
    (tmp_path / "questions.jsonl").write_text("\n\n".join(lines))
    result = repoask("search", str(repo), "--questions", "questions.jsonl")
    missing, empty, large, last = replies(result)
    assert result.returncode == 2
    assert [reply.error is None for reply in (missing, empty, large, last)] == [False, False, False, True]
    assert missing.error is not None
    assert missing.error.startswith("questions.jsonl:1: /(/: missing )")
    assert last.found


def test_an_empty_file_of_questions_is_answered_by_nothing(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text("\n \n")
    result = repoask("search", str(repo), "--questions", "questions.jsonl")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def started(home: dict[str, str], repo: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "repoask", "search", str(repo), *words],
        env=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_program_may_ask_wait_for_the_reply_and_ask_again(home: dict[str, str], repo: Path) -> None:
    with started(home, repo, "--questions", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(json.dumps({"question": Q}) + "\n")
            process.stdin.flush()
            assert TypeAdapter(SearchReply).validate_json(process.stdout.readline()).found
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_ctrl_c_between_questions_is_one_line_and_130(home: dict[str, str], repo: Path) -> None:
    with started(home, repo, "--questions", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps({"question": Q}) + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert (process.stdout.read(), process.stderr.read()) == ("", "repoask: interrupted\n")


def test_a_reader_that_has_seen_enough_causes_no_noise(home: dict[str, str], repo: Path, tmp_path: Path) -> None:
    line = json.dumps({"question": Q}) + "\n"
    (tmp_path / "questions.jsonl").write_text(line * 500)
    command = f'"{sys.executable}" -m repoask search "{repo}" --questions questions.jsonl'
    result = subprocess.run(
        ["bash", "-c", f"({command}; echo exit $? >&2) | head -n 1"],
        cwd=tmp_path,
        env=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.count("\n") == 1
    assert result.stderr == "exit 0\n"


def test_a_terminal_gets_colours_and_a_pipe_none(
    python_at_a_terminal: Terminal, home: dict[str, str], repo: Path
) -> None:
    coloured = {name: value for name, value in home.items() if name != "NO_COLOR"}
    code, screen = python_at_a_terminal(coloured, "-m", "repoask", "search", str(repo), Q)
    assert code == 0
    assert "\x1b[1;36msrc/app/auth.py:" in screen


def test_a_ranker_from_a_file_orders_files_in_search_and_ask(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    query = "how is a login of a user told by mail?"
    (tmp_path / "ranker.json").write_text('{"files": {"document": -9, "file": 1}, "chunks": {"file": 1, "chunk": 1}}')
    documents = '{"files": {"document": 9, "file": 1}, "chunks": {"file": 1, "chunk": 1}}'
    best = {
        ranker: paths(replies(repoask("search", str(repo), query, "--ranker", ranker, "--json"))[0])[0]
        for ranker in ("ranker.json", "documents.json")
        if (tmp_path / "documents.json").write_text(documents)
    }
    assert best["documents.json"] == "docs/notes.md"
    assert best["ranker.json"] != "docs/notes.md"
    answer = json.loads(repoask("ask", str(repo), query, "--ranker", "documents.json", "--json").stdout)
    assert answer["evidence"][0]["path"] == "docs/notes.md"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"files": 1}',
        '{"files": {"file": "x"}, "chunks": {}}',
        '{"files": {"nose": 1}, "chunks": {}}',
        '{"files": {"file": 1}}',
        '{"files": {"file": 1e300}, "chunks": {}}',
        '{"files": {"file": NaN}, "chunks": {}}',
        "\x00",
    ],
)
def test_a_file_that_is_no_ranker_is_one_line_and_exit_2(
    repoask: Repoask, repo: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / "ranker.json").write_text(content)
    result = repoask("search", str(repo), Q, "--ranker", "ranker.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert one_line(result).startswith("ranker.json: ")


def reranked(scripted: Any, *scores: float) -> Any:
    return scripted.json_reply({"results": [{"index": n, "relevance_score": s} for n, s in enumerate(scores)]})


def test_a_reranker_changes_the_order_in_search_and_ask(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    query = "login of a user, invoice by mail"
    plain = paths(replies(repoask("search", str(repo), query, "--json"))[0])
    # the first two keep their order; the last is put before both, and rises past the second
    server = serve(reranked(scripted, 2.0, 1.0, 3.0))
    words = (str(repo), query, "--json", "--reranker", f"{server.base_url}#m")
    result = repoask("search", *words)
    assert (result.returncode, result.stderr) == (0, "")
    (reply,) = replies(result)
    assert paths(reply) == [plain[0], plain[2], plain[1]]
    assert "the reranker puts it at 1 of 3" in reply.results[1].reasons
    answer = json.loads(repoask("ask", *words).stdout)
    assert [item["path"] for item in answer["evidence"]] == paths(reply)
    assert [request.path for request in server.requests] == ["/v1/rerank"] * 2
    assert len(server.requests[0].body["documents"]) == 3


def test_a_reranker_that_lies_is_one_line_and_exit_3(repoask: Repoask, repo: Path, serve: Serve, scripted: Any) -> None:
    server = serve(reranked(scripted, 1.0))
    result = repoask("search", str(repo), "login of a user, invoice by mail", "--reranker", f"{server.base_url}#m")
    assert (result.returncode, result.stdout) == (3, "")
    assert "not one score for each of 3 texts" in one_line(result)


def test_a_slow_reranker_is_not_waited_for_beyond_timeout_s(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.Reply([b" "] * 100, pause_s=0.1))
    started_at = time.monotonic()
    result = repoask("search", str(repo), Q, "--reranker", f"{server.base_url}#m", "--timeout-s", "0.5")
    assert result.returncode == 3
    assert "no reply to /rerank within 0.5 s" in one_line(result)
    assert time.monotonic() - started_at < 10


def test_offline_refuses_a_reranker_that_is_not_the_named_engines_host(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(reranked(scripted, 1.0))
    result = repoask("search", str(repo), Q, "--offline", "--reranker", f"{server.base_url}#m")
    assert (result.returncode, server.requests) == (2, [])
    assert "refused because of --offline" in one_line(result)


def test_no_key_is_sent_to_a_reranker_on_another_host_than_the_models(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    query = "login of a user, invoice by mail"
    server = serve(reranked(scripted, 3.0, 2.0, 1.0))
    words = ("search", str(repo), query, "--reranker", f"{server.base_url}#m")
    repoask(*words, env={"REPOASK_API_KEY": "k", "OPENAI_API_KEY": "o"})
    repoask(*words, env={"REPOASK_API_KEY": "k", "REPOASK_BASE_URL": server.base_url})
    assert [request.headers.get("authorization") for request in server.requests] == [None, "Bearer k"]
