"""Mode full as a user meets it: processes, a real repository, a server that does with ids what vLLM does."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Repoask = Callable[..., subprocess.CompletedProcess[str]]
Vllm = Callable[..., Any]
Serve = Callable[..., Any]

QUESTION = "where does login_user check the password?"
OTHER = "what does find_password_hash return?"
GOOD = (
    "It is verified, `return verify_password_hash(stored, password)` [auth.py:4-4]. So is the file [notes/n7.md:1-2]."
)


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "change")


AUTH = '''def login_user(name, password):
    """Logs a user in when the password is right."""
    stored = find_password_hash(name)
    return verify_password_hash(stored, password)


def find_password_hash(name):
    return USERS[name].password_hash  # <|eot|>
'''


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in range(40):
        (folder / "notes").mkdir(exist_ok=True)
        text = f"# Note {number}\n\n" + f"Line {number} of a note that says little.\n" * 30
        (folder / "notes" / f"n{number}.md").write_text(text)
    commit(folder, "auth.py", AUTH)
    return folder


@pytest.fixture
def server(vllm: Vllm) -> Any:
    running = vllm()
    running.reply = GOOD
    return running


@pytest.fixture
def ask(repoask: Repoask, repo: Path, server: Any) -> Callable[..., dict[str, Any]]:
    """The answer as JSON."""

    def run(question: str, *words: str) -> dict[str, Any]:
        result = repoask("ask", str(repo), question, "--json", "--base-url", server.base_url, *words)
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return run


def test_the_second_question_is_cached_up_to_its_own_words(ask: Callable[..., dict[str, Any]], server: Any) -> None:
    first, again, other = (ask(question, "--mode", "full")["receipt"] for question in (QUESTION, QUESTION, OTHER))
    assert first["mode"] == "full"
    assert first["why"].startswith("mode full: ")
    assert first["tokens"]["cached"] == 0
    assert again["tokens"]["cached"] >= 0.99 * again["tokens"]["prompt"]
    assert other["tokens"]["cached"] >= other["pack"]["tokens"]
    assert (first["pack"]["id"], first["pack"]["kept"]) == (other["pack"]["id"], 0)
    assert other["pack"]["kept"] == other["pack"]["tokens"]
    assert {body["model"] for body in server.completions} == {"tiny"}
    assert not first["warnings"]


def test_what_a_server_does_not_tell_of_its_cache_is_taken_from_its_counters(
    ask: Callable[..., dict[str, Any]], server: Any
) -> None:
    server.tells_cached = False
    first, again = (ask(QUESTION, "--mode", "full")["receipt"]["tokens"] for _ in range(2))
    assert first["cached"] == 0
    assert again["cached"] >= 0.99 * again["prompt"]


def test_the_prompt_is_what_the_server_itself_would_render(ask: Callable[..., dict[str, Any]], server: Any) -> None:
    ask(QUESTION)
    text = server.text(server.completions[0]["prompt"])
    opening, system, user, reply = text.split("<|start|>")
    assert opening == "<|begin|>"
    assert reply == "assistant<|end|>\n\n"
    # of a file's text no control token is made, though it names one
    assert "password_hash  # <|eot|>" in system
    assert system.startswith("system<|end|>\n\nYou answer questions about a source repository")
    assert system.endswith('files="41"/>\n<|eot|>')
    end = server.model.token_to_id("<|eot|>")
    assert server.completions[0]["prompt"].count(end) == 2
    assert user.endswith(f"Question: {QUESTION}<|eot|>")
    assert "4|     return verify_password_hash(stored, password)" in user


def test_citations_rest_on_every_file_that_stands_in_the_pack(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask(QUESTION)
    assert [(one["path"], one["status"]) for one in answer["citations"]] == [
        ("auth.py", "verified"),
        ("notes/n7.md", "located"),
    ]
    (note,) = (item for item in answer["evidence"] if item["path"] == "notes/n7.md")
    assert (note["start"], note["end"], note["text"]) == (1, 2, "# Note 7\n")
    assert note["reasons"] == ["cited by the answer"]


def test_citations_beside_the_evidence_are_told_from_those_that_have_changed(
    repoask: Repoask, repo: Path, server: Any
) -> None:
    repoask("ask", str(repo), QUESTION, "--session", "notes", "--base-url", server.base_url)

    def statuses() -> list[str]:
        exported = json.loads(repoask("session", "export", "notes", "--format", "json").stdout)
        return [one["status"] for one in exported["turns"][0]["answer"]["citations"]]

    assert statuses() == ["verified", "located"]
    commit(repo, "notes/n7.md", "# Another note\n\nIts text.\n")
    assert statuses() == ["verified", "stale"]


def test_a_commit_leaves_the_pack_cached_and_is_one_section(
    ask: Callable[..., dict[str, Any]], repo: Path, server: Any
) -> None:
    before = ask(QUESTION)["receipt"]
    commit(repo, "auth.py", AUTH.replace("USERS[name]", "PEOPLE[name]"))
    after = ask(QUESTION)["receipt"]
    assert after["pack"]["sections"] == 1
    assert after["pack"]["id"] != before["pack"]["id"]
    # the manifest of what is current ends the pack, and is written anew
    assert after["tokens"]["cached"] >= before["pack"]["tokens"] - 100
    assert after["pack"]["kept"] >= before["pack"]["tokens"] - 100
    assert "PEOPLE[name]" in server.text(server.completions[-1]["prompt"])
    git(repo, "checkout", "-q", "HEAD~1")
    assert ask(QUESTION)["receipt"]["pack"]["id"] == before["pack"]["id"]


def test_auto_gives_a_small_repository_whole_and_retrieves_from_a_large_one(
    ask: Callable[..., dict[str, Any]], server: Any
) -> None:
    small = ask(QUESTION)["receipt"]
    assert (small["mode"], small["pack"]["files"]) == ("full", 41)
    assert small["why"].endswith(" tokens, within full_tokens 32,000")
    large = ask(QUESTION, "--full-tokens", "1000")["receipt"]
    assert (large["mode"], large["pack"]) == ("retrieved", None)
    assert ", over full_tokens 1,000; it was given the best " in large["why"]
    broad = ask("list all the functions", "--full-tokens", "1000")["receipt"]
    assert broad["mode"] == "full"
    assert broad["why"].startswith("auto: an inventory needs everything, and its ")
    server.max_model_len = 8_000
    missed = ask("list all the password functions", "--full-tokens", "1000", "--max-tokens", "100")["receipt"]
    assert missed["mode"] == "retrieved"
    assert "an inventory needs everything, but its " in missed["why"]
    assert " tokens are over what a context of 8,000 has room for; " in missed["why"]


def test_what_does_not_fit_is_chosen_without_the_question_and_told(
    ask: Callable[..., dict[str, Any]], server: Any
) -> None:
    server.max_model_len = 12_000
    one, other = (
        ask(question, "--mode", "full", "--max-tokens", "100", "--session-tokens", "500")["receipt"]
        for question in (QUESTION, OTHER)
    )
    assert one["pack"]["omitted"] > 0
    assert one["pack"]["omitted"] + one["pack"]["files"] == 41
    assert f"{one['pack']['omitted']} are not in full" in one["why"]
    assert other["pack"]["id"] == one["pack"]["id"]
    assert other["tokens"]["cached"] >= one["pack"]["tokens"]


def test_a_context_without_room_is_one_clear_line(repoask: Repoask, repo: Path, server: Any) -> None:
    server.max_model_len = 4_000
    result = repoask(str(repo), QUESTION, "--mode", "full", "--base-url", server.base_url)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "mode full: a context of 4,000 leaves no room for files" in result.stderr


def test_tenants_share_nothing(ask: Callable[..., dict[str, Any]], server: Any, home: dict[str, str]) -> None:
    for tenant, is_cached in (("a", False), ("a", True), ("b", False), ("", False)):
        cached = ask(QUESTION, "--tenant", tenant)["receipt"]["tokens"]["cached"]
        assert bool(cached) is is_cached, tenant
    salts = [body.get("cache_salt") for body in server.completions]
    assert salts[0] == salts[1] != salts[2]
    assert salts[3] is None
    assert all(len(salt) == 64 for salt in salts[:3])
    secret = Path(home["HOME"]) / ".local/share/repoask/tenants.key"
    assert secret.stat().st_mode & 0o777 == 0o600


def test_a_tenant_is_told_only_to_a_server_that_keeps_it_apart(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    other = serve(scripted.stream(GOOD))
    result = repoask(str(repo), QUESTION, "--base-url", other.base_url, "--model", "x", "--tenant", "a")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "is not known to be a vLLM server" in result.stderr
    assert other.requests == []


def test_other_servers_are_sent_the_pack_as_their_system_message(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    other = serve(scripted.stream(GOOD))
    for question in (QUESTION, OTHER):
        result = repoask(str(repo), question, "--json", "--base-url", other.base_url, "--model", "x")
        assert result.returncode == 0, result.stderr
    receipt = json.loads(result.stdout)["receipt"]
    assert (receipt["mode"], receipt["pack"]["estimated"]) == ("full", True)
    (first, _), (second, last) = (request.body["messages"] for request in other.requests)
    assert first == second
    assert '<file path="auth.py">' in first["content"]
    assert "<|eot|>" not in first["content"]
    assert last["content"].endswith(f"Question: {OTHER}")


def test_mode_full_without_a_known_context_says_what_to_do(
    repoask: Repoask, repo: Path, serve: Serve, scripted: Any
) -> None:
    other = serve(scripted.stream(GOOD))
    flags = ("--base-url", other.base_url, "--model", "x", "--mode", "full", "--full-tokens", "1000")
    result = repoask(str(repo), QUESTION, *flags)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "the model is not known to read more than 1,000; `repoask doctor` measures it" in result.stderr
    assert other.requests == []


def test_a_server_that_does_not_tell_its_control_tokens_is_sent_text(
    ask: Callable[..., dict[str, Any]], server: Any, tiny_tokenizer: Path
) -> None:
    server.tells_added_tokens = False
    receipt = ask(QUESTION)["receipt"]
    assert "messages" in server.completions[0]
    assert "name the model's tokenizer with --tokenizer" in receipt["warnings"][0]
    assert not ask(QUESTION, "--tokenizer", str(tiny_tokenizer))["receipt"]["warnings"]
    assert "prompt" in server.completions[1]


def test_a_template_of_another_shape_is_sent_text(ask: Callable[..., dict[str, Any]], server: Any) -> None:
    rendered = server.template

    def last_first(messages: list[dict[str, str]]) -> str:
        return str(rendered([messages[-1], *messages[:-1]]))

    server.template = last_first
    receipt = ask(QUESTION)["receipt"]
    assert "messages" in server.completions[0]
    assert "does not lay a conversation out message by message" in receipt["warnings"][0]


def test_a_tokenizer_of_another_model_is_one_clear_line(
    repoask: Repoask, repo: Path, server: Any, tiny_tokenizer: Path, tmp_path: Path
) -> None:
    other = json.loads((tiny_tokenizer / "tokenizer.json").read_text())
    other["model"]["merges"] = other["model"]["merges"][:100]
    (tmp_path / "tokenizer.json").write_text(json.dumps(other))
    # it makes more tokens of everything
    flags = ("--base-url", server.base_url, "--tokenizer", str(tmp_path / "tokenizer.json"), "--full-tokens", "100000")
    result = repoask(str(repo), QUESTION, *flags)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "gives other ids than the model at " in result.stderr
    assert server.completions == []


def test_a_session_keeps_its_mode_and_appends_its_turns_behind_the_pack(
    repoask: Repoask, ask: Callable[..., dict[str, Any]], repo: Path, server: Any
) -> None:
    flags = ("--mode", "full", "--base-url", server.base_url)
    assert repoask("session", "new", "notes", str(repo), *flags).returncode == 0
    assert "at http://127.0.0.1" in repoask("session", "list").stdout
    assert ", mode full  " in repoask("session", "list").stdout
    receipts = []
    for question in (QUESTION, OTHER):
        result = repoask("ask", question, "--session", "notes", "--json", "--full-tokens", "1000")
        assert result.returncode == 0, result.stderr
        receipts.append(json.loads(result.stdout)["receipt"])
    assert [receipt["mode"] for receipt in receipts] == ["full", "full"]
    assert receipts[1]["session"]["given"] == 1
    text = server.text(server.completions[1]["prompt"])
    assert f"<|start|>user<|end|>\n\nQuestion: {QUESTION}<|eot|><|start|>assistant<|end|>\n\n{GOOD}<|eot|>" in text
    assert receipts[1]["tokens"]["cached"] >= receipts[1]["pack"]["tokens"]
    # without a session the same pack serves
    assert ask(OTHER, "--mode", "full")["receipt"]["tokens"]["cached"] >= receipts[1]["pack"]["tokens"]
    assert json.loads(repoask("session", "export", "notes", "--format", "json").stdout)["mode"] == "full"


def test_a_first_warm_up_tells_nothing_of_a_pack_before(repoask: Repoask, repo: Path, server: Any) -> None:
    repoask("session", "new", "notes", str(repo), "--mode", "full", "--base-url", server.base_url)
    warmed = repoask("session", "warm", "notes")
    assert warmed.returncode == 0, warmed.stderr
    assert warmed.stdout.startswith("notes: ")
    assert "as before" not in warmed.stdout


def test_a_warm_up_says_what_is_sent_elsewhere_once(repoask: Repoask, repo: Path, server: Any) -> None:
    # reaches this machine, but is no address of its loopback
    url = server.base_url.replace("127.0.0.1", "0.0.0.0")
    repoask("session", "new", "notes", str(repo), "--mode", "full", "--base-url", url)
    first, again = repoask("session", "warm", "notes"), repoask("session", "warm", "notes")
    assert first.returncode == 0, first.stderr
    assert first.stderr.startswith("repoask: first use of 0.0.0.0: it will be sent ")
    assert first.stderr.endswith(" bytes, the whole repository, and earlier answers\n")
    assert (again.returncode, again.stderr) == (0, "")


def test_warming_leaves_nothing_but_the_question_to_read_and_keeps_no_turn(
    repoask: Repoask, repo: Path, server: Any
) -> None:
    flags = ("--mode", "full", "--base-url", server.base_url)
    repoask("ask", str(repo), QUESTION, "--session", "notes", *flags)
    commit(repo, "auth.py", AUTH.replace("USERS[name]", "PEOPLE[name]"))
    server.restart()
    warmed = repoask("session", "warm", "notes")
    assert (warmed.returncode, warmed.stderr) == (0, ""), warmed.stderr
    assert warmed.stdout.startswith("notes: ")
    assert " tokens, 0 cached, " in warmed.stdout
    assert server.completions[-1]["max_tokens"] == 1
    again = repoask("session", "warm", "notes").stdout
    assert " cached, " in again
    assert " of the pack as before · " in again
    result = repoask("ask", OTHER, "--session", "notes", "--json")
    receipt = json.loads(result.stdout)["receipt"]
    assert (receipt["session"]["turn"], receipt["pack"]["sections"]) == (2, 1)
    assert receipt["tokens"]["cached"] > receipt["pack"]["tokens"]


def test_a_server_that_was_sent_lines_is_still_new_to_the_whole(repoask: Repoask, repo: Path, server: Any) -> None:
    elsewhere = server.base_url.replace("127.0.0.1", "0.0.0.0")  # reaches this machine, and does not look like it
    said = [
        repoask("ask", str(repo), QUESTION, "--base-url", elsewhere, "--mode", mode).stderr
        for mode in ("retrieval", "full", "full")
    ]
    assert "bytes, the question and lines of the repository" in said[0]
    assert "bytes, the question and the whole repository" in said[1]
    assert "first use" not in said[2]


def test_warming_a_server_elsewhere_says_what_it_is_sent(repoask: Repoask, repo: Path, server: Any) -> None:
    elsewhere = server.base_url.replace("127.0.0.1", "0.0.0.0")  # reaches this machine, and does not look like it
    repoask("session", "new", "notes", str(repo), "--mode", "full", "--base-url", elsewhere)
    first, again = (repoask("session", "warm", "notes").stderr for _ in range(2))
    assert "first use of 0.0.0.0: it will be sent " in first
    assert "bytes, the whole repository" in first
    assert again == ""


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "has no model's server; name one with --base-url"),
        (("--mode", "retrieval"), "asks in mode retrieval, so there is nothing to warm"),
        (("--full-tokens", "1000"), "most questions get what retrieval finds"),
    ],
)
def test_what_cannot_be_warmed_is_one_clear_line(
    repoask: Repoask, repo: Path, server: Any, flags: tuple[str, ...], message: str
) -> None:
    repoask("session", "new", "notes", str(repo))
    named = ("--base-url", server.base_url) if flags else ()
    result = repoask("session", "warm", "notes", *named, *flags)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr
    assert server.completions == []


def test_who_watches_is_told_what_a_question_will_cost(
    repo: Path, server: Any, home: dict[str, str], python_at_a_terminal: Callable[..., tuple[int, str]]
) -> None:
    words = ("-m", "repoask", str(repo), QUESTION, "--base-url", server.base_url)
    code, seen = python_at_a_terminal(home, *words)
    assert code == 0
    assert f"repoask: {len(server.completions[0]['prompt']):,} tokens\r\n" in seen
