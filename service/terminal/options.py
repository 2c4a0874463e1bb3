"""Turns settings into flags: the same name, type and help as in `Settings`, so that each is written once.

Values are handed on as they were typed; `config.load` checks them, as it checks a file's or a variable's. Knows nothing
of what a setting does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import click

from ...settings import SETTINGS

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
    about = "A commit, tag or branch, instead of the work tree as it lies."
    return click.option("--rev", metavar="REV", help=about)(function)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was typed: the flags of settings that are not left out."""
    return {name: value for name, value in values.items() if name in SETTINGS and value not in (None, ())}


def readable(value: object) -> str:
    """A setting's value as a person writes it; empty for one that is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _option(name: str) -> Callable[[_F], _F]:
    setting = SETTINGS[name]
    flag = "--" + name.replace("_", "-")
    about: dict[str, Any] = {"help": setting.description, "default": None}
    if setting.kind is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", **about)
    if default := readable(setting.default):
        about["help"] = f"{setting.description} [default: {default}]"
    if get_origin(setting.kind) is Literal:
        return click.option(flag, type=click.Choice(get_args(setting.kind)), **about)
    return click.option(flag, metavar=setting.metavar or "TEXT", multiple=get_origin(setting.kind) is tuple, **about)
