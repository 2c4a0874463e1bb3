"""`repoask model serve` where it cannot start; tests/vllm starts it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")

Repoask = Callable[..., subprocess.CompletedProcess[str]]

_SMALL = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 1000,
    "max_position_embeddings": 16_384,
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(_SMALL))
    (folder / "model.safetensors").touch()
    return folder


@pytest.fixture
def python_of_gpus(tmp_path: Path) -> Path:
    """Answers as a Python does that has vLLM for GPUs."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho vllm 0.32.0\n")
    script.chmod(0o700)
    return script


def _refused(result: subprocess.CompletedProcess[str]) -> str:
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.stderr
    return result.stderr


def test_without_vllm_says_how_to_get_it(repoask: Repoask, model: Path) -> None:
    told = _refused(repoask("model", "serve", str(model)))
    assert f"{sys.executable} has no vLLM; install it there (pip install vllm)" in told
    assert "--python" in told


def test_a_folder_that_is_not_there_is_named(repoask: Repoask, tmp_path: Path) -> None:
    told = _refused(repoask("model", "serve", str(tmp_path / "none")))
    assert f"{tmp_path}/none: cannot be read (No such file or directory)" in told


def test_a_folder_without_weights_is_named(repoask: Repoask, model: Path) -> None:
    (model / "model.safetensors").unlink()
    assert f"{model}: holds no weights (*.safetensors" in _refused(repoask("model", "serve", str(model)))


def test_what_is_no_python_is_named(repoask: Repoask, model: Path) -> None:
    told = _refused(repoask("model", "serve", str(model), "--python", "/bin/false"))
    assert "/bin/false: cannot be run as Python" in told


def test_gpus_are_asked_for_where_the_driver_lists_none(repoask: Repoask, model: Path, python_of_gpus: Path) -> None:
    words = ("model", "serve", str(model), "--python", str(python_of_gpus))
    assert "the driver lists none here; name them with --gpus" in _refused(repoask(*words, env={"PATH": "/nowhere"}))


def test_a_model_that_the_gpus_cannot_hold_is_refused_with_what_could(repoask: Repoask, python_of_gpus: Path) -> None:
    told = _refused(repoask("model", "serve", "maverick", "--python", str(python_of_gpus), "--gpus", "1xL40S"))
    assert "Llama 4 Maverick does not fit on 1 x L40S" in told
    assert "fits on" in told


def test_the_program_gets_none_of_repoasks_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    from repoask.config import environment_for

    monkeypatch.setenv("REPOASK_API_KEY", "secret")
    monkeypatch.setenv("HF_TOKEN", "token")
    environment = environment_for(HF_HUB_OFFLINE="1")
    assert "REPOASK_API_KEY" not in environment
    assert (environment["HF_TOKEN"], environment["HF_HUB_OFFLINE"]) == ("token", "1")
