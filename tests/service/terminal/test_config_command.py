"""`repoask config`, as a process."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Repoask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/.repoask.toml").write_text('limit = 3\nexclude = ["docs/**"]\n')
    return tmp_path / "repo"


def origin(output: str, setting: str) -> tuple[str, str]:
    """Value and origin of a setting in what `config show` printed."""
    line = next(line for line in output.splitlines() if line.startswith(f"{setting} "))
    _, value, origin = line.split(None, 2)
    return value, origin


def test_show_gives_each_value_with_its_origin(repoask: Repoask, home: dict[str, str], project: Path) -> None:
    file = Path(home["HOME"]) / ".config/repoask/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('model = "llama"\n')
    shown = repoask("config", "show", str(project), "--seed", "7", env={"REPOASK_OFFLINE": "1"})
    assert shown.returncode == 0
    assert origin(shown.stdout, "model") == ("llama", str(file))
    assert origin(shown.stdout, "offline") == ("yes", "REPOASK_OFFLINE")
    assert origin(shown.stdout, "seed") == ("7", "--seed")
    assert origin(shown.stdout, "temperature") == ("0.0", "default")
    assert origin(shown.stdout, "limit") == ("10", "default")
    assert f"repoask config trust {project}" in shown.stderr


def test_trust_shows_the_file_and_makes_it_count_until_it_changes(repoask: Repoask, project: Path) -> None:
    trusted = repoask("config", "trust", str(project))
    assert trusted.returncode == 0
    assert trusted.stdout == 'limit = 3\nexclude = ["docs/**"]\n'
    after = repoask("config", "show", cwd=project)
    assert origin(after.stdout, "limit") == ("3", str(project / ".repoask.toml"))
    assert after.stderr == ""
    (project / ".repoask.toml").write_text("limit = 4\n")
    changed = repoask("config", "show", cwd=project)
    assert origin(changed.stdout, "limit") == ("10", "default")
    assert "has changed since it was trusted" in changed.stderr


def test_trust_without_a_file_is_one_line_and_exit_2(repoask: Repoask, tmp_path: Path) -> None:
    result = repoask("config", "trust", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"repoask: {tmp_path}: no .repoask.toml there, nor at the top of its work tree\n"


def test_what_cannot_count_is_neither_shown_nor_trusted(repoask: Repoask, project: Path) -> None:
    (project / ".repoask.toml").write_text("limit = 0\n")
    refused = repoask("config", "trust", str(project))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "run: repoask config trust" in repoask("config", "show", str(project)).stderr


def test_sizes_are_shown_as_they_are_written(repoask: Repoask) -> None:
    shown = repoask("config", "show", "--max-file-size", "1500 kB").stdout
    assert [line.split()[1:3] for line in shown.splitlines() if "_size" in line] == [["1.5", "MB"], ["5", "GB"]]


def test_trust_shows_escapes_instead_of_obeying_them(repoask: Repoask, project: Path) -> None:
    (project / ".repoask.toml").write_text("# \x1b[2J hidden\nlimit = 3\n")
    assert "\x1b" not in repoask("config", "trust", str(project)).stdout


def test_a_key_is_never_shown(repoask: Repoask) -> None:
    shown = repoask("config", "show", env={"REPOASK_API_KEY": "sk-very-secret"})
    assert shown.returncode == 0
    assert "sk-very-secret" not in shown.stdout + shown.stderr


def test_path_names_the_file_and_the_folders(repoask: Repoask, home: dict[str, str]) -> None:
    shown = repoask("config", "path").stdout
    assert f"settings  {home['HOME']}/.config/repoask/config.toml\n" in shown
    assert f"cache     {home['HOME']}/.cache/repoask\n" in shown
