"""Turns settings into flags: the same name, type and help as in `Settings`, so that each is written once.

Values are handed on as they were typed; `config.load` checks them, as it checks a file's or a variable's. Knows nothing
of what a setting does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import ByteSize

from ...config import Settings

__all__ = [
    "FILE_SETTINGS",
    "INDEX_SETTINGS",
    "RANKING_SETTINGS",
    "given",
    "readable",
    "revision_option",
    "setting_options",
]

FILE_SETTINGS = ("include", "exclude", "max_file_size", "all_files", "allow_secrets", "submodules")
INDEX_SETTINGS = ("index_dir", "cache_size", "embedder", "offline")
RANKING_SETTINGS = ("ranker", "reranker")

_F = TypeVar("_F", bound=Callable[..., Any])


def setting_options(*names: str) -> Callable[[_F], _F]:
    """Adds a flag for each of these settings, in this order; their values reach the command by the settings' names."""

    def add(function: _F) -> _F:
        for name in reversed(names):
            function = _option(name)(function)
        return function

    return add


def revision_option(function: _F) -> _F:
    """Adds `--rev`."""
    about = "Ask a commit, tag or branch instead of the work tree."
    return click.option("--rev", metavar="REV", help=about)(function)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was typed: the flags of settings that are not left out."""
    return {name: value for name, value in values.items() if name in Settings.model_fields and value not in (None, ())}


def readable(value: object) -> str:
    """A setting's value as a person writes it; empty for one that is not set."""
    if isinstance(value, ByteSize):
        return value.human_readable(decimal=True, separator=" ").replace(".0 ", " ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _option(name: str) -> Callable[[_F], _F]:
    field = Settings.model_fields[name]
    flag = "--" + name.replace("_", "-")
    shown = field.json_schema_extra
    metavar = shown["metavar"] if isinstance(shown, dict) else ""
    about: dict[str, Any] = {"help": field.description, "default": None}
    if field.annotation is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", **about)
    if default := readable(field.default):
        about["help"] = f"{field.description} [default: {default}]"
    if get_origin(field.annotation) is Literal:
        return click.option(flag, type=click.Choice(get_args(field.annotation)), **about)
    return click.option(flag, metavar=metavar or "TEXT", multiple=get_origin(field.annotation) is tuple, **about)
