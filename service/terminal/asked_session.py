"""The session that a question is asked in: found or begun, its engine laid under the flags, the answer kept.

Imported only where a session is named. Knows nothing of how a question is answered.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...config import Configuration, Folders, load, project_file
from ...context.endpoint import read_endpoint
from ...errors import InputError, SessionError
from ...ingest.sources import is_url, open_source
from ...ingest.types import Source
from ..answer import Answer
from ..session.session import Session, check_name, source_id, url_id
from ..session.store import EngineChoice, SessionRecord, SessionStore
from . import console
from .opening import catalog_of
from .options import given
from .starting import configured

__all__ = [
    "AskedSession",
    "engine_of",
    "id_of",
    "mode_of",
    "open_session",
    "open_sessions",
    "session_settings",
    "sessions_file",
]

_FILE = "sessions.sqlite3"


def open_sessions() -> SessionStore:
    """The user's sessions. They lie with the data, not in the cache: nothing can make them again.

    Raises:
        SessionError: They cannot be opened.
    """
    return SessionStore(sessions_file())


def sessions_file() -> Path:
    """Where they lie."""
    return Folders.default().data / _FILE


def engine_of(configuration: Configuration) -> EngineChoice:
    """What a session is bound to once it was asked with these settings."""
    settings = configuration.settings
    if not settings.base_url:
        return EngineChoice()
    return EngineChoice(settings.base_url, settings.model, settings.api_key_env, settings.replica)


def mode_of(configuration: Configuration) -> str:
    """The mode that a session is bound to with these settings: one that was chosen, wherever; "" for the default."""
    return configuration.settings.mode if configuration.origins["mode"] != "default" else ""


@dataclass(slots=True)
class AskedSession:
    """A session that is about to be asked.

    Attributes:
        name: Of the session, which need not exist yet.
        source: What to open: what was named, or else what the session is about.
        configuration: The settings, with the session's engine unless flags name another.
        store: Where it is kept.
        session: Once it was entered.
    """

    name: str
    source: str
    configuration: Configuration
    store: SessionStore
    session: Session | None = None

    def enter(self, source: Source) -> Session:
        """The session, begun where there is none of its name.

        Raises:
            SessionError: It is about another source.
        """
        if self.store.find(self.name):
            session = Session.open(self.store, self.name)
            session.check_source(source)
        else:
            # at once: a first question that fails is asked again by --continue alone
            engine, mode = engine_of(self.configuration), mode_of(self.configuration)
            session = Session.create(self.store, self.name, source, engine=engine, mode=mode)
            console.say(f"the session `{self.name}` begins")
        self.session = session
        return session

    def keep(self, answer: Answer) -> None:
        """Adds the answer to the session.

        Raises:
            SessionError: It cannot be kept.
        """
        assert self.session is not None, "a session is entered before it is asked"
        self.session.keep(answer, engine=engine_of(self.configuration), mode=mode_of(self.configuration))


@contextmanager
def open_session(
    name: str | None, source: str | None, flags: Mapping[str, Any], *, last: bool
) -> Iterator[AskedSession]:
    """The session of a name, or the last one of the source.

    Args:
        name: Of a session; None for the last one.
        source: The path or URL that was named; None where none was.
        flags: The command's.
        last: Whether the last one is meant.

    Raises:
        InputError: Both were asked for.
        SessionError: There is none yet, or it cannot be opened.
    """
    if name is not None and last:
        raise InputError("--session names a session and --continue takes the last one; give one of them")
    with open_sessions() as store:
        record = store.find(check_name(name)) if name is not None else _last(store, source or ".", flags)
        asked = source or (record.location if record else ".")
        configuration = session_settings(asked, flags, record)
        yield AskedSession(record.name if record else str(name), asked, configuration, store)


def id_of(source: str, flags: Mapping[str, Any]) -> str:
    """What the sessions of a path or URL are bound to; nothing is fetched to tell."""
    if is_url(source):
        return url_id(source)
    configuration = load(flags=given(flags), project=project_file(Path(source)))
    return source_id(open_source(source, clones=catalog_of(configuration).clones))


def _last(store: SessionStore, source: str, flags: Mapping[str, Any]) -> SessionRecord:
    record = store.latest(id_of(source, flags))
    if record is None:
        raise SessionError(f"{source}: no session of it yet; begin one with --session NAME")
    return record


def session_settings(source: str, flags: Mapping[str, Any], record: SessionRecord | None) -> Configuration:
    """The settings with what a session is bound to beneath the flags; an engine that is named anew replaces all of it.

    Args:
        source: What is asked.
        flags: The command's.
        record: The session; None for one that is about to begin.
    """
    typed = given(flags)
    own = configured(source, typed)
    engine = record.engine if record else EngineChoice()
    bound: dict[str, Any] = {"mode": record.mode} if record and record.mode else {}
    names_engine = not engine.base_url or "base_url" in typed
    if not names_engine:
        # one that had no further servers is not given those that are set up now
        bound |= {name: value for name, value in asdict(engine).items() if value or name == "replica"}
    if not bound:
        return own
    configuration = load(flags=bound | typed, project=None if is_url(source) else project_file(Path(source)))
    return configuration if names_engine else _with_own_key(configuration, own, engine, typed)


def _with_own_key(
    bound: Configuration, own: Configuration, engine: EngineChoice, typed: Mapping[str, Any]
) -> Configuration:
    """The usual key goes with the server that is set up now, which need not be the session's."""
    if "api_key_env" in typed or engine.api_key_env or not own.settings.base_url:
        return bound
    hosts = [read_endpoint(url, setting="--base-url") for url in (own.settings.base_url, engine.base_url)]
    same = (hosts[0].host, hosts[0].port) == (hosts[1].host, hosts[1].port)
    return bound if same else replace(bound, api_key=None)
