"""The only reader of the environment and of settings files.

Layers, the stronger first: flags, `REPOASK_*` variables, the project's `.repoask.toml` (once it is trusted), the
user's file. One name everywhere: the setting `max_file_size` is the flag `--max-file-size`, the variable
`REPOASK_MAX_FILE_SIZE` and the TOML key `max_file_size`. A project's file comes from the repository, which is not
trusted: it counts only while its path and its bytes are those that the user has seen and trusted.

Knows nothing of commands or of what a setting does; whoever needs one is handed its value.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from .errors import ConfigError
from .settings import KEY_VARIABLE, SETTINGS, Settings, checked_value, without_credentials

__all__ = [
    "PROJECT_FILE",
    "Configuration",
    "Folders",
    "check_project_file",
    "environment_for",
    "is_trusted",
    "load",
    "project_file",
    "read_state",
    "trust",
    "write_state",
]

PROJECT_FILE = ".repoask.toml"
_ENV = "REPOASK_"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where repoask keeps its own files: `user_file` is read; `cache` may be deleted; `state` remembers and logs.

    `data` is what the user made and nothing can make again, and what took hours to fetch: models.
    """

    user_file: Path
    cache: Path
    state: Path
    data: Path

    @classmethod
    def default(cls) -> "Folders":
        """The platform's folders (on Linux the XDG variables move them)."""
        return cls(
            user_file=platformdirs.user_config_path("repoask", appauthor=False) / "config.toml",
            cache=platformdirs.user_cache_path("repoask", appauthor=False),
            state=platformdirs.user_state_path("repoask", appauthor=False),
            data=platformdirs.user_data_path("repoask", appauthor=False),
        )


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force.

    Attributes:
        settings: Checked values.
        origins: For each setting the layer that gave it: "default", a file's path, a variable, or a flag.
        notes: One line for each thing that was ignored: an untrusted project file, a misspelt variable.
        folders: Where repoask keeps its own files.
        api_key: The key of the model's server; selects nothing by itself and is never shown.
    """

    settings: Settings
    origins: Mapping[str, str]
    notes: tuple[str, ...]
    folders: Folders
    api_key: str | None = field(default=None, repr=False)

    @property
    def cache(self) -> Path:
        """Where indexes and clones are kept."""
        return self.settings.index_dir or self.folders.cache

    @property
    def models(self) -> Path:
        """Where pulled models are kept: never in the cache, which is trimmed."""
        return self.settings.models_dir or self.folders.data / "models"

    @property
    def kv(self) -> Path:
        """Where servers that repoask starts keep KV of prompts, unless they are told otherwise."""
        return self.folders.cache / "kv"

    @property
    def servers(self) -> Path:
        """Where such servers run, and write their logs."""
        return self.folders.state / "vllm"


@dataclass(frozen=True, slots=True)
class _Layer:
    """The values that one place gives, and for each what to call its origin."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


def load(
    *,
    flags: Mapping[str, Any] | None = None,
    project: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folders: Folders | None = None,
) -> Configuration:
    """Lays the layers over one another and checks the result.

    Args:
        flags: Values given on the command line, by setting; only those that were given.
        project: The project's settings file, as `project_file` finds it; None where there is none.
        environ: The environment; the process's own unless given.
        folders: repoask's own folders; the platform's unless given.

    Raises:
        ConfigError: A file that is no TOML, an unknown setting, a value of the wrong kind.
    """
    environ = os.environ if environ is None else environ
    folders = folders or Folders.default()
    variables, notes = _from_environment(environ)
    layers = [_from_file(folders.user_file)]
    if project is not None:
        trusted, note = _from_project(project, folders)
        layers.append(trusted)
        notes += note
    layers += [variables, _from_flags(flags or {})]

    values: dict[str, Any] = {}
    origins = dict.fromkeys(SETTINGS, "default")
    for layer in layers:
        values.update(layer.values)
        origins.update(layer.origins)
    settings = _check(values, origins)
    key = environ.get(settings.api_key_env or KEY_VARIABLE) or None
    if settings.api_key_env and key is None:
        raise ConfigError(f"api_key_env names {settings.api_key_env}, and no such variable is set; export it")
    return Configuration(settings, origins, notes, folders, key)


