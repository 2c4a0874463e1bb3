"""The scripted model server and the imitation of the hub, for every test of `service` and its faces."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _load(name: str = "openai_server") -> ModuleType:
    # tests are no package (importmode=importlib), so a module beside this one is loaded by its path
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def scripted() -> ModuleType:
    """The module `openai_server`: `scripted.stream("text")`, `scripted.error(401)`, ..."""
    return _load()


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """`serve(reply, reply, ..., pages={...})` starts an `OpenAIServer`, stopped when the test ends."""
    with ExitStack() as stack:
        yield lambda *script, **options: stack.enter_context(_load().OpenAIServer(*script, **options))


@pytest.fixture(scope="session")
def model_hub() -> ModuleType:
    """The module `model_hub`: `model_hub.write_model(folder)`, `model_hub.safetensors(size)`, ..."""
    return _load("model_hub")


@pytest.fixture
def hub(loopback: Callable[..., Any]) -> Any:
    """A `HubOnLoopback` with one model."""
    return _load("model_hub").HubOnLoopback(loopback)


@pytest.fixture(scope="session")
def tiny_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model's tokenizer, with control tokens."""
    return Path(_load("vllm_server").train(tmp_path_factory.mktemp("tokenizer")))


@pytest.fixture
def vllm(tiny_tokenizer: Path) -> Iterator[Callable[..., Any]]:
    """`vllm(max_model_len=...)` starts a server that does with ids what vLLM does; see `vllm_server.py`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(_load("vllm_server").VllmServer(tiny_tokenizer, **options))
