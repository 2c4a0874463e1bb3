"""Documentation says what is so: made pages are up to date, links lead somewhere, commands and flags exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from repoask.cli import group, route
from repoask.service.terminal.commands import COMMANDS

ROOT = Path(__file__).parent.parent
MADE = ("answer.md", "command-line.md", "configuration.md", "doctor.md", "plan.md", "search.md", "session.md")
WRITTEN = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in MADE)]


def test_the_made_pages_are_up_to_date(tmp_path: Path) -> None:
    # a process of its own: click remembers in each command how its help was last asked for
    subprocess.run([sys.executable, ROOT / "docs/generate.py", tmp_path], check=True)
    assert sorted(page.name for page in tmp_path.iterdir()) == sorted(MADE)
    for name in MADE:
        made = (tmp_path / name).read_text(encoding="utf-8")
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made, "run: python docs/generate.py"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def examples() -> list[str]:
    """Every `repoask` command line in the written pages."""
    blocks = [block for page in WRITTEN for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)]
    lines = [line for block in blocks for line in block.splitlines()]
    found = [re.search(r"(?:repoask|\./ask) [^|>]*", line) for line in lines]
    return [match[0].partition(" #")[0].strip() for match in found if match]


@pytest.mark.parametrize("line", examples())
def test_every_example_is_a_command_line_that_repoask_understands(line: str) -> None:
    words = route(shlex.split(line)[1:])
    command, name = group, "repoask"
    while words and hasattr(command, "get_command") and (sub := command.get_command(None, words[0])):
        command, name, words = sub, words[0], words[1:]
    known = (
        "list",
        "status",
        "update",
        "rm",
        "show",
        "path",
        "trust",
        "new",
        "fork",
        "export",
        "repair",
        "serve",
        "pull",
        "warm",
    )
    assert name in COMMANDS or name in known
    command.make_context(name, words, resilient_parsing=False)


def groups() -> dict[str, click.Group]:
    """The commands that have commands of their own."""
    found = {name: group.get_command(click.Context(group), name) for name in COMMANDS}
    return {name: command for name, command in found.items() if isinstance(command, click.Group)}


@pytest.mark.parametrize("name", groups())
def test_no_line_of_a_list_of_commands_is_cut_off(name: str) -> None:
    told = groups()[name].get_help(click.Context(groups()[name], terminal_width=80)).partition("Commands:")[2]
    assert told
    assert "..." not in told


def test_there_are_examples_to_check() -> None:
    assert len(examples()) > 10
