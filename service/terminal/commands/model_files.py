"""`repoask model pull`, `list` and `rm`: which models are on this machine. Knows no protocol: it plans, tells, fetches.

Part of `repoask model`, whose group stands in model.py.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....config import load
from ....errors import InputError
from .. import console
from ..options import given, setting_options
from ..progress import TerminalProgress

if TYPE_CHECKING:
    from ...weights.pulling import Pull

__all__ = ["list_command", "pull_command", "rm_command"]


@click.command("pull")
@click.argument("model", metavar="ORG/NAME|FOLDER")
@click.option("--revision", metavar="REV", help="A branch, a tag or a commit. Default: the newest.")
@click.option("--to", metavar="DIR", help="Where its files go. Default: a folder of its own in --models-dir.")
@click.option("--name", help="What a FOLDER is asked for by. Default: the folder's own name.")
@click.option(
    "--pickled", is_flag=True, help="Take pickled weights where there are no others: they run code when loaded."
)
@setting_options("models_dir", "offline")
def pull_command(
    model: str, *, revision: str | None, to: str | None, name: str | None, pickled: bool, **flags: Any
) -> int:
    """Fetch a model from the Hugging Face hub, or register a folder.

    Weights as safetensors, configuration and tokenizer are fetched, nothing that would run. Each file is checked
    against the hub's hash; what was fetched before an interruption is kept, and the same command goes on. A gated
    model's licence must be accepted on its page, with an account whose token stands in HF_TOKEN or in the file that
    `hf auth login` writes. HF_ENDPOINT names a mirror. The folder is written to stdout.
    """
    from ...weights.store import WeightsStore

    configuration = load(flags=given(flags))
    store = WeightsStore(configuration.models)
    if _is_folder(model):
        if revision or to or pickled:
            raise InputError(f"{model}: a folder, which stays as it is; leave --revision, --to and --pickled out")
        return _register(store, model, name)
    if name:
        raise InputError("--name is for a FOLDER; what is pulled keeps its own name")
    from ...weights.hub import Hub
    from ...weights.pulling import plan_pull, pull

    hub = Hub(is_offline=configuration.settings.offline)
    folder = Path(to) if to else None
    planned = plan_pull(hub, store, model, revision=revision, folder=folder, takes_pickled=pickled)
    _tell(planned)
    with TerminalProgress() as progress:
        record = pull(
            hub, store, planned, progress=lambda file, done, total: progress(f"{file} (MB of all)", done, total)
        )
    console.say(f"{record.name} is whole, every file by its hash; serve it with: repoask model serve {record.name}")
    console.write(f"{record.folder}\n")
    return 0


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object.")
@setting_options("models_dir")
def list_command(*, as_json: bool, **flags: Any) -> int:
    """All models that can be named.

    First those of this machine, then the built-in ones, which vLLM fetches.
    """
    from ...weights.lookup import list_models
    from ...weights.store import WeightsStore
    from ..model_table import render_models, render_models_json

    models = list_models(WeightsStore(load(flags=given(flags)).models))
    console.write(render_models_json(models) if as_json else render_models(models))
    return 0


@click.command("rm")
@click.argument("model", metavar="NAME[@REVISION]")
@setting_options("models_dir")
def rm_command(model: str, **flags: Any) -> int:
    """Remove a model that was pulled, or forget a folder.

    A folder that was registered stays as it is.
    """
    from ...weights.removal import remove
    from ...weights.store import WeightsStore

    for record in remove(WeightsStore(load(flags=given(flags)).models), model):
        what = f"removed from {record.folder}" if record.revision else f"forgotten; {record.folder} is as it was"
        console.say(f"{record.name} is {what}")
    return 0


def _is_folder(model: str) -> bool:
    """ORG/NAME may be a path, too: a folder that is there is meant, and so is what begins as a path alone does."""
    return Path(model).expanduser().is_dir() or model.startswith((".", "/", "~"))


def _register(store: Any, model: str, name: str | None) -> int:
    from ...weights.lookup import is_built_in
    from ...weights.pulling import register

    if is_built_in(name or Path(model).expanduser().resolve().name):
        raise InputError(f"{model}: its name is that of a built-in model; give another with --name")
    record = register(store, Path(model), name=name)
    console.say(f"{record.name} is whole and registered; serve it with: repoask model serve {record.name}")
    console.write(f"{record.folder}\n")
    return 0


def _tell(planned: "Pull") -> None:
    from ...planning.quantities import bytes_text

    model, licence = planned.model, planned.model.licence
    at = f" ({licence.link})" if licence.link else ""
    gated = f"; gated: it must be accepted at {model.page}" if licence.is_gated else ""
    console.say(f"{model.name} at {model.revision[:12]}; licence: {licence.name or 'none named'}{at}{gated}")
    here = f", {bytes_text(planned.here)} of it here" if planned.here else ""
    console.say(f"{len(planned.files):,} files, {bytes_text(planned.size)}{here}, to {planned.folder}")
