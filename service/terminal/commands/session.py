"""`repoask session`: questions that belong together, begun, warmed, listed, shown, forked, exported and removed.

Asking in one is `repoask ask --session NAME`. Knows nothing of how sessions are kept.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from ....config import load, project_file
from ....context.relocation import Relocator
from ....errors import InputError, OfflineError, RepoaskError
from ....ingest.snapshot import take_snapshot
from ....ingest.sources import is_url, open_source
from ....ingest.types import Selection, Source
from ...session.document import SessionDocument, make_document
from ...session.repair import repair_sessions
from ...session.session import Session
from .. import console
from ..asked_session import engine_of, id_of, mode_of, open_sessions, sessions_file
from ..engines import named_engine
from ..ink import choose_ink
from ..opening import catalog_of
from ..options import FILE_SETTINGS, INDEX_SETTINGS, given, revision_option, setting_options
from ..phrases import count_of
from ..session_text import render_document, render_list, render_session
from ..starting import configured

__all__ = ["command"]

# whatever could be cited by any settings: nothing is shown of it but its place
_ANYTHING = Selection(all_files=True, allow_secrets=True, submodules=True)


@click.group("session")
def command() -> None:
    """Keep questions that belong together: begin, warm, list, show, fork, export and remove sessions."""


@command.command("new")
@click.argument("name", metavar="NAME")
@click.argument("source", default=".", metavar="[PATH-or-URL]")
@setting_options("mode", "model", "base_url", "replica", "api_key_env", "index_dir", "offline")
def _new(name: str, source: str, **flags: Any) -> int:
    """Begin a session about a source.

    `repoask ask --session NAME` asks in it, and begins one that is not there yet, too.
    """
    configuration = configured(source, flags)
    named_engine(configuration)  # refuses a model without a server
    opened = _open(source, **flags)
    with open_sessions() as store:
        Session.create(store, name, opened, engine=engine_of(configuration), mode=mode_of(configuration))
    console.say(f"the session `{name}` begins")
    return 0


@command.command("warm")
@click.argument("name", metavar="NAME")
@revision_option
@setting_options(
    *("mode", "model", "base_url", "replica", "api_key_env", "seed", "temperature", "max_tokens"),
    *("full_tokens", "evidence_tokens", "session_tokens", "tokenizer", "tenant", "timeout_s"),
    *FILE_SETTINGS,
    *INDEX_SETTINGS,
)
def _warm(name: str, rev: str | None, **flags: Any) -> int:
    """Have the model's server read a session's pack ahead of a question.

    The pack is brought to the source as it lies, or to REV; no turn is kept. Run it after a restart of the server, and
    on every push, from a hook or CI, with the flags that questions are asked with.
    """
    from ..warming import warm

    return warm(name, rev, flags)


@command.command("list")
@click.argument("source", required=False, metavar="[PATH-or-URL]")
@setting_options("index_dir")
def _list(source: str | None, **flags: Any) -> int:
    """All sessions, or those of a source, the last used first."""
    about = id_of(source, flags) if source is not None else None
    with open_sessions() as store:
        records = [record for record in store.records() if about in (None, record.source)]
    if not records:
        console.say('no session yet; begin one with: repoask ask PATH "question" --session NAME')
        return 1
    console.write(render_list(records))
    return 0


@command.command("show")
@click.argument("name", metavar="NAME")
@setting_options("index_dir")
def _show(name: str, **flags: Any) -> int:
    """Show a session, its citations checked anew.

    They are held against the source as it lies now. One whose lines moved or changed since is stale, and its new place
    is named where it was found.
    """
    ink = choose_ink(coloured=console.terminal("stdout"))
    console.write(render_session(_document(name, flags), ink=ink))
    return 0


@command.command("fork")
@click.argument("name", metavar="NAME")
@click.argument("new", metavar="NEW-NAME")
@click.argument("source", required=False, metavar="[PATH-or-URL]")
@click.option("--at", type=click.IntRange(min=0), metavar="N", help="Go on from turn N instead of the last one.")
@setting_options("index_dir", "offline")
def _fork(name: str, new: str, source: str | None, at: int | None, **flags: Any) -> int:
    """Begin a session that goes on from another one.

    That one stays as it is. With PATH it is about that source: where the repository lies now, if it was moved.
    """
    with open_sessions() as store:
        opened = _open(source, **flags) if source is not None else None
        forked = Session.open(store, name).fork(new, at=at, source=opened)
    console.say(f"the session `{new}` begins with {count_of(forked.record.num_turns, 'turn')} of `{name}`")
    return 0


@command.command("export")
@click.argument("name", metavar="NAME")
@click.option(
    *("--format", "form"), type=click.Choice(["markdown", "json"]), default="markdown", show_default=True,
    help="What is written to stdout.",
)  # fmt: skip
@setting_options("index_dir")
def _export(name: str, form: Literal["markdown", "json"], **flags: Any) -> int:
    """Write a session to stdout as Markdown or JSON.

    Its citations are checked as by `show`.
    """
    console.write(render_document(_document(name, flags), form))
    return 0


@command.command("rm")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Remove all sessions.")
def _remove(names: tuple[str, ...], *, everything: bool) -> int:
    """Remove sessions. Turns that another one shares stay with it."""
    if everything == bool(names):
        raise InputError("name the sessions to remove, or --all for every one; `repoask session list` shows them")
    with open_sessions() as store:
        records = store.records() if everything else [Session.open(store, name).record for name in dict.fromkeys(names)]
        store.remove([record.name for record in records])
    console.say(f"removed {count_of(len(records), 'session')}")
    return 0


@command.command("repair")
def _repair() -> int:
    """Keep what can be read of a damaged file of sessions.

    It goes into a new file, and the damaged one is set aside. One that is sound is left alone. Nothing is deleted.
    """
    repaired = repair_sessions(sessions_file())
    if repaired is None:
        console.say(f"{sessions_file()}: sound; nothing to repair")
        return 0
    for name, num_turns in repaired.kept.items():
        console.write(f"kept  {name}  {count_of(num_turns, 'turn')}\n")
    for name in repaired.lost:
        console.write(f"lost  {name}\n")
    if not repaired.kept:
        console.say("no session could be read of it")
    console.say(f"the damaged file is kept as {repaired.aside}")
    return 0 if repaired.kept and not repaired.lost else 1


def _document(name: str, flags: dict[str, Any]) -> SessionDocument:
    """The session, its citations checked where its source can be read without fetching anything."""
    with open_sessions() as store:
        session = Session.open(store, name)
        try:
            source = replace(_open(session.record.location, offline=True, **flags), prefix="")
            session.check_source(source)
            relocator = Relocator(take_snapshot(source, selection=_ANYTHING))
        except OfflineError:
            return make_document(session, None, why_unchecked="its clone is gone; ask it again to have it cloned")
        except RepoaskError as error:
            return make_document(session, None, why_unchecked=str(error))
        return make_document(session, relocator)


def _open(source: str, *, offline: bool | None = None, **flags: Any) -> Source:
    project = None if is_url(source) else project_file(Path(source))
    configuration = load(flags=given({"offline": offline, **flags}), project=project)
    return open_source(source, clones=catalog_of(configuration).clones, offline=configuration.settings.offline)
