"""The bar: at a terminal only, for long work only, and gone when the work is."""

import subprocess
import sys
from collections.abc import Callable

import pytest

Terminal = Callable[..., tuple[int, str]]

BEGIN = """
import sys, time
from repoask.service.terminal.console import say
from repoask.service.terminal.progress import TerminalProgress
with TerminalProgress(patience_s={patience_s}) as progress:
    progress("parsing\\x1b]0;owned\\x07", 1, 2)
    time.sleep(0.2)
"""
SHOW_CURSOR = "\x1b[?25h"


@pytest.fixture
def shown(python_at_a_terminal: Terminal, home: dict[str, str]) -> Callable[..., tuple[int, str]]:
    """Runs the beginning and then `code`, indented as its last lines, at a terminal."""

    def run(code: str = "", *, patience_s: int = 0) -> tuple[int, str]:
        return python_at_a_terminal(home, "-c", BEGIN.format(patience_s=patience_s) + code)

    return run


def test_long_work_shows_its_stage_and_how_far_it_is(shown: Callable[..., tuple[int, str]]) -> None:
    code, screen = shown()
    assert (code, "parsing" in screen, "1/2" in screen) == (0, True, True)
    assert "owned\x07" not in screen


def test_a_stage_follows_another_on_the_same_line(shown: Callable[..., tuple[int, str]]) -> None:
    _, screen = shown("    progress('writing', 5, 9)\n    time.sleep(0.2)\n")
    assert "5/9" in screen
    assert "parsing" not in screen[screen.index("writing") :]


def test_short_work_shows_nothing(shown: Callable[..., tuple[int, str]]) -> None:
    assert shown(patience_s=60) == (0, "")


def test_nothing_is_shown_off_a_terminal(home: dict[str, str]) -> None:
    piped = [sys.executable, "-c", BEGIN.format(patience_s=0)]
    result = subprocess.run(piped, env=home, capture_output=True, check=True)
    assert (result.stdout, result.stderr) == (b"", b"")


@pytest.mark.parametrize("end", ["", "    progress.stop()\n", "    sys.exit(3)\n"])
def test_the_bar_is_gone_and_the_cursor_back_when_the_work_ends(
    shown: Callable[..., tuple[int, str]], end: str
) -> None:
    code, screen = shown(end)
    assert code == (3 if "exit" in end else 0)
    # the line is wiped last
    assert SHOW_CURSOR in screen
    assert screen.endswith("\x1b[2K")


def test_what_is_said_meanwhile_stands_in_a_line_of_its_own(shown: Callable[..., tuple[int, str]]) -> None:
    _, screen = shown("    say('careful')\n    time.sleep(0.2)\n")
    assert any(line.rstrip().endswith("repoask: careful") for line in screen.splitlines())