def environment_for(**added: str) -> dict[str, str]:
    """The environment of a program that repoask starts: its own without repoask's variables, the key among them."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_ENV)} | added


def project_file(path: Path) -> Path | None:
    """The settings file of the project that holds `path`: at the top of its work tree, or in the folder itself."""
    path = path.absolute()
    # os.path: a folder that may not be read has none, and whoever opens it says why it cannot be
    top = next((folder for folder in (path, *path.parents) if os.path.exists(folder / ".git")), path)  # noqa: PTH110
    file = top / PROJECT_FILE
    return file if os.path.isfile(file) else None  # noqa: PTH113


def check_project_file(file: Path) -> bytes:
    """The content of a project's settings file, which may be shown and trusted.

    Raises:
        ConfigError: It is a link that leads out of the project, it cannot be read, or its settings are wrong.
    """
    content = None if _leads_out(file) else _read(file)
    if content is None:
        raise ConfigError(f"{file}: a link that leads out of the project, or gone; put a file there")
    layer = _from_toml(file, content)
    _check(layer.values, layer.origins)
    return content


def trust(file: Path, content: bytes, *, folders: Folders | None = None) -> None:
    """Trusts a project's settings file with exactly this content."""
    state = (folders or Folders.default()).state / "trusted.json"
    write_state(state, read_state(state) | {str(file.resolve()): _digest(content)})


def is_trusted(file: Path, content: bytes, *, folders: Folders | None = None) -> bool:
    """True when the user has trusted this file with exactly this content."""
    state = (folders or Folders.default()).state / "trusted.json"
    return read_state(state).get(str(file.resolve())) == _digest(content)


def read_state(file: Path) -> dict[str, str]:
    """A small table that repoask remembers; empty when there is none or it cannot be read."""
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in table.items()} if isinstance(table, dict) else {}


def write_state(file: Path, table: Mapping[str, str]) -> None:
    """Replaces a table at once, readable by the user alone."""
    import tempfile  # reading a table is part of every question, writing one is not

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(dict(table), stream, indent=1, sort_keys=True)
    Path(name).replace(file)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _from_flags(flags: Mapping[str, Any]) -> _Layer:
    return _Layer(flags, {name: "--" + name.replace("_", "-") for name in flags})


def _from_environment(environ: Mapping[str, str]) -> tuple[_Layer, tuple[str, ...]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    notes: list[str] = []
    for variable in sorted(environ):
        name = variable.removeprefix(_ENV).lower()
        if name in SETTINGS and variable == _ENV + name.upper():
            is_list = SETTINGS[name].kind == tuple[str, ...]
            values[name] = _split(environ[variable]) if is_list else environ[variable]
            origins[name] = variable
        elif variable.startswith(_ENV) and variable != KEY_VARIABLE:
            near = _near(name)
            notes.append(f"{variable} is no setting" + (f"; did you mean {_ENV}{near.upper()}?" if near else ""))
    return _Layer(values, origins), tuple(notes)


def _near(name: str) -> str:
    """The setting that a misspelt name may mean, or ""."""
    from difflib import get_close_matches  # 3 ms, and only the misspelt need it

    return next(iter(get_close_matches(name, SETTINGS, n=1)), "")


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _from_project(file: Path, folders: Folders) -> tuple[_Layer, tuple[str, ...]]:
    if _leads_out(file):
        return _Layer({}, {}), (f"{file} is ignored: it is a link that leads out of the project",)
    content = _read(file)
    if content is None:
        return _Layer({}, {}), ()
    if not is_trusted(file, content, folders=folders):
        known = str(file.resolve()) in read_state(folders.state / "trusted.json")
        why = "has changed since it was trusted and is ignored" if known else "is ignored"
        return _Layer({}, {}), (f"{file} {why}; read it, then run: repoask config trust {file.parent}",)
    return _from_toml(file, content), ()


def _leads_out(file: Path) -> bool:
    return not file.resolve().is_relative_to(file.parent.resolve())


def _from_file(file: Path) -> _Layer:
    content = _read(file)
    return _Layer({}, {}) if content is None else _from_toml(file, content)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); change its permissions or move it") from error


def _from_toml(file: Path, content: bytes) -> _Layer:
    import tomllib  # most have no settings file

    try:
        # utf-8-sig: Windows editors put a byte order mark first
        values = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    for name in values:
        if name in ("api_key", "key", "token"):
            raise ConfigError(f"{file}: `{name}`: a key is not kept in a file; set {KEY_VARIABLE} or `api_key_env`")
        if name not in SETTINGS:
            near = _near(name)
            hint = f"did you mean `{near}`?" if near else "`repoask config show` lists all"
            raise ConfigError(f"{file}: `{name}` is no setting; {hint}")
    return _Layer(values, dict.fromkeys(values, str(file)))


def _check(values: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    checked: dict[str, Any] = {}
    for name, value in values.items():
        try:
            checked[name] = checked_value(name, value)
        except ValueError as error:
            raise ConfigError(f"{origins[name]}: `{name}` = {without_credentials(repr(value))}: {error}") from error
    return Settings(**checked)
