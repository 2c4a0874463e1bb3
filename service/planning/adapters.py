"""LoRA adapters that are served beside a model: read from their folders, and said to vLLM (0.32) in its flags.

An adapter's configuration comes from anywhere: it is bounded and checked. Loads no weights.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import InputError
from .models import Model

__all__ = ["Adapter", "adapter_flags", "read_adapter", "with_adapters"]

_FILE = "adapter_config.json"
_WEIGHTS = "adapter_model.safetensors"
_PICKLED = "adapter_model.bin"
_MAX_BYTES = 4_000_000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,127}")
_ATTENTION = frozenset({"q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj"})
# `MaxLoRARanks` of vllm/config/lora.py
_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter.

    Attributes:
        name: What it is asked by, as a model of its own.
        folder: Where its files lie, absolute.
        rank: The largest of its modules.
        size: Of its weights, in bytes.
        modules: The last part of the names of what it changes; empty where it names them otherwise.
    """

    name: str
    folder: Path
    rank: int
    size: int
    modules: frozenset[str] = frozenset()


def read_adapter(written: str) -> Adapter:
    """An adapter as it is written on a command line: NAME=FOLDER.

    Raises:
        InputError: It is written otherwise, or the folder holds no adapter that vLLM takes.
    """
    name, sign, place = written.partition("=")
    if not sign or not place or not _NAME.fullmatch(name):
        raise InputError(f"--lora {written[:80]!r}: write it as NAME=FOLDER, the name of letters, digits and . _ / -")
    folder = Path(place).expanduser().absolute()
    config = _read(folder / _FILE)
    if str(config.get("peft_type", "LORA")).upper() != "LORA":
        raise InputError(f"{folder}: an adapter of the kind {config['peft_type']!r}; vLLM serves LoRA alone")
    weights = folder / _WEIGHTS
    if not weights.is_file():
        pickled = (folder / _PICKLED).is_file()
        why = f"only {_PICKLED}, which runs code when it is loaded; convert it" if pickled else f"no {_WEIGHTS}"
        raise InputError(f"{folder}: holds {why}; name the folder of a LoRA adapter")
    return Adapter(name, folder, _rank(folder, config), weights.stat().st_size, _modules(config))


def adapter_flags(adapters: Sequence[Adapter], *, model: str) -> tuple[str, ...]:
    """What vLLM is told; nothing where there are no adapters.

    Args:
        adapters: All that are served.
        model: The name of the model itself.

    Raises:
        InputError: Two have one name.
    """
    if not adapters:
        return ()
    names = [model, *(adapter.name for adapter in adapters)]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(f"--lora {twice}: two would be asked by this name; give each another")
    # as JSON: in NAME=FOLDER a folder may hold no comma
    modules = [json.dumps({"name": each.name, "path": str(each.folder)}) for each in adapters]
    return (
        *("--enable-lora", "--max-loras", str(len(adapters)), "--max-lora-rank", str(_served_rank(adapters))),
        *_targets(adapters),
        *("--lora-modules", *modules),
    )


def _targets(adapters: Sequence[Adapter]) -> tuple[str, ...]:
    """Where all of them change the attention alone, places for anything else, experts above all, are left out.

    Of a mixture on a CPU vLLM could make none for experts, and would not start.
    """
    changed = frozenset().union(*(adapter.modules for adapter in adapters))
    named = all(adapter.modules for adapter in adapters)
    return ("--lora-target-modules", *sorted(changed)) if named and changed <= _ATTENTION else ()


def with_adapters(model: Model, adapters: Sequence[Adapter]) -> Model:
    """The model with the memory that the adapters take: each has a place of the largest rank.

    From the size of their files, so for the modules that they change; what vLLM keeps free for others is not counted.
    """
    rank = _served_rank(adapters) if adapters else 0
    added = sum(round(each.size * rank / each.rank) for each in adapters)
    parameters = replace(model.architecture.parameters, adapter_bytes=added)
    return replace(model, architecture=replace(model.architecture, parameters=parameters))


def _served_rank(adapters: Sequence[Adapter]) -> int:
    return next(rank for rank in _RANKS if rank >= max(adapter.rank for adapter in adapters))


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); name the folder of a LoRA adapter") from error
    try:
        config = json.loads(data) if len(data) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise InputError(f"{file}: no JSON object; name the folder of a LoRA adapter")
    return config


def _modules(config: dict[str, Any]) -> frozenset[str]:
    named = config.get("target_modules")  # a list of names, or an expression
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        return frozenset()
    return frozenset(each.rpartition(".")[2] for each in named)


def _rank(folder: Path, config: dict[str, Any]) -> int:
    pattern = config.get("rank_pattern")
    ranks = [config.get("r"), *(pattern.values() if isinstance(pattern, dict) else ())]
    for rank in ranks:
        if not isinstance(rank, int) or isinstance(rank, bool) or not 0 < rank <= _RANKS[-1]:
            raise InputError(f"{folder}: rank {str(rank)[:20]} in its {_FILE}; vLLM takes 1 to {_RANKS[-1]}")
    return max(rank for rank in ranks if isinstance(rank, int))
