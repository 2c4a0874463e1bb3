"""A model is served by the name that it was registered by, with a LoRA adapter beside it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repoask.service.engine.completion import complete
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams

pytestmark = pytest.mark.vllm

_PROMPT = Prompt(messages=(Message("user", "Where is the password checked?"),))
_PARAMS = SamplingParams(temperature=0.0, seed=0, max_tokens=16)


@pytest.fixture(scope="module")
def model(vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One without experts: vLLM 0.32 computes them by Triton as soon as adapters are on, which no CPU can."""
    folder = tmp_path_factory.mktemp("models") / "tiny-dense"
    script = Path(__file__).with_name("tiny_model.py")
    subprocess.run([vllm_python, script, folder, "--dense"], check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def adapter(model: Path, vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "tuned"
    script = Path(__file__).with_name("tiny_adapter.py")
    subprocess.run([vllm_python, script, model, folder], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def adapted(serve: Callable[..., Any], model: Path, adapter: Path, environment: dict[str, str]) -> Any:
    """A server of the model and the adapter."""
    words = ("model", "pull", str(model), "--name", "lab/tiny")
    subprocess.run([sys.executable, "-m", "repoask", *words], env=environment, check=True, capture_output=True)
    serving = serve("--lora", f"tuned={adapter}", model="lab/tiny")
    assert serving.wait_until_ready() == serving.base_url, serving.finish()
    return serving


def test_both_are_asked_by_their_names(adapted: Any) -> None:
    with urllib.request.urlopen(f"{adapted.base_url}/models", timeout=10) as page:
        models = {model["id"]: model for model in json.load(page)["data"]}
    assert models.keys() == {"lab/tiny", "tuned"}
    assert models["tuned"]["parent"] == "lab/tiny"


def test_the_adapter_changes_the_reply(adapted: Any) -> None:
    def reply(model: str) -> str:
        return complete(OpenAIEngine(adapted.base_url, model, timeout_s=60), _PROMPT, params=_PARAMS).text

    plain, tuned = reply("lab/tiny"), reply("tuned")
    assert tuned != plain
    assert (reply("lab/tiny"), reply("tuned")) == (plain, tuned)
