"""`repoask source`: what repoask keeps of repositories. Never touches a local repository itself."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ....config import Configuration, load
from ....context.index.catalog import Catalog, CatalogEntry
from ....errors import InputError
from ....ingest.clones import without_credentials
from ....ingest.sources import is_url, open_source, update_clone
from ....ingest.types import Snapshot
from .. import console
from ..clean import clean_line
from ..engines import guard_connections
from ..opening import Opening, catalog_of
from ..options import given, setting_options
from ..progress import TerminalProgress
from ..starting import configured
from ..state import State

__all__ = ["command"]


@click.group("source")
def command() -> None:
    """List, inspect, update and remove what repoask keeps of repositories."""


@command.command("list")
@setting_options("index_dir")
def _list(**flags: Any) -> int:
    """Every source that has an index or a clone, the last used first."""
    for entry in catalog_of(load(flags=given(flags))).entries():
        console.write(f"{_size(entry.num_bytes):>9}  {_when(entry)}  {clean_line(entry.location)}\n")
    return 0


@command.command("status")
@click.argument("source", default=".", metavar="[PATH-or-URL]")
@setting_options("index_dir")
def _status(source: str, **flags: Any) -> int:
    """What a source is, which state it is in, and what is kept of it."""
    configuration = configured(source, flags)
    entry = _find(source, catalog_of(configuration))
    if is_url(source) and entry is None:
        console.write("kept    nothing\n")
        return 1
    with TerminalProgress() as progress:
        opening = Opening(source, configuration, progress=progress)
        _tell(opening.snapshot(folder=entry.folder if entry else None))
    if entry is None:
        console.write("kept    nothing\n")
        return 1
    console.write(f"kept    {_size(entry.num_bytes)}, last used {_when(entry)}\n")
    console.write(f"index   {entry.folder}\n")
    if entry.clone:
        console.write(f"clone   {entry.clone}\n")
    return 0


@command.command("update")
@click.argument("source", default=".", metavar="[PATH-or-URL]")
@setting_options("index_dir", "offline")
def _update(source: str, **flags: Any) -> int:
    """Fetch what is new into the clone of a URL, and index what changed."""
    configuration = configured(source, flags)
    guard_connections(configuration)
    with TerminalProgress() as progress:
        opening = Opening(source, configuration, progress=progress)
        if opening.source.url is not None:
            update_clone(opening.source, offline=configuration.settings.offline, progress=progress)
        view = opening.view()
    _tell(view.snapshot)
    console.write(f"index   {view.report.files:,} files indexed, {view.report.files_read:,} of them read in this run\n")
    return 0


@command.command("rm")
@click.argument("sources", nargs=-1, metavar="[PATH-or-URL]...")
@click.option("--all", "everything", is_flag=True, help="Remove what is kept of all sources.")
@setting_options("index_dir")
def _remove(sources: tuple[str, ...], *, everything: bool, **flags: Any) -> int:
    """Remove the index and the clone of sources.

    A local repository itself is never touched. With --all also what is remembered of them: trusted settings files,
    endpoints that were used, measurements, crash logs. What stays is said: sessions, pulled models, and what `repoask
    model serve` keeps, KV of prompts and the logs of servers.
    """
    if everything == bool(sources):
        raise InputError("name the sources to remove, or --all for every one; `repoask source list` shows them")
    configuration = load(flags=given(flags))
    catalog = catalog_of(configuration)
    if everything:
        entries = catalog.entries()
        catalog.remove_all()
        kept = [_amount(entries)] if entries else []
        console.say(f"removed {', '.join(kept + State(configuration.folders).forget()) or 'nothing; nothing was kept'}")
        if stays := _staying(configuration):
            console.say(f"not removed: {'; '.join(stays)}")
        return 0
    found = {source: _find(source, catalog) for source in sources}
    for source, entry in found.items():
        if entry is None:
            console.say(f"{source}: nothing is kept of it")
        else:
            catalog.remove(entry)
            console.say(f"{entry.location}: removed {_size(entry.num_bytes)}")
    return 0 if all(found.values()) else 1


def _staying(configuration: Configuration) -> list[str]:
    """What --all leaves: what the user made or fetched, and what a running server may be using."""
    from ..asked_session import sessions_file

    left = [
        (sessions_file(), "sessions (`repoask session rm --all`)"),
        (configuration.models, "pulled models (`repoask model rm NAME`)"),
        (configuration.kv, f"KV of prompts in {configuration.kv}"),
        (configuration.servers, f"logs of servers in {configuration.servers}"),
    ]
    return [what for place, what in left if place.is_file() or (place.is_dir() and any(place.iterdir()))]


def _find(source: str, catalog: Catalog) -> CatalogEntry | None:
    """What is kept of a source, by its URL, its path, a folder inside it, or the path of one that is gone."""
    if is_url(source):
        return catalog.find(without_credentials(source))
    if entry := catalog.find(source):
        return entry
    if not Path(source).exists():
        return None
    return catalog.find(open_source(source, clones=catalog.clones).identity)


def _tell(snapshot: Snapshot) -> None:
    source = snapshot.source
    console.write(f"source  {clean_line(source.url or str(source.root))} ({source.kind.value})\n")
    changed = f" + {len(snapshot.dirty):,} changed files" if snapshot.dirty else ""
    console.write(f"commit  {snapshot.commit or 'none'}{changed}\n")
    console.write(f"files   {len(snapshot.entries):,}, {len(snapshot.omissions):,} left out by name or size\n")


def _amount(entries: list[CatalogEntry]) -> str:
    size = _size(sum(entry.num_bytes for entry in entries))
    return f"{len(entries):,} source{'s' * (len(entries) > 1)} ({size})"


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:,.1f} MB"


def _when(entry: CatalogEntry) -> str:
    return datetime.fromtimestamp(entry.last_used).astimezone().strftime("%Y-%m-%d %H:%M")
