"""`./ask` sets up once and hands over, with real venv and pip on a package that stands in for repoask."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "ask"

# Builds an editable wheel without setuptools, which a fresh environment of Python 3.12 and later lacks.
BACKEND = """
import pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    info, name = "repoask-1.dist-info/", "repoask-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("repoask.pth", str(pathlib.Path.cwd() / "src") + "\\n")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: repoask\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "repoask"
version = "1"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ask`, a lock and a package that prints its arguments, set up once."""
    root = tmp_path_factory.mktemp("check out")
    shutil.copy(SCRIPT, root / "ask")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "requirements.lock").write_text("")
    (root / "src/repoask/ingest").mkdir(parents=True)
    (root / "src/repoask/ingest/secrets.py").write_text("def prepare(): pass\n")
    (root / "tests").mkdir()
    (root / "tests/test_x.py").write_text("")
    (root / "src/repoask/__main__.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(7)\n")
    two = [start(root, "first"), start(root, "second")]
    outputs = [process.communicate(timeout=120) for process in two]
    assert [process.returncode for process in two] == [7, 7], outputs
    assert sorted(stdout for stdout, _ in outputs) == ["['first']\n", "['second']\n"]
    # two at once: one sets up, the other waits for it
    assert sum("setting up" in stderr for _, stderr in outputs) == 1
    return root


def start(root: Path, *words: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, root / "ask", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd or root,
        # without the path by which the tests may find the package: `ask` must run the one of its own folder
        env={
            **os.environ,
            "PIP_NO_INDEX": "1",
            "PYTHONUTF8": "1",
            "PYTHONPATH": "",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


def ask(root: Path, words: Sequence[str], *, cwd: Path | None = None) -> tuple[int, str, str]:
    process = start(root, *words, cwd=cwd)
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def test_what_python_would_compile_for_every_question_is_compiled_once(checkout: Path) -> None:
    assert list((checkout / "src/repoask/__pycache__").glob("__main__.*.pyc"))
    assert not list(checkout.glob("tests/**/*.pyc"))


def test_the_command_line_arrives_untouched_with_the_exit_code(checkout: Path) -> None:
    words = ["a b", 'say "hi"', "$HOME", "*", "", "--", "-", "it's\nnew", "größe"]
    code, stdout, stderr = ask(checkout, words)
    assert (code, stdout, stderr) == (7, f"{words}\n", "")


def test_a_module_of_the_asked_folder_is_not_imported(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "repoask").mkdir()
    (tmp_path / "repoask/__main__.py").write_text("print('hijacked')")
    (tmp_path / "runpy.py").write_text("print('hijacked')")
    assert ask(checkout, ["x"], cwd=tmp_path) == (7, "['x']\n", "")


def test_an_interrupted_set_up_is_done_again(checkout: Path) -> None:
    (checkout / ".venv/.ask-stamp").unlink()
    code, stdout, stderr = ask(checkout, ["x"])
    assert (code, stdout) == (7, "['x']\n")
    assert "setting up" in stderr


def test_a_changed_lock_is_installed_and_its_hashes_are_checked(checkout: Path) -> None:
    lock = checkout / "requirements.lock"
    wheel = checkout / "extra-1-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    lock.write_text(f"extra @ {wheel.as_uri()} --hash=sha256:{hashlib.sha256(b'other').hexdigest()}\n")
    try:
        code, stdout, stderr = ask(checkout, ["x"])
    finally:
        lock.write_text("")
    assert (code, stdout) == (2, "")
    assert "HASHES" in stderr.upper()
    assert stderr.splitlines()[-1].startswith("ask: the set-up failed in `-m pip install`")
    # what broke off is made good by the next run
    assert ask(checkout, ["x"])[:2] == (7, "['x']\n")
