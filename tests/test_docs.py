"""Documentation says what is so: made pages are up to date, links lead somewhere, commands and flags exist."""

import re
import runpy
import shlex
from pathlib import Path

import pytest
from repoask.cli import group, route
from repoask.service.terminal.commands import COMMANDS

ROOT = Path(__file__).parent.parent
MADE = runpy.run_path(str(ROOT / "docs/generate.py"))["PAGES"]
WRITTEN = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in MADE)]


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == MADE[name](), "run: python docs/generate.py"


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
    assert name in COMMANDS or name in ("list", "status", "update", "rm", "show", "path", "trust")
    command.make_context(name, words, resilient_parsing=False)


def test_there_are_examples_to_check() -> None:
    assert len(examples()) > 10
