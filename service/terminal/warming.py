"""Warms a session as its user would ask in it: with its engine, its mode and the settings, but no question."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...config import Configuration
from ...errors import InputError
from ..session.session import Session
from . import console
from .asked_session import open_sessions, session_settings
from .clean import clean_line
from .engines import announcer, guard_connections, named_engine
from .measured import measured_settings
from .opening import Opening
from .progress import TerminalProgress
from .sampling import sampling_of
from .whole import named_salt, named_whole

if TYPE_CHECKING:
    from ..engine.protocol import Engine
    from ..warm import Warmed

__all__ = ["warm"]

# Ten million tokens take over an hour to read, and nothing comes until they are: who warms does not wait for an answer.
_PATIENCE_S = 6 * 3600.0


def warm(name: str, rev: str | None, flags: Mapping[str, Any]) -> int:
    """Warms the session of a name and says on stdout what was cached and what was read.

    Raises:
        InputError: It has no engine, or does not ask with a whole pack.
        EngineError: The server could not answer.
    """
    with open_sessions() as store, TerminalProgress() as progress:
        session = Session.open(store, name)
        configuration = _patient(session_settings(session.record.location, flags, session.record))
        guard_connections(configuration)
        engine = _engine(configuration, session)
        warmed = _warmed(session, rev, configuration, engine, progress)
    if warmed.warning:
        console.say(warmed.warning)
    console.write(f"{clean_line(_line(name, warmed))}\n")
    return 0


def _warmed(
    session: Session, rev: str | None, configuration: Configuration, engine: "Engine", progress: TerminalProgress
) -> "Warmed":
    settings = measured_settings(configuration)
    opening = Opening(session.record.location, configuration, progress=progress)
    session.check_source(opening.source)
    whole = named_whole(configuration, settings, opening, progress=progress)
    if whole is None:
        raise InputError(
            f"the session `{session.name}` asks in mode retrieval, so there is nothing to warm; give --mode full"
        )
    view = opening.view(revision=rev)
    from ..warm import warm_session

    progress("reading the pack", 0, 0)
    warmed = warm_session(
        session,
        view=view,
        engine=engine,
        whole=whole,
        params=sampling_of(settings),
        max_session_tokens=settings.session_tokens,
        salt=named_salt(configuration),
        on_first_use=announcer(configuration, "the whole repository, and earlier answers", replicas=settings.replica),
    )
    if whole.store.has_grown:
        opening.trim()
    return warmed


def _engine(configuration: Configuration, session: Session) -> "Engine":
    engine = named_engine(configuration)
    if engine is None:
        raise InputError(f"the session `{session.name}` has no model's server; name one with --base-url")
    return engine


def _patient(configuration: Configuration) -> Configuration:
    if configuration.origins["timeout_s"] != "default":
        return configuration
    return replace(configuration, settings=replace(configuration.settings, timeout_s=_PATIENCE_S))


def _line(name: str, warmed: "Warmed") -> str:
    usage = warmed.usage
    parts = [f"{name}: {warmed.prompt_tokens:,} tokens"]
    if usage is not None:
        restored = f", {usage.restored_tokens:,} of them read back" if usage.restored_tokens else ""
        parts[0] += f", {usage.cached_tokens:,} cached{restored}, {usage.prompt_tokens - usage.cached_tokens:,} read"
    parts += [f"{warmed.kept_tokens:,} of the pack as before"] if warmed.kept_tokens else []
    parts += [warmed.why, f"{warmed.seconds:.2f} s"]
    return " · ".join(parts)
