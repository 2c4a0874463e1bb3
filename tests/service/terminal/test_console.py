"""The streams as a caller may leave them, and interruption, each by a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[[str], subprocess.CompletedProcess[str]]
Q = "where is login_user?"


@pytest.fixture
def shell(home: dict[str, str], tmp_path: Path) -> Shell:
    """Runs a line of bash, in which `repoask` is a command and `repo` a folder."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/auth.py").write_text("def login_user(name):\n    return check(name)\n")

    def run(line: str) -> subprocess.CompletedProcess[str]:
        repoask = f'repoask() {{ "{sys.executable}" -m repoask "$@"; }}; '
        return subprocess.run(
            ["bash", "-c", repoask + line], cwd=tmp_path, env=home, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.mark.parametrize("words", [f'repo "{Q}"', "--help", "config show"])
@pytest.mark.parametrize(
    ("redirection", "message"),
    [(">&-", "stdout is closed"), pytest.param(">/dev/full", "cannot write the answer: No space left", id="full")],
)
def test_an_answer_that_cannot_be_written_is_one_line_and_exit_2(
    shell: Shell, words: str, redirection: str, message: str
) -> None:
    result = shell(f"repoask {words} {redirection}")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"repoask: {message}")
    assert result.stderr.count("\n") == 1


def test_with_stderr_closed_the_exit_code_still_tells(shell: Shell) -> None:
    assert shell(f'repoask missing "{Q}" 2>&-').returncode == 2
    answered = shell(f'repoask repo "{Q}" 2>&- <&-')
    assert (answered.returncode, "auth.py:1-2" in answered.stdout) == (0, True)


def test_no_stdin_is_an_empty_question(shell: Shell) -> None:
    result = shell("repoask repo - <&-")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "the question is empty" in result.stderr


@pytest.mark.parametrize("words", [f'repo "{Q}"', "--help", "config show"])
def test_a_reader_that_reads_nothing_is_no_negative_result(shell: Shell, words: str) -> None:
    # the sleep lets the reader go before anything is written
    result = shell(f"(sleep 0.1; repoask {words}; echo $? >code) | true; cat code")
    assert (result.stdout, result.stderr) == ("0\n", "")


@pytest.mark.parametrize("words", ['"what?"', '. "what?"', '../repo "what?"', "config show", "source rm x"])
def test_in_a_folder_that_is_gone_the_way_out_is_told(shell: Shell, words: str) -> None:
    result = shell(f"mkdir gone; cd gone; rmdir ../gone; repoask {words}")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "repoask: the folder you are in is gone; change to another\n"


@pytest.mark.parametrize("group", ["config", "source"])
def test_a_group_alone_shows_its_help(shell: Shell, group: str) -> None:
    result = shell(f"repoask {group}")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == shell(f"repoask {group} --help").stdout


def test_ctrl_c_while_the_command_line_is_imported_is_one_line(home: dict[str, str], tmp_path: Path) -> None:
    # an import that takes its time, where click's would stand
    (tmp_path / "click.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [sys.executable, "-m", "repoask", "--help"],
        env=home | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "repoask: interrupted\n")
    assert process.returncode == 130


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_process_that_ignores_ctrl_c_goes_on_ignoring_it(shell: Shell) -> None:
    result = shell("trap '' INT; repoask --help >help & sleep 0.05; kill -INT $!; wait $!; echo $?")
    assert result.stdout == "0\n"
