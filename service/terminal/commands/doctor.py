"""`repoask doctor`: measures the server that is named, or looks for one on this machine. Knows no measure itself."""

import secrets
import shlex
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from ....config import Configuration
from ....errors import EngineUnreachableError, OfflineError
from ....servers import short_name
from .. import console
from ..amounts import read_count
from ..clean import clean_line
from ..options import setting_options
from ..progress import TerminalProgress
from ..starting import configured

if TYPE_CHECKING:
    from ...doctor.measurement import Measurement

__all__ = ["command"]

_NONE_FOUND = 1
_LOOK_S = 1.0
_SHOWN_MODELS = 8
# twice the longest until it is reached, as much between two lengths, each read anew if need be, and one for the cache
_MOST_SENT = 8
_BYTES_PER_TOKEN = 6.3


@click.command("doctor")
@click.option("--max-tokens", type=read_count, default="32k", metavar="N", show_default=True,
              help="The longest prompt that is sent; all together are three times as many, eight at most.")  # fmt: skip
@click.option("--max-seconds", type=read_count, default="180", metavar="S", show_default=True,
              help="For all of it; what is left out is told.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The measurement as JSON.")
@setting_options("model", "base_url", "api_key_env", "offline")
def command(max_tokens: int, max_seconds: int, *, as_json: bool, **flags: Any) -> int:
    """Measure a model's server instead of believing it.

    How long a prompt it reads whole, whether it keeps a prompt for the next question, whether a JSON schema constrains
    it, whether it streams, how fast it is, and whether what it writes is text. It is sent text that is made up, nothing
    of a repository. What was measured is remembered, and later questions are held to it.

    Without --base-url, and with none in the settings: which servers run on this machine. Exit code 1: none does.
    """
    configuration = configured(".", flags)
    from ..engines import guard_connections, named_engine

    guard_connections(configuration)
    if named_engine(configuration) is None:
        return _look(configuration)
    measurement = _measure(configuration, max_tokens, max_seconds)
    from ..measured import remember

    remember(measurement, configuration)
    if as_json:
        console.write(measurement.line())
    else:
        from ..doctor_text import render_measurement
        from ..ink import choose_ink

        console.write(render_measurement(measurement, ink=choose_ink(coloured=console.terminal("stdout"))))
    return 0


def _measure(configuration: Configuration, max_tokens: int, max_seconds: int) -> "Measurement":
    from ...doctor.examination import examine
    from ..engines import announcer, engine_at

    settings = configuration.settings
    # its own patience is longer, so that what ends a try is the time for all of it
    engine = engine_at(settings.base_url, settings.model, api_key=configuration.api_key, timeout_s=2.0 * max_seconds)
    num_bytes = int(_MOST_SENT * max_tokens * _BYTES_PER_TOKEN)
    announce = announcer(configuration, "at most, of text that is made up to measure it")
    with (
        nullcontext() if engine.info.loopback else announce(engine.info.base_url, num_bytes),
        TerminalProgress() as progress,
    ):
        try:
            return examine(
                engine,
                max_tokens=max_tokens,
                max_seconds=max_seconds,
                seed=secrets.randbelow(10**9),
                on_step=lambda step: progress(step, 0, 0),
            )
        except TimeoutError as error:
            raise EngineUnreachableError(
                f"{engine.info.base_url}: no reply to a first question within {max_seconds:,} s; "
                "raise --max-seconds, or look at its log"
            ) from error


def _look(configuration: Configuration) -> int:
    """Tells which servers run on this machine and how to measure them; asks for their lists of models alone."""
    if configuration.settings.offline:
        raise OfflineError("--offline refuses to look for servers; name one with --base-url")
    from ...engine.discovery import USUAL_PORTS, find_servers

    found = find_servers(timeout_s=_LOOK_S)
    for server in found:
        models = ", ".join(server.models[:_SHOWN_MODELS]) + ", ..." * (len(server.models) > _SHOWN_MODELS)
        name = short_name(server.base_url)
        console.write(f"{server.name} at {server.base_url}: {clean_line(models)}\n")
        console.write(f"  repoask doctor --base-url {name} --model {shlex.quote(clean_line(server.models[0]))}\n")
    if found:
        return 0
    ports = ", ".join(f"{name} ({port})" for name, port in USUAL_PORTS)
    console.say(f"no model's server runs on this machine at its usual port: {ports}; name one with --base-url")
    return _NONE_FOUND
