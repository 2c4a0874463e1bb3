"""Which files of a repository on the hub make a model that vLLM can load without running anything of it.

Weights are safetensors. Pickled ones run code when they are loaded, so they are taken only where the user says so and
there is nothing else; Python files, for the same reason, never. Knows nothing of how files are fetched.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from ...errors import ModelError
from .record import ModelFile

__all__ = ["is_weights", "select_files"]

_SAFE = ("*.safetensors",)
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_GGUF = ("*.gguf",)
_BESIDE = ("*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken", "*.md", "LICEN[CS]E*", "NOTICE*", "USE_POLICY*")
_CONFIGURATION = "config.json"
_ADAPTER = "adapter_config.json"
# other programs' copies of the same weights: Meta's own, Apple's, ONNX's
_OTHERS = ("original", "metal", "onnx", "coreml", "openvino", "gguf", "checkpoint-*", "runs")
# Mistral's own layout of what the files for transformers hold already
_TWICE = "consolidated*"


def is_weights(file: ModelFile) -> bool:
    """Whether it holds numbers, which are most of a model's bytes."""
    return _is(file, (*_SAFE, *_PICKLED))


def select_files(files: Iterable[ModelFile], *, name: str, takes_pickled: bool = False) -> tuple[ModelFile, ...]:
    """The files to take: what is small first, so that what is amiss is known before the weights are fetched.

    Raises:
        ModelError: There are no weights that may be taken.
    """
    ours = [file for file in files if not _is_others(file)]
    paths = {file.path for file in ours}
    if _ADAPTER in paths:
        raise ModelError(
            f"{name}: a LoRA adapter, no model; fetch it with `hf download`, serve it with --lora NAME=FOLDER"
        )
    safe = [file for file in ours if _is(file, _SAFE)]
    own = [file for file in safe if not fnmatchcase(PurePosixPath(file.path).name, _TWICE)]
    weights = own or safe or ([file for file in ours if _is(file, _PICKLED)] if takes_pickled else [])
    if not weights:
        raise ModelError(f"{name}: {_why_none(ours)}")
    if _CONFIGURATION not in paths:
        raise ModelError(f"{name}: has no {_CONFIGURATION}; name the repository of a model for transformers or vLLM")
    beside = [file for file in ours if _is(file, _BESIDE)]
    return (*sorted(beside, key=lambda file: file.path), *sorted(weights, key=lambda file: file.path))


def _is(file: ModelFile, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(PurePosixPath(file.path).name, pattern) for pattern in patterns)


def _is_others(file: ModelFile) -> bool:
    first, *rest = PurePosixPath(file.path).parts
    hidden = any(part.startswith(".") for part in (first, *rest))
    return hidden or (bool(rest) and any(fnmatchcase(first.lower(), other) for other in _OTHERS))


def _why_none(files: list[ModelFile]) -> str:
    if any(_is(file, _PICKLED) for file in files):
        return "its weights are pickled, which run code when they are loaded; add --pickled if you trust who made them"
    if any(_is(file, _GGUF) for file in files):
        return "holds GGUF files, for llama.cpp and Ollama, which fetch them themselves; vLLM is served by safetensors"
    return "the hub has no weights in it; name a repository with *.safetensors"
