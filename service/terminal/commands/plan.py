"""`repoask plan`: what it takes to serve a model for a repository. Knows no formula: it reads, asks, writes.

Its exit code is 1 where something does not fit.
"""

from typing import TYPE_CHECKING, Any

import click

from ....config import Configuration, load
from ....errors import InputError
from ....values import read_value
from .. import console
from ..amounts import read_count
from ..options import FILE_SETTINGS, given, revision_option, setting_options
from ..progress import TerminalProgress
from ..starting import configured

if TYPE_CHECKING:
    from ...planning.plan import Plan, PlannedPack
    from ...planning.request import Request

__all__ = ["command"]

_DOES_NOT_FIT = 1
_MOST_DOLLARS = 100_000
# `--model` here is what is planned, not the setting that names what answers
_SETTINGS = ("prices", "tokenizer", *FILE_SETTINGS, "index_dir", "cache_size", "offline")


def _dollars(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        found = float(read_value(value, float, above=0))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} {error}; write it as 2.50") from error
    if found > _MOST_DOLLARS:
        raise click.BadParameter(f"{value!r} is over {_MOST_DOLLARS:,} dollars an hour")
    return found


@click.command("plan")
@click.argument("path", required=False, metavar="[PATH-or-URL]")
@click.option("--model", default="scout", metavar="NAME|CONFIG", show_default=True,
              help="scout, maverick, a pulled model, or the path of any model's config.json or folder.")  # fmt: skip
@click.option("--gpus", metavar="8xH100", help="Default: the smallest usual machine that holds it.")
@click.option("--weights", type=click.Choice(["bf16", "fp8", "int4"]), help="Default: the most exact that fits.")
@click.option("--kv", type=click.Choice(["bf16", "fp8"]), help="Default: the most exact that fits.")
@click.option("--no-hybrid", is_flag=True, help="Plan without the hybrid KV cache manager.")
@click.option(
    "--tokens-per-day", type=read_count, metavar="N", help="The volume, as 50M: prompts and answers together."
)
@click.option("--questions-per-day", type=read_count, metavar="N", help="The same in questions.")
@click.option("--gpu-price", callback=_dollars, metavar="DOLLARS", help="Of one GPU for an hour. Default: the table's.")
@click.option("--private", is_flag=True, help="Nothing may leave your machines.")
@click.option("--json", "as_json", is_flag=True, help="The whole plan as JSON.")
@revision_option
@setting_options(*_SETTINGS)
def command(path: str | None, rev: str | None, *, as_json: bool, **options: Any) -> int:
    """Plan what it takes to serve a model for a repository: memory, time, money, and the command.

    PATH is the repository whose pack must fit; without it the longest prompt is planned for. All is computed from the
    model's configuration and the data sheets of GPUs; nothing is measured, and no server is asked. Exit code 1: it
    does not fit.
    """
    if rev is not None and path is None:
        raise InputError("--rev names a revision of a repository; give its PATH")
    request = _request(options, path, rev)
    from ...planning.planner import make_plan

    plan = make_plan(request)
    console.write(plan.line() if as_json else _text(plan))
    return 0 if plan.fits else _DOES_NOT_FIT


def _request(options: dict[str, Any], path: str | None, rev: str | None) -> "Request":
    from ...planning.gpus import read_machine
    from ...planning.precision import KvPrecision, WeightPrecision
    from ...planning.request import Request
    from ...weights.lookup import lookup_model
    from ...weights.store import WeightsStore
    from ..engines import named_prices

    # what is typed is checked before a large repository is counted
    configuration = _configuration(path, {name: options[name] for name in _SETTINGS})
    model = lookup_model(options["model"], WeightsStore(configuration.models))
    machine = read_machine(options["gpus"]) if options["gpus"] is not None else None
    request = Request(
        model=model,
        machine=machine,
        prices=named_prices(configuration),
        weights=WeightPrecision(options["weights"]) if options["weights"] else None,
        kv=KvPrecision(options["kv"]) if options["kv"] else None,
        is_hybrid=not options["no_hybrid"],
        tokens_per_day=options["tokens_per_day"],
        questions_per_day=options["questions_per_day"],
        gpu_price=options["gpu_price"],
        is_private=options["private"],
    )
    request.check()
    if path is None:
        return request
    return request.over(_pack(path, rev, configuration))


def _configuration(path: str | None, flags: dict[str, Any]) -> Configuration:
    """Without a repository there is no project whose settings would count."""
    return load(flags=given(flags)) if path is None else configured(path, flags)


def _pack(path: str, rev: str | None, configuration: Configuration) -> "PlannedPack":
    from ....context.pack.pack_store import PackStore
    from ...planning.pack_size import measure_pack
    from ..engines import guard_connections, named_tokenizer
    from ..opening import Opening

    guard_connections(configuration)
    with TerminalProgress() as progress:
        opening = Opening(path, configuration, progress=progress)
        folder = opening.folder()
        pack = measure_pack(
            opening.snapshot(revision=rev, folder=folder),
            named=path,
            selection=opening.selection,
            tokenizer=named_tokenizer(configuration),
            store=PackStore(folder),
            progress=progress,
        )
        opening.trim()
    return pack


def _text(plan: "Plan") -> str:
    from ..ink import choose_ink
    from ..plan_text import render_plan

    return render_plan(plan, ink=choose_ink(coloured=console.terminal("stdout")))
