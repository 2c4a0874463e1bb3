"""The command line: what each row means."""

import subprocess
import sys
from pathlib import Path

import pytest
from repoask.cli import route
from repoask.errors import InputError
from repoask.service.terminal.commands import PLANNED
from repoask.service.terminal.target import Target, read_target

Q = "where is auth handled?"

ROWS: list[tuple[list[str], Target]] = [
    # the short form: a folder or URL, and a question
    (["repo", Q], Target("repo", Q)),
    (["./repo", Q], Target("./repo", Q)),
    ([".", Q], Target(".", Q)),
    (["missing", Q], Target("missing", Q)),
    ([r"C:\repo", Q], Target(r"C:\repo", Q)),
    (["C:/repo", Q], Target("C:/repo", Q)),
    ([r"\\server\share\repo", Q], Target(r"\\server\share\repo", Q)),
    (["git@host:x/y", Q], Target("git@host:x/y", Q)),
    (["https://host/x/y.git", Q], Target("https://host/x/y.git", Q)),
    (["ssh://git@host/x/y", Q], Target("ssh://git@host/x/y", Q)),
    # the long form is the same
    (["ask", "repo", Q], Target("repo", Q)),
    (["ask", Q], Target(".", Q)),
    (["ask", "repo"], Target("repo")),
    (["ask"], Target(".")),
    # one word alone
    (["repo"], Target("repo")),
    (["repo/file.py"], Target("repo/file.py")),
    (["."], Target(".")),
    (["/"], Target("/")),
    (["./missing"], Target("./missing")),
    ([r"C:\repo"], Target(r"C:\repo")),
    (["git@host:x/y"], Target("git@host:x/y")),
    (["https://host/x/y"], Target("https://host/x/y")),
    ([Q], Target(".", Q)),
    (["authentication"], Target(".", "authentication")),
    (["flask"], Target(".", "flask")),
    # a command that this version does not have is never suggested
    (["reveiw"], Target(".", "reveiw")),
    (["reveiw", Q], Target("reveiw", Q)),
    (["/api/users in the router?"], Target(".", "/api/users in the router?")),
    # a folder named like a command
    (["./source", Q], Target("./source", Q)),
    (["./config"], Target("./config")),
    (["--", "source", Q], Target("source", Q)),
    (["--", "ask"], Target("ask")),
    # - is stdin, -- ends the options
    (["-"], Target(".", from_stdin=True)),
    (["repo", "-"], Target("repo", from_stdin=True)),
    (["ask", "-"], Target(".", from_stdin=True)),
    (["repo", "--", "--offline, what does it do?"], Target("repo", "--offline, what does it do?")),
    (["--", "-x", Q], Target("-x", Q)),
    # options stand anywhere
    (["--json", "repo", Q], Target("repo", Q)),
    (["repo", Q, "--json"], Target("repo", Q)),
    (["--rev", "main", "repo", Q], Target("repo", Q)),
    (["repo", "--limit=3", Q], Target("repo", Q)),
]


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/file.py").write_text("x = 1\n")
    (tmp_path / "source").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "ask").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_of_ask(command_line: list[str]) -> list[str]:
    """The words that are left for `ask` once click has taken the options."""
    from repoask.service.terminal.commands.ask import command

    name, *rest = route(command_line)
    assert name == "ask"
    words = command.make_context("ask", rest).params["words"]
    return list(words)


@pytest.mark.parametrize(("command_line", "target"), ROWS, ids=[" ".join(row) for row, _ in ROWS])
@pytest.mark.usefixtures("somewhere")
def test_every_row_of_the_command_line_means(command_line: list[str], target: Target) -> None:
    assert read_target(words_of_ask(command_line)) == target


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "x"],
        ["search", "x"],
        ["source", "list"],
        ["config", "show"],
        ["--help"],
        ["--version"],
        ["--completion=bash"],
    ],
)
def test_a_command_or_an_option_of_repoask_itself_is_left_as_it_is(words: list[str]) -> None:
    assert route(words) == words


def test_nothing_at_all_asks_for_help() -> None:
    assert route([]) == ["--help"]


@pytest.mark.parametrize("name", PLANNED)
def test_a_name_kept_for_later_is_refused_with_the_way_to_a_folder_of_that_name(name: str) -> None:
    with pytest.raises(InputError, match=rf"a folder is \./{name}"):
        route([name, Q])


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sorce", "list"], "did you mean the command `source`"),
        (["aks", Q], "did you mean the command `ask`"),
        (["serach", Q], "did you mean the command `search`"),
        (["confg"], "did you mean the command `config`"),
        (["confg"], "As a question: repoask . confg"),
        (["help"], "--help"),
        (["github.com/pallets/flask", Q], "did you mean https://github.com/pallets/flask"),
        (["repo", "where", "is", "auth?"], 'quotes: repoask repo "where is auth?"'),
        (["where", "is", "auth?"], 'quotes: repoask "where is auth?"'),
        (["source", ".", Q], "options follow the command: repoask source"),
        (["repo", "  "], "the question is empty"),
        ([""], "the question is empty"),
        (["repo", "ü" * 50_001], "over 100,000 bytes"),
    ],
)
@pytest.mark.usefixtures("somewhere")
def test_words_that_cannot_be_meant_so_are_refused_with_a_hint(words: list[str], hint: str) -> None:
    with pytest.raises(InputError) as error:
        read_target(words)
    assert hint in str(error.value)


@pytest.mark.usefixtures("somewhere")
def test_an_existing_folder_is_never_a_near_miss(somewhere: Path) -> None:
    (somewhere / "sorce").mkdir()
    assert read_target(["sorce", Q]) == Target("sorce", Q)


INTERRUPTED_AMID_A_CLASS = """
import sys, types, click
from repoask.cli import main

class Field:
    def __set_name__(self, owner, name):
        raise KeyboardInterrupt

@click.command()
def command():
    type("Made", (), {"field": Field()})

sys.modules["repoask.service.terminal.commands.source"] = types.SimpleNamespace(command=command)
main(["source"])
"""


def test_an_interrupt_that_comes_wrapped_is_an_interrupt_and_no_crash() -> None:
    run = subprocess.run([sys.executable, "-c", INTERRUPTED_AMID_A_CLASS], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (130, "repoask: interrupted\n")
