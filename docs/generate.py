"""Writes the pages of docs/ that are made from the code. Run it as: python docs/generate.py [FOLDER].

Each page comes from what it documents (settings, commands, the answer's models), so none can say what is not so;
tests/test_docs.py fails when one is out of date.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter
from repoask import cli
from repoask.service import answer, search_reply
from repoask.service.doctor import measurement
from repoask.service.planning import plan
from repoask.service.session import document
from repoask.service.terminal.commands import COMMANDS, PLANNED
from repoask.service.terminal.options import readable
from repoask.settings import SETTINGS, Setting

__all__ = ["PAGES", "main"]

_NOTICE = "<!-- Made by docs/generate.py; change the code, then run it again. -->\n"


def configuration() -> str:
    """Every setting: its flag, variable, default and meaning."""
    lines = [_NOTICE, "# Settings", "", *_configuration_intro()]
    for group in dict.fromkeys(setting.group for setting in SETTINGS.values()):
        lines += ["", f"## {group}", "", "| setting | flag | variable | default | meaning |", "|---|---|---|---|---|"]
        lines += [_setting_row(setting) for setting in SETTINGS.values() if setting.group == group]
    return "\n".join(lines) + "\n"


def _configuration_intro() -> Iterator[str]:
    yield "A setting has one name everywhere: the TOML key `max_file_size` is the flag `--max-file-size` and the"
    yield "variable `REPOASK_MAX_FILE_SIZE`. The stronger layer wins, whole lists included:"
    yield ""
    yield "1. flags"
    yield "2. `REPOASK_*` variables (lists are separated by commas)"
    yield "3. `.repoask.toml` at the top of the project, once `repoask config trust` has been run for it as it is now"
    yield "4. the user's file (`repoask config path` says where)"
    yield ""
    yield "`repoask config show [PATH]` prints each value with the layer that gave it. Sizes are written `50 MB` or in"
    yield "bytes. The key of a model's server stands in `REPOASK_API_KEY`, or in the variable that `api_key_env` names;"
    yield "it is not kept in a file, and a key alone selects nothing."


def _setting_row(setting: Setting) -> str:
    flag = "--" + setting.name.replace("_", "-")
    variable = f"REPOASK_{setting.name.upper()}"
    return f"| `{setting.name}` | `{flag}` | `{variable}` | {readable(setting.default)} | {setting.description} |"


def command_line() -> str:
    """The help of every command, as it prints it."""
    lines = [_NOTICE, "# Command line", ""]
    lines.append(
        '`repoask PATH "question"` is short for `repoask ask PATH "question"`. These names are kept for later:'
    )
    lines.append(", ".join(f"`{name}`" for name in PLANNED) + "; a folder of such a name is written `./name`.")
    for words, command in _commands(cli.group, ("repoask",)):
        lines += ["", f"## {' '.join(words)}", "", "```text", _help(command, words), "```"]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        names = list(COMMANDS) if len(words) == 1 else sorted(command.commands)
        for name in names:
            sub = command.get_command(click.Context(command), name)
            assert sub is not None
            yield from _commands(sub, (*words, name))


def _help(command: click.Command, words: tuple[str, ...]) -> str:
    context = click.Context(command, info_name=" ".join(words), terminal_width=110, help_option_names=["-h", "--help"])
    return command.get_help(context).rstrip()


def answer_schema() -> str:
    """The fields of `--json`, a table for each model."""
    lines = [_NOTICE, "# The answer as JSON", ""]
    lines.append(f"What `--json` writes, schema version {answer.SCHEMA_VERSION}. A field may be added without a new")
    lines.append(
        "version; one that is renamed, removed or means something else raises it. Lines are 1-based, inclusive."
    )
    models: tuple[type, ...] = (
        *(answer.Answer, answer.AnswerCitation, answer.CurrentPlace, answer.AnswerEvidence, answer.AnswerCommit),
        *(answer.Receipt, answer.SnapshotReceipt, answer.FilesReceipt, answer.TokensReceipt, answer.ModelReceipt),
        answer.PackReceipt,
        answer.SessionReceipt,
    )
    return "\n".join([*lines, *_tables(models)]) + "\n"


def search_schema() -> str:
    """The fields of `repoask search --json`, a table for each model."""
    lines = [_NOTICE, "# The reply of a search as JSON", ""]
    lines.append(
        "What `repoask search` writes, on one line, with `--json` for one question and with `--questions` for each"
    )
    lines.append("line of a file. A field may be added. Lines are 1-based, inclusive.")
    models = (search_reply.SearchReply, search_reply.SearchPlace, answer.AnswerCommit)
    return "\n".join([*lines, *_tables(models)]) + "\n"


def session_schema() -> str:
    """The fields of `repoask session export --format json`, a table for each model."""
    lines = [_NOTICE, "# A session as JSON", ""]
    lines.append(
        f"What `repoask session export --format json` writes, schema version {document.DOCUMENT_VERSION}. A field may"
    )
    lines.append("be added without a new version; one that is renamed, removed or means something else raises it.")
    return "\n".join([*lines, *_tables((document.SessionDocument, document.SessionTurn))]) + "\n"


def plan_schema() -> str:
    """The fields of `repoask plan --json`, a table for each model."""
    lines = [_NOTICE, "# A plan as JSON", ""]
    lines.append(
        f"What `repoask plan --json` writes, schema version {plan.SCHEMA_VERSION}. Bytes are of all GPUs together. A"
    )
    lines.append("field may be added without a new version. [planning.md](planning.md) has the formulas.")
    models: tuple[type, ...] = (
        *(plan.Plan, plan.Recommendation, plan.PlannedModel, plan.PlannedGpus, plan.PlannedPack),
        *(plan.PrecisionChoice, plan.PlannedTime, plan.KvTier, plan.HostedCost, plan.SelfHosting),
    )
    return "\n".join([*lines, *_tables(models)]) + "\n"


def measurement_schema() -> str:
    """The fields of `repoask doctor --json`, a table for each model."""
    lines = [_NOTICE, "# A measurement as JSON", ""]
    lines.append(
        f"What `repoask doctor --json` writes, schema version {measurement.SCHEMA_VERSION}. A field may be added"
    )
    lines.append("without a new version.")
    models: tuple[type, ...] = (
        *(measurement.Measurement, measurement.ContextLength, measurement.PrefixCache),
        *(measurement.StructuredOutput, measurement.Speed),
    )
    return "\n".join([*lines, *_tables(models)]) + "\n"


def _tables(models: Iterable[type]) -> Iterator[str]:
    for model in models:
        yield from ("", f"## {model.__name__}", "", (model.__doc__ or "").strip(), "")
        yield from ("| field | type | meaning |", "|---|---|---|", *_field_rows(model))


def _field_rows(model: type) -> Iterator[str]:
    for name, schema in TypeAdapter(model).json_schema(mode="serialization")["properties"].items():
        yield f"| `{name}` | {_type(schema)} | {(schema.get('description') or '').replace('|', chr(92) + '|')} |"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "prefixItems" in schema:
        return f"[{', '.join(map(_type, schema['prefixItems']))}]"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", ""))


PAGES: Mapping[str, Callable[[], str]] = {
    "answer.md": answer_schema,
    "command-line.md": command_line,
    "configuration.md": configuration,
    "doctor.md": measurement_schema,
    "plan.md": plan_schema,
    "search.md": search_schema,
    "session.md": session_schema,
}
"""Each page by its name in docs/."""


def main(folder: Path) -> None:
    """Writes all pages into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
