"""Turns a Jupyter notebook into its cells. Knows nothing of kernels, outputs or how cells are run.

In the notebooks that Jupyter writes, every source line of a cell is one line of the file. Those keep their numbers: the
text has exactly the lines of the JSON, a source line stands where its JSON string stands, `# %%` begins a cell on the
line that opens its source, and all else (outputs, metadata, punctuation) is an empty line. So a citation of such a
notebook is a citation of the raw file.

A notebook whose JSON is laid out otherwise (all on one line, or sources as one string) is read as rendered cells, and
its citations are lines of that rendering.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Notebook", "read_notebook"]

_PREFIXES = dict.fromkeys(
    ("javascript", "typescript", "rust", "go", "java", "scala", "kotlin", "cpp", "c", "csharp"), "//"
)
_LANGUAGES = {"c++": "cpp", "c#": "csharp", "f#": "fsharp", "ir": "r", "ipython": "python", "sagemath": "python"}
_OPENING = re.compile(r'\s*"(?:source|input)"\s*:\s*\[\s*')
_MAGIC = re.compile(r"\s*(?:%[%A-Za-z]|!|\?\w)")


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells of a notebook as one text.

    Attributes:
        text: Code as it is, prose and shell magics as comments, so that the whole parses in `language`.
        language: The kernel's language, or "json" when the file is no notebook and `text` is what was given.
        lines_kept: The lines of `text` are those of the file.
    """

    text: str
    language: str
    lines_kept: bool


def read_notebook(text: str) -> Notebook:
    """Reads the JSON of a notebook. Anything else is handed back unchanged as JSON; never raises."""
    try:
        root = json.loads(text)
        cells = _cells(root)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Notebook(text=text, language="json", lines_kept=True)
    language = _language(root)
    prefix = _PREFIXES.get(language, "#")
    kept = _in_place(text, cells, prefix)
    if kept is not None:
        return Notebook(text=kept, language=language, lines_kept=True)
    return Notebook(text=_rendered(cells, prefix), language=language, lines_kept=False)


@dataclass(frozen=True, slots=True)
class _Cell:
    kind: str
    source: tuple[str, ...]


def _cells(root: Any) -> list[_Cell]:
    """The cells in order; raises KeyError, TypeError or AttributeError on what is no notebook."""
    found = root["cells"] if "cells" in root else [cell for sheet in root["worksheets"] for cell in sheet["cells"]]
    return [_Cell(str(cell["cell_type"]), _source(cell.get("source", cell.get("input", "")))) for cell in found]


def _source(written: Any) -> tuple[str, ...]:
    if not isinstance(written, str | list):
        raise TypeError(f"a cell's source is a {type(written).__name__}")
    joined = written if isinstance(written, str) else "".join(written)
    # JSON can spell half a surrogate pair, which no encoding can write
    joined = joined.encode("utf-8", "replace").decode("utf-8")
    return tuple(joined.split("\n")) if joined else ()


def _language(root: Any) -> str:
    metadata = root.get("metadata")
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        described = metadata.get(part) if isinstance(metadata, dict) else None
        name = described.get(key) if isinstance(described, dict) else None
        if isinstance(name, str) and name:
            return _LANGUAGES.get(name.lower(), name.lower())
    return "python"


def _shown(cell: _Cell, prefix: str) -> list[str]:
    """The lines of a cell as the kernel's language can parse them: prose and magics as comments."""
    foreign = cell.kind != "code" or (bool(cell.source) and cell.source[0].startswith("%%"))
    return [
        f"{prefix} {line}".rstrip(" ") if foreign or (prefix == "#" and _MAGIC.match(line)) else line
        for line in cell.source
    ]


def _mark(cell: _Cell, prefix: str) -> str:
    return f"{prefix} %%" if cell.kind == "code" else f"{prefix} %% [{cell.kind}]"


def _rendered(cells: list[_Cell], prefix: str) -> str:
    return "\n".join("\n".join((_mark(cell, prefix), *_shown(cell, prefix), "")) for cell in cells)


def _in_place(text: str, cells: list[_Cell], prefix: str) -> str | None:
    """Each source line on the line of its JSON string, or None when the JSON is not laid out so."""
    raw = text.split("\n")
    lines = [""] * len(raw)
    wanted = iter([cell for cell in cells if cell.source])
    cell = next(wanted, None)
    for opening, strings in _string_blocks(raw):
        # an output may hold a "source" of its own: only what equals the next cell is one
        if cell is None or _source(strings) != cell.source:
            continue
        shown = _shown(cell, prefix)
        if not cell.source[-1]:
            shown.pop()  # what follows a last "\n" is a line of the cell, but no string of its own
        if len(shown) != len(strings) or any("\n" in string[:-1] for string in strings):
            return None
        lines[opening] = _mark(cell, prefix)
        lines[opening + 1 : opening + 1 + len(strings)] = shown
        cell = next(wanted, None)
    return "\n".join(lines) if cell is None else None


def _string_blocks(raw: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Each `"source": [` that is followed by one string a line: (0-based line of its opening, the strings)."""
    opening, strings = -1, list[str]()
    for number, line in enumerate(raw):
        if opening >= 0 and (string := _string(line)) is not None:
            strings.append(string)
        elif opening >= 0:
            yield opening, strings
            opening = -1
        if _OPENING.fullmatch(line):
            opening, strings = number, []


def _string(line: str) -> str | None:
    """The string that a line of JSON holds alone, or None."""
    line = line.strip().removesuffix(",")
    if not (line.startswith('"') and line.endswith('"')):
        return None
    try:
        string = json.loads(line)
    except ValueError:
        return None
    return string if isinstance(string, str) else None
