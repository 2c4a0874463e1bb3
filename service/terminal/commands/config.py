"""`repoask config`: what is set and by whom, where the file is, and trust in a project's file.

Knows nothing of what a setting does.
"""

from pathlib import Path
from typing import Any

import click

from ....config import PROJECT_FILE, Folders, check_project_file, load, project_file, trust
from ....errors import ConfigError
from ....settings import SETTINGS
from .. import console
from ..clean import clean, clean_line
from ..options import given, readable, setting_options

__all__ = ["command"]


@click.group("config")
def command() -> None:
    """Show the settings and where each comes from; trust a project's file."""


@command.command("show")
@click.argument("path", default=".", metavar="[PATH]")
@setting_options(*SETTINGS)
def _show(path: str, **flags: Any) -> int:
    """Each setting in force for PATH, with the layer that gave it."""
    configuration = load(flags=given(flags), project=project_file(Path(path)))
    for note in configuration.notes:
        console.say(note)
    width = max(map(len, SETTINGS))
    for name in SETTINGS:
        value = clean_line(readable(getattr(configuration.settings, name))) or "-"
        console.write(f"{name:<{width}}  {value:<24}  {clean_line(configuration.origins[name])}\n")
    return 0


@command.command("path")
def _path() -> int:
    """The folders and the file that repoask uses."""
    folders = Folders.default()
    console.write(f"settings  {folders.user_file}\ncache     {folders.cache}\nstate     {folders.state}\n")
    console.write(f"data      {folders.data}\n")
    return 0


@command.command("trust")
@click.argument("path", default=".", metavar="[PATH]")
def _trust(path: str) -> int:
    """Let a project's .repoask.toml count.

    It is trusted as it is now; a change ends the trust.
    """
    file = project_file(Path(path))
    if file is None:
        raise ConfigError(f"{path}: no {PROJECT_FILE} there, nor at the top of its work tree")
    content = check_project_file(file)
    console.write(f"{clean(content.decode('utf-8', 'replace')).rstrip()}\n")
    trust(file, content)
    console.say(f"{file} is trusted as shown; a change ends the trust")
    return 0
