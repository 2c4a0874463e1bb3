"""`repoask ask` as a process: a real repository, a real index, a real model server on loopback."""

import json
import os
import shutil
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
from repoask.service.answer import Answer

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
Q = "where does login_user check the password?"


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def make_repo(folder: Path) -> Path:
    (folder / "app").mkdir(parents=True)
    (folder / "app/auth.py").write_text(AUTH)
    (folder / "app/mail.py").write_text(MAIL)
    (folder / ".env").write_text("PASSWORD=1\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, clean_environment: dict[str, str]) -> dict[str, str]:
    """One home for all tests here, since a first index costs a second each."""
    return clean_environment | {"HOME": str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that no test changes."""
    return make_repo(tmp_path_factory.mktemp("shared") / "repo")


@pytest.fixture
def own_repo(tmp_path: Path) -> Path:
    """A repository that a test may change."""
    return make_repo(tmp_path / "repo")


@pytest.fixture
def own_home(tmp_path: Path) -> dict[str, str]:
    """For the `env` of a test that looks at all that is kept."""
    return {"HOME": str(tmp_path / "home")}


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The only line on stderr, without the name before it."""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("repoask: ")
    return result.stderr.removeprefix("repoask: ").rstrip("\n")


def test_an_extractive_answer_cites_shows_and_ends_with_a_receipt(repoask: Repoask, repo: Path) -> None:
    result = repoask(str(repo), Q)
    assert (result.returncode, result.stderr) == (0, "")
    first, why, *lines = result.stdout.splitlines()
    assert first.startswith("app/auth.py:")
    assert "login_user" in first
    assert why.strip().startswith("verified @ ")
    assert "  def login_user(name, password):" in "\n".join(lines)
    assert lines[-1].startswith("extractive (no model was named) · ")
    assert "1 left out (1 secret file)" in lines[-1]
    assert "\x1b" not in result.stdout


def test_json_is_the_documented_schema_and_sees_the_work_tree_as_it_is(repoask: Repoask, own_repo: Path) -> None:
    (own_repo / "app/auth.py").write_text(AUTH.replace("login_user", "sign_in_person"))
    result = repoask("--json", str(own_repo), "where is sign_in_person?")
    answer = TypeAdapter(Answer).validate_json(result.stdout)
    assert (result.returncode, result.stderr, answer.found) == (0, "", True)
    assert answer.evidence[0].path == "app/auth.py"
    assert answer.evidence[0].revision.startswith("worktree:")
    assert answer.receipt.snapshot.dirty == ("app/auth.py",)
    assert {citation.status.value for citation in answer.citations} == {"verified"}


def test_a_revision_is_asked_without_touching_the_work_tree(repoask: Repoask, own_repo: Path) -> None:
    (own_repo / "app/auth.py").write_text("gone = 1\n")
    answer = json.loads(repoask("ask", str(own_repo), Q, "--rev", "main", "--json").stdout)
    assert answer["evidence"][0]["path"] == "app/auth.py"
    assert len(answer["evidence"][0]["revision"]) == 40
    assert (own_repo / "app/auth.py").read_text() == "gone = 1\n"


def test_what_the_repository_does_not_have_is_said_with_exit_1(repoask: Repoask, repo: Path) -> None:
    result = repoask(str(repo), "how does `KafkaRebalancer` assign partitions?")
    assert (result.returncode, result.stderr) == (1, "")
    assert "KafkaRebalancer" in result.stdout.splitlines()[0]
    assert "app/" not in result.stdout


def test_a_question_comes_from_stdin_and_about_the_folder_one_is_in(repoask: Repoask, repo: Path) -> None:
    piped = repoask("-", "--json", cwd=repo / "app", input=f"{Q}\n")
    assert json.loads(piped.stdout)["question"] == Q


def test_a_plain_folder_and_markdown(repoask: Repoask, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/auth.py").write_text(AUTH)
    result = repoask("plain", Q, "--format", "markdown")
    assert result.returncode == 0
    assert result.stdout.startswith("`auth.py:")
    assert "```python\n" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing", Q], "missing"),
        (["repo"], "no question; add it in quotes"),
        (["repo", ""], "the question is empty"),
        (["repo", Q, "--rev", "nope"], "nope"),
        (["repo/app/auth.py", Q], "auth.py"),
        (["repo", Q, "--limit", "0"], "--limit: `limit`"),
        (["repo", Q, "--max-file-size", "big"], "--max-file-size"),
        (["repo", Q, "--modle", "x"], "--modle"),
        (["repo", Q, "--model", "x"], "no server is named; add --base-url"),
        (["repo", Q, "--base-url", "host:80"], "not an http:// or https:// URL"),
        (["repo", Q, "--replica", "http://127.0.0.1:9/v1"], "names a further server but the first is missing"),
        (
            ["repo", Q, "--base-url", "vllm", "--replica", "host:80"],
            "--replica: `replica` = ('host:80',): not an http://",
        ),
        (["review", "repo", Q], "`review` is kept for a command"),
        (["sorce", "list"], "did you mean the command `source`"),
        (["https://localhost:1/x/y", Q, "--offline"], "offline"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(repoask: Repoask, repo: Path, words: list[str], message: str) -> None:
    result = repoask(*words, cwd=repo.parent)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in one_line(result)


# root may read everything, unless it gives that up
AS_A_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(AS_A_USER) and not shutil.which("setpriv"), reason="root may read everything")
def test_a_folder_without_permission_is_one_line(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    command = [*AS_A_USER, sys.executable, "-m", "repoask", "closed", Q]
    result = subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, text=True, check=False)
    (tmp_path / "closed").chmod(stat.S_IRWXU)
    assert (result.returncode, one_line(result)) == (2, "closed: no permission to read it")


def test_a_model_writes_from_the_evidence_and_its_citations_are_checked(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    claim = "The password is checked in `return verify_password_hash(stored, password)` [app/auth.py:4-7]."
    text = f"{claim}\n\nUsers are kept in memory for ever."
    server = serve(scripted.stream(text))
    result = repoask(str(repo), Q, "--base-url", server.base_url, "--model", "llama", "--seed", "7")
    assert len(server.requests) == 1
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("The password is checked in ")
    assert "Users are kept in memory for ever. [no citation]" in result.stdout
    assert "  verified    app/auth.py:4-7 @ " in result.stdout
    assert "seed 7, prompt " in result.stdout.splitlines()[-1]


def test_a_model_that_cites_nonsense_is_exposed_in_the_first_line(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("It is in the core [core/engine.py:1-9]."))
    result = repoask(str(repo), Q, "--base-url", server.base_url, "--model", "llama")
    assert "No citation in this answer could be confirmed" in result.stdout.splitlines()[0]
    assert "  unsupported core/engine.py:1-9" in result.stdout


def test_a_models_escapes_do_not_reach_the_output(repoask: Repoask, repo: Path, serve: Serve, scripted: Any) -> None:
    server = serve(scripted.stream("\x1b]0;owned\x07 see [app/auth.py:4-7]", size=1))
    result = repoask(str(repo), Q, "--base-url", server.base_url, "--model", "llama")
    assert "␛]0;owned␇" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_key_in_the_environment_sends_nothing_anywhere(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("x"))
    env = {"OPENAI_API_KEY": "sk-1", "REPOASK_API_KEY": "sk-2", "OPENAI_BASE_URL": server.base_url}
    result = repoask(str(repo), Q, env=env)
    assert (server.requests, server.gets) == ([], [])
    assert result.stdout.splitlines()[-1].startswith("extractive")


def test_an_unreachable_model_server_is_one_line_and_exit_3(repoask: Repoask, repo: Path) -> None:
    result = repoask(str(repo), Q, "--base-url", "http://127.0.0.1:9/v1", "--model", "llama")
    assert (result.returncode, result.stdout) == (3, "")
    assert "127.0.0.1:9" in one_line(result)


def test_offline_still_reaches_the_named_engine(repoask: Repoask, repo: Path, serve: Serve, scripted: Any) -> None:
    server = serve(scripted.stream("See [app/auth.py:4-7]."))
    result = repoask(str(repo), Q, "--offline", "--base-url", server.base_url, "--model", "llama")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_replica_answers_where_the_other_is_gone_offline_too(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("See [app/auth.py:4-7]."))
    for urls in ([server.base_url, "http://127.0.0.1:9/v1"], ["http://127.0.0.1:9/v1", server.base_url]):
        flags = ["--base-url", urls[0], "--replica", urls[1], "--model", "llama", "--offline"]
        result = repoask(str(repo), Q, *flags)
        assert (result.returncode, result.stderr) == (0, "")
        assert server.base_url in result.stdout.splitlines()[-1]


def test_ctrl_c_while_a_model_thinks_is_one_line_and_130(
    home: dict[str, str], repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("x" * 500, size=1, pause_s=0.1))
    process = subprocess.Popen(
        [sys.executable, "-m", "repoask", str(repo), Q, "--base-url", server.base_url, "--model", "llama"],
        env=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not server.requests and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (130, "", "repoask: interrupted\n")


def test_a_reader_that_has_seen_enough_causes_no_noise(home: dict[str, str], repo: Path) -> None:
    command = f'"{sys.executable}" -m repoask repo "{Q}" --json; echo "exit $?" >&2'
    result = subprocess.run(
        ["bash", "-c", f"({command}) | head -c 1"],
        cwd=repo.parent,
        env=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout == "{"
    assert result.stderr in ("exit 0\n", "")


def test_an_unforeseen_error_is_exit_4_with_a_log_that_quotes_nothing(
    repoask: Repoask, own_repo: Path, own_home: dict[str, str]
) -> None:
    # a state folder that is a file cannot be foreseen by config: the log then goes to the temporary folder
    state = Path(own_home["HOME"]) / ".local/state/repoask"
    state.mkdir(parents=True)
    (state / "trusted.json").mkdir()
    (own_repo / ".repoask.toml").write_text("limit = 3\n")
    result = repoask("config", "trust", str(own_repo), env=own_home)
    assert result.returncode == 4
    log = Path(one_line(result).partition("the log is ")[2].partition(";")[0])
    text = log.read_text()
    assert "IsADirectoryError" in text
    assert str(own_repo) not in text


@pytest.fixture
def at_a_terminal(python_at_a_terminal: Terminal) -> Terminal:
    """Runs `repoask` with a terminal for all three streams; gives exit code and everything on the screen."""

    def run(home: dict[str, str], *words: str, typed: bytes = b"") -> tuple[int, str]:
        return python_at_a_terminal(home, "-m", "repoask", *words, typed=typed)

    return run


def test_at_a_terminal_a_path_alone_asks_for_the_question(
    at_a_terminal: Terminal, home: dict[str, str], repo: Path
) -> None:
    code, screen = at_a_terminal(home, str(repo), typed=f"{Q}\n".encode())
    assert code == 0
    assert "Question: " in screen
    assert "app/auth.py:" in screen


def test_a_terminal_gets_colours_unless_no_color_is_set(
    at_a_terminal: Terminal, home: dict[str, str], repo: Path
) -> None:
    coloured = {name: value for name, value in home.items() if name != "NO_COLOR"}
    assert "\x1b[1;36mapp/auth.py:" in at_a_terminal(coloured, str(repo), Q)[1]
    plain = at_a_terminal(home, str(repo), Q)[1]
    assert not {part.split("m")[0] for part in plain.split("\x1b[3")[1:]}


def test_at_a_terminal_the_models_text_is_streamed_and_not_repeated(
    at_a_terminal: Terminal, home: dict[str, str], repo: Path, serve: Serve, scripted: Any
) -> None:
    server = serve(scripted.stream("See the check [app/auth.py:4-7]. It is short."))
    code, screen = at_a_terminal(home, str(repo), Q, "--base-url", server.base_url, "--model", "llama")
    assert code == 0
    assert screen.count("See the check") == 1
    assert "1 sentence without a citation:" in screen


@pytest.mark.parametrize("delay_s", [0.1, 0.7])
def test_ctrl_c_at_any_moment_loses_nothing(
    repoask: Repoask, own_repo: Path, home: dict[str, str], own_home: dict[str, str], delay_s: float
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "repoask", str(own_repo), Q],
        env=home | own_home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    # before main is reached Python itself ends the process, by the signal or, while it starts, by an error of
    # its own; on a fast machine it is done already
    own_error = process.returncode == 1 and stderr.startswith(("Fatal Python error: init_", "Could not import runpy"))
    assert own_error or process.returncode in (130, -signal.SIGINT, 0), stderr
    assert process.returncode != 130 or stderr == "repoask: interrupted\n"
    assert repoask(str(own_repo), Q, env=own_home).returncode == 0


def test_a_url_is_cloned_asked_and_every_trace_removed(
    repoask: Repoask, own_repo: Path, tmp_path: Path, own_home: dict[str, str]
) -> None:
    url = f"file://{own_repo}"
    assert repoask(url, Q, "--json", env=own_home).returncode == 0
    assert url in repoask("source", "list", env=own_home).stdout
    (own_repo / "app/more.py").write_text("def archive_invoices():\n    return 1\n")
    git(own_repo, "add", "-A")
    git(own_repo, "commit", "-qm", "two")
    assert repoask("source", "update", url, env=own_home).returncode == 0
    answer = json.loads(repoask(url, "archive_invoices", "--json", env=own_home).stdout)
    assert answer["evidence"][0]["path"] == "app/more.py"
    assert repoask("source", "rm", "--all", env=own_home).returncode == 0
    cache = Path(own_home["HOME"]) / ".cache/repoask"
    assert not any(b"invoice" in file.read_bytes() for file in cache.rglob("*") if file.is_file())
    assert not (cache / "sources").exists()
    assert not (cache / "clones").exists()


def test_help_imports_nothing_heavy(home: dict[str, str]) -> None:
    code = "import sys; from repoask import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy','git','pydantic','rich','lancedb','openai','tree_sitter'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], env=home, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_completion_knows_commands_and_flags(repoask: Repoask) -> None:
    assert "_REPOASK_COMPLETE=bash_complete" in repoask("--completion", "bash").stdout
    env = {"_REPOASK_COMPLETE": "bash_complete", "COMP_WORDS": "repoask . --al", "COMP_CWORD": "2"}
    assert "--all-files" in repoask(env=env).stdout
