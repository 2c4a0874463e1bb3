"""The settings and environment that every git process gets, so that nothing a repository names is ever run.

Knows nothing of processes or commands.
"""

import os
from pathlib import Path

from platformdirs.unix import Unix

__all__ = [
    "FETCH_ENVIRONMENT",
    "FETCH_OVERRIDES",
    "NEUTRAL_ENVIRONMENT",
    "OVERRIDES",
    "SEALED_ENVIRONMENT",
    "user_folder",
    "user_settings_files",
]

# Overrides whatever the repository's own config says. Each is either a program or a way to reach one. The commands used
# here would run core.fsmonitor alone, as trying each showed; the others guard the next git and the next command.
OVERRIDES: tuple[str, ...] = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.untrackedCache=false",
    f"core.attributesFile={os.devnull}",
    "core.alternateRefsCommand=",
    "core.pager=cat",
    "core.longPaths=true",  # Windows keeps this in the system settings, which are not read
    "core.sshCommand=false",
    "core.askPass=",
    "core.gitProxy=",
    "credential.helper=",
    "diff.external=",
    "log.showSignature=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "safe.directory=*",
)
FETCH_OVERRIDES: tuple[str, ...] = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "protocol.file.allow=always",
)

# GitPython hands the caller's environment on and can only add to it, so each variable that would change what git reads
# (those of `git rev-parse --local-env-vars`, and the pathspec and trace ones) is given a value that says nothing.
NEUTRAL_ENVIRONMENT: dict[str, str] = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
    "GIT_ICASE_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NAMESPACE": "",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ADVICE": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_TRACE": "0",
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
    "LC_ALL": "C",
}
SEALED_ENVIRONMENT: dict[str, str] = {
    **NEUTRAL_ENVIRONMENT,
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_EXTERNAL_DIFF": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
    "SSH_ASKPASS": "",
}
# The user named the URL, so the user's own settings count (proxy, credential helper, insteadOf), those that a CI job
# hands in by GIT_CONFIG_COUNT too; the clone has none.
FETCH_ENVIRONMENT: dict[str, str] = {**NEUTRAL_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}


def user_folder() -> Path:
    """Where git looks for what is the user's own: under XDG_CONFIG_HOME, else ~/.config, on every system."""
    return Unix("git", appauthor=False).user_config_path


def user_settings_files() -> list[str]:
    """The files in which git looks for the user's own settings.

    The caller's environment decides that for git, which it is handed on to; so it is read here as well.
    """
    named = os.environ.get("GIT_CONFIG_GLOBAL", "")
    # expanduser, unlike Path.home, never fails
    return [os.path.expanduser("~/.gitconfig"), f"{user_folder()}/config", named]  # noqa: PTH111
