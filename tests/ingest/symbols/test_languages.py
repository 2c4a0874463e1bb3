"""Each language's query against a realistic sample: `samples/<language>.txt` must give `samples/<language>.outline`."""

from pathlib import Path

import pytest
from repoask.ingest.symbols.grammars import has_grammar
from repoask.ingest.symbols.parser import parse
from repoask.ingest.types import Syntax

SAMPLES = Path(__file__).parent / "samples"
LANGUAGES = sorted(path.stem for path in SAMPLES.glob("*.txt"))
REQUIRED = """
    python javascript typescript tsx go rust java kotlin scala c cpp csharp ruby php swift lua elixir haskell zig
    bash sql markdown rst html css json yaml toml
"""


def render(syntax: Syntax) -> str:
    """One line a definition (its name's line in brackets), then imports, then references grouped by line."""
    lines = [f"{d.kind} {d.qualified_name} {d.start}-{d.end} ({d.line})" for d in syntax.definitions]
    lines += [f"import {found.target} {found.line}" for found in syntax.imports]
    by_line: dict[int, list[str]] = {}
    for use in syntax.references:
        by_line.setdefault(use.line, []).append(use.name)
    lines += [f"uses {line}: {' '.join(names)}" for line, names in by_line.items()]
    return "\n".join(lines) + "\n"


def test_every_required_language_has_a_grammar_and_a_sample() -> None:
    assert set(REQUIRED.split()) <= set(LANGUAGES)
    assert all(has_grammar(language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_gives_its_outline(language: str) -> None:
    text = (SAMPLES / f"{language}.txt").read_text(encoding="utf-8")
    syntax = parse(text, language)
    assert syntax.ok
    assert len(text.splitlines()) >= 30
    assert render(syntax) == (SAMPLES / f"{language}.outline").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_cuts_are_sorted_and_stand_on_lines_of_the_text(language: str) -> None:
    text = (SAMPLES / f"{language}.txt").read_text(encoding="utf-8")
    rows = [line for line, _ in parse(text, language).cuts]
    assert rows == sorted(set(rows))
    assert rows[0] >= 1
    assert rows[-1] <= text.count("\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_definitions_nest_in_order_and_name_their_line(language: str) -> None:
    text = (SAMPLES / f"{language}.txt").read_text(encoding="utf-8")
    definitions = parse(text, language).definitions
    assert definitions
    assert [(d.start, -d.end) for d in definitions] == sorted((d.start, -d.end) for d in definitions)
    for definition in definitions:
        assert definition.start <= definition.line <= definition.end
        assert definition.name.split(",")[0] in text.split("\n")[definition.line - 1]
