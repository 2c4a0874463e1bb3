"""`repoask model pull` and `list` as processes; the hub is an imitation (tests/service/model_hub.py)."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Repoask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def environment(hub: Any, data: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.url, "XDG_DATA_HOME": str(data), "HF_HOME": str(data / "hf"), "HF_TOKEN": "hf_secret"}


def test_a_model_is_pulled_listed_and_planned_by_its_name(
    repoask: Repoask, hub: Any, environment: dict[str, str], data: Path
) -> None:
    hub.repository.card = {"license": "other", "license_name": "llama4", "license_link": "LICENSE"}
    pulled = repoask("model", "pull", "org/tiny", env=environment)
    assert pulled.returncode == 0, pulled.stderr
    folder = Path(pulled.stdout.strip())
    assert folder.is_relative_to(data / "repoask" / "models")
    lines = pulled.stderr.splitlines()
    assert lines[0].startswith("repoask: org/tiny at 0123456789ab; licence: llama4 (http://127.0.0.1:")
    assert lines[1] == f"repoask: 4 files, 3.0 MB, to {folder}"
    assert lines[2].endswith("serve it with: repoask model serve org/tiny")
    assert "hf_secret" not in pulled.stdout + pulled.stderr

    listed = json.loads(repoask("model", "list", "--json", env=environment).stdout)["models"]
    assert [each["name"] for each in listed] == ["org/tiny", "scout", "maverick"]
    assert listed[0] | {"size": 0, "parameters": 0} == {
        "name": "org/tiny",
        "revision": "0123456789abcdef0123456789abcdef01234567",
        "licence": "llama4",
        "size": 0,
        "precision": "BF16",
        "parameters": 0,
        "folder": str(folder),
        "is_complete": True,
        "is_built_in": False,
    }
    plan = repoask("plan", "--model", "org/tiny", "--gpus", "1xL40S", env=environment)
    assert plan.returncode == 0, plan.stderr
    assert "org/tiny" in plan.stdout


def test_the_list_is_a_table(repoask: Repoask, environment: dict[str, str], model_hub: Any, tmp_path: Path) -> None:
    folder = model_hub.write_model(tmp_path / "mine")
    told = repoask("model", "pull", str(folder), env=environment)
    assert (told.returncode, told.stdout) == (0, f"{folder}\n"), told.stderr
    assert told.stderr == "repoask: mine is whole and registered; serve it with: repoask model serve mine\n"
    (folder / "tokenizer.json").unlink()
    lines = repoask("model", "list", env=environment).stdout.splitlines()
    assert lines[0].split() == ["NAME", "REVISION", "LICENCE", "SIZE", "PRECISION", "PARAMETERS", "WHERE"]
    assert lines[1].split(maxsplit=7) == [
        *("mine", "-", "-", "3.0", "MB", "BF16", "210K"),
        f"{folder} (not whole: pull it again)",
    ]
    assert lines[2].startswith("scout")
    assert lines[2].endswith("109B        built in; fetched by vLLM")


def test_ctrl_c_keeps_what_was_fetched(
    hub: Any, home: dict[str, str], environment: dict[str, str], data: Path, model_hub: Any, repoask: Repoask
) -> None:
    hub.repository.files["model.safetensors"] = model_hub.safetensors(40_000_000)
    hub.repository.bytes_a_second = 20_000_000
    process = subprocess.Popen(
        [sys.executable, "-m", "repoask", "model", "pull", "org/tiny"],
        env=home | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not any(
        part.stat().st_size > 1_000_000 for part in data.rglob("model.safetensors.part")
    ):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "repoask: interrupted"
    listed = json.loads(repoask("model", "list", "--json", env=environment).stdout)["models"]
    assert (listed[0]["name"], listed[0]["is_complete"]) == ("org/tiny", False)
    refused = repoask("model", "serve", "org/tiny", env=environment)
    assert refused.returncode == 2
    assert "org/tiny: is pulled in part; go on with: repoask model pull org/tiny" in refused.stderr
    hub.repository.bytes_a_second = None
    again = repoask("model", "pull", "org/tiny", env=environment)
    assert again.returncode == 0, again.stderr
    assert " of it here, to " in again.stderr
    assert "range" in hub.asked("large:")[-1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("org/tiny", "--offline"), "org/tiny: --offline forbids asking the hub; name a folder on this machine"),
        (("org/none",), "org/none: not on the hub, or private"),
        (("org/tiny", "--name", "x"), "--name is for a FOLDER"),
        (("./nothing",), "no folder; name one with a model's files"),
        ((".", "--to", "x"), "a folder, which stays as it is; leave --revision, --to and --pickled out"),
        ((".", "--name", "scout"), "its name is that of a built-in model; give another with --name"),
        (("org/tiny", "--to", "/proc/x"), "--to"),
    ],
)
def test_what_cannot_be_pulled_is_one_line(
    repoask: Repoask, environment: dict[str, str], words: tuple[str, ...], told: str
) -> None:
    result = repoask("model", "pull", *words, env=environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert told in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_a_gated_model_is_told_with_its_page_and_the_token(
    repoask: Repoask, hub: Any, environment: dict[str, str]
) -> None:
    hub.repository.gated = "auto"
    hub.repository.refuses = (403, "GatedRepo")
    result = repoask("model", "pull", "org/tiny", env=environment)
    assert result.returncode == 2
    assert f"gated: it must be accepted at {hub.url}/org/tiny" in result.stderr.splitlines()[0]
    assert result.stderr.splitlines()[-1].endswith(
        f"do so at {hub.url}/org/tiny, then give your token by HF_TOKEN or `hf auth login` and pull again"
    )


def test_models_go_where_the_setting_says(
    repoask: Repoask, environment: dict[str, str], tmp_path: Path, data: Path
) -> None:
    big = str(tmp_path / "big-disk")
    pulled = repoask("model", "pull", "org/tiny", env=environment | {"REPOASK_MODELS_DIR": big})
    assert pulled.stdout.startswith(big)
    assert not (data / "repoask" / "models").exists()
    listed = repoask("model", "list", "--json", "--models-dir", big, env=environment).stdout
    assert json.loads(listed)["models"][0]["name"] == "org/tiny"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")
def test_a_bad_adapter_is_told_before_anything_is_started(
    repoask: Repoask, environment: dict[str, str], model_hub: Any, tmp_path: Path
) -> None:
    folder = model_hub.write_model(tmp_path / "mine")
    told = repoask("model", "serve", str(folder), "--lora", f"tuned={tmp_path}", env=environment)
    assert told.returncode == 2
    assert "adapter_config.json: cannot be read" in told.stderr
