"""Remembers what was measured of a model's server, and holds a question to it. Measures nothing."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ...config import Configuration
from ...settings import Settings
from . import console
from .state import State

if TYPE_CHECKING:
    from ..doctor.measurement import Measurement

__all__ = ["last_measured", "measured_refusals", "measured_settings", "remember"]


def remember(measurement: "Measurement", configuration: Configuration) -> None:
    """Keeps a measurement, under the model's name and, where the settings name none, as that of the server."""
    state = State(configuration.folders)
    for model in {measurement.model, configuration.settings.model}:
        state.note_measured(measurement.base_url, model, measurement.line())


def last_measured(configuration: Configuration) -> "Measurement | None":
    """What was last measured of the named server and model; None where nothing was, or nothing that can be read."""
    settings = configuration.settings
    line = State(configuration.folders).measured(settings.base_url, settings.model)
    if not line:
        return None
    from ..doctor.measurement import read_measurement

    return read_measurement(line)


def measured_refusals(configuration: Configuration) -> tuple[str, ...]:
    """What the named server was measured to refuse or to ignore, so that it is not sent; see `EngineInfo.refused`."""
    measured = last_measured(configuration)
    structured = measured.structured if measured else None
    if structured is None or structured.status not in ("refused", "ignored"):
        return ()
    # what holds the schema in Ollama's own protocol, and in OpenAI's
    return ("format",) if measured and measured.base_url.endswith("/api") else ("json_schema",)


def measured_settings(configuration: Configuration) -> Settings:
    """The settings, with evidence and reply held to the context that was measured; says so where that changes them."""
    settings = configuration.settings
    measured = last_measured(configuration)
    if measured is None or measured.context is None:
        return settings
    from ..doctor.budget import Budget, fit_budget

    wanted = Budget(settings.evidence_tokens, settings.max_tokens)
    fitted = fit_budget(wanted, measured)
    if fitted == wanted:
        return settings
    console.say(
        f"{measured.model} was measured on {measured.measured_at[:10]} to read {measured.context.tokens:,} tokens: "
        f"evidence is held to {fitted.evidence_tokens:,} tokens, the answer to {fitted.max_tokens:,}; "
        "`repoask doctor` measures anew"
    )
    return replace(settings, evidence_tokens=fitted.evidence_tokens, max_tokens=fitted.max_tokens)
