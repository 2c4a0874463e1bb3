"""Definitions that a grammar does not see, by the shape of their first line: SQL's procedures, RST's described objects.

tree-sitter's SQL has no CREATE PROCEDURE, and its RST reads what stands inside a directive as words. Parses nothing.
"""

import re
from collections.abc import Iterator, Sequence

from ..types import Definition
from .leads import Leads

__all__ = ["find_heads"]

_PROCEDURE = re.compile(
    r"[ \t]*create\s+(?:or\s+(?:replace|alter)\s+)?(?:definer\s*=\s*\S+\s+)?proc(?:edure)?\s+(?:if\s+not\s+exists\s+)?"
    r"(?P<name>(?:[\w$.]|\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\])+)",
    re.IGNORECASE,
)
_SQL_QUOTES = re.compile(r"[\"`\[\]]")
_DOLLARS = re.compile(r"\bas\s+(\$\w*\$)", re.IGNORECASE)
# Not indented, these end a procedure or begin what follows one.
_END = re.compile(r"end\b", re.IGNORECASE)
_NEXT = re.compile(r"(?:create|alter|drop|delimiter|go|/+)\b|/+$", re.IGNORECASE)

# `.. py:method:: shop.Shop.sell(item) -> int`, Sphinx's way to describe an object of any language.
_DIRECTIVE = re.compile(
    r"(?P<indent>[ \t]*)\.\. (?:(?:py|c|cpp|js|rst):)?(?:auto)?"
    r"(?P<type>function|class|exception|(?:class|static)?method|data|attribute|property|module|macro|struct|union|enum|type|member|var|envvar|confval|setting|option)"
    r"::[ \t]+(?P<signature>\S.*)"
)
_SETTINGS = frozenset({"envvar", "confval", "setting", "option"})
_DESCRIBED = re.compile(r"[\w$](?:[\w.:$]*[\w$])?")


def find_heads(lines: Sequence[str], language: str, leads: Leads) -> tuple[Definition, ...]:
    """The definitions that only their first line tells, in order; none in most languages.

    Args:
        lines: Of the text, without their ends.
        language: A name of `languages.py`.
        leads: The comments that belong to what follows them.
    """
    if language == "sql":
        return tuple(_procedures(lines, leads))
    return tuple(_described(lines)) if language == "rst" else ()


def _procedures(lines: Sequence[str], leads: Leads) -> Iterator[Definition]:
    heads = [
        (row, match)
        for row, line in enumerate(lines)
        # the name may stand on the line after the words
        if "create" in line.lower() and (match := _PROCEDURE.match("\n".join(lines[row : row + 3])))
    ]
    limits = [row for row, _ in heads] + [len(lines)]
    for (row, match), limit in zip(heads, limits[1:], strict=True):
        qualified = _SQL_QUOTES.sub("", match["name"]).strip(".")
        yield Definition(
            name=qualified.rpartition(".")[2],
            qualified_name=qualified,
            kind="function",
            start=leads.start_of(row) + 1,
            end=_procedure_end(lines, row, limit) + 1,
            line=row + match[0].count("\n") + 1,
        )


def _procedure_end(lines: Sequence[str], head: int, limit: int) -> int:
    """The row of a procedure's last line: of the closing `$$`, of `END`, or before what follows it."""
    dollars = ""
    for row in range(head, limit):
        line = lines[row]
        if dollars:
            if dollars in line:
                return row
        elif opened := _DOLLARS.search(line):
            dollars = opened[1]
            if dollars in line[opened.end() :]:
                return row
        elif row > head and _END.match(line):
            return row
        elif row > head and _NEXT.match(line):
            return _last_filled(lines, head, row)
    return _last_filled(lines, head, limit)


def _described(lines: Sequence[str]) -> Iterator[Definition]:
    enclosing: list[tuple[int, str]] = []  # last row and qualified name, outermost first
    for row, line in enumerate(lines):
        if "::" not in line or not (match := _DIRECTIVE.match(line)):
            continue
        while enclosing and enclosing[-1][0] < row:
            enclosing.pop()
        is_setting = match["type"] in _SETTINGS
        written = _described_name(match["signature"], is_setting=is_setting)
        if not written:
            continue
        qualified = _qualified(written, enclosing[-1][1] if enclosing else "")
        end = _block_end(lines, row, len(match["indent"]))
        enclosing.append((end, qualified))
        yield Definition(
            name=written if is_setting else written.rpartition(".")[2],
            qualified_name=qualified,
            # what a page describes is defined elsewhere; a setting often stands nowhere else
            kind="key" if is_setting else "declaration",
            start=row + 1,
            end=end + 1,
            line=row + 1,
        )


def _described_name(signature: str, *, is_setting: bool) -> str:
    """`int foo(char *name)` is called foo, `shop.Shop(name)` shop.Shop, `--name VALUE` --name."""
    if is_setting:
        return signature.split()[0].rstrip(",")
    head = re.split(r"\(| = |: ", signature, maxsplit=1)[0]
    return _DESCRIBED.findall(head)[-1].replace("::", ".") if _DESCRIBED.search(head) else ""


def _qualified(written: str, outer: str) -> str:
    """`.. method:: Shop.sell()` under `.. class:: Shop` names its owner again."""
    is_whole = not outer or written.startswith((f"{outer}.", f"{outer.rpartition('.')[2]}."))
    return written if is_whole else f"{outer}.{written}"


def _block_end(lines: Sequence[str], head: int, indent: int) -> int:
    """The last row that belongs to a directive: those after it that are blank or stand further in."""
    for row in range(head + 1, len(lines)):
        line = lines[row]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return _last_filled(lines, head, row)
    return _last_filled(lines, head, len(lines))


def _last_filled(lines: Sequence[str], head: int, limit: int) -> int:
    """The last row before the limit that is not blank."""
    row = limit - 1
    while row > head and not lines[row].strip():
        row -= 1
    return row
