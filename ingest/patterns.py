"""Matches paths against glob patterns with the semantics of `.gitignore`, in a time that no pattern can blow up.

The libraries for it match by backtracking: `*a*a*a*b` takes hours. Here each `*` and `**` takes the least that lets
what follows it match, and is never reconsidered (an atomic group): what follows, up to the next one, has a fixed
length, so an earlier place for it never spoils a match. Knows nothing of where the patterns come from.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..errors import InputError
from .disk import folders_above

__all__ = ["IgnoreFiles", "Patterns"]

_MAX_PATTERNS = 1_000  # in all ignore files together: each costs every path 0.15 microseconds
_MAX_LENGTH = 500
_MAX_CHARACTERS = 40_000  # of all patterns together: what the worst of them cost grows with it
_LIMIT_S = 10.0  # of this process' time, for all paths: only patterns made for it reach that
_TOKEN = re.compile(
    r"""
    (?P<stars> \*+ ) | (?P<any> \? ) | \\(?P<escaped> . )
    | \[ (?P<negated> [!^]? ) (?P<class> \]? (?: \[:[a-z]+:\] | \\. | [^\]\\] )* ) \]
    | (?P<literal> [^\\\[] )
    """,
    re.VERBOSE | re.DOTALL,
)
_CLASS_ITEM = re.compile(r"\[:(?P<name>[a-z]+):\]|(?P<low>\\.|.)(?:-(?P<high>\\.|.))?", re.DOTALL)
_NAMED_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9A-Fa-f",
}


class _Rule(NamedTuple):
    """One pattern.

    Attributes:
        ignores: False for one that brings back.
        folders_only: It ends in a slash.
        names_only: It holds no other slash, so that it is about the last name of a path.
        expression: What it matches.
    """

    ignores: bool
    folders_only: bool
    names_only: bool
    expression: re.Pattern[str]


class IgnoreFiles:
    """The ignore files of a tree, each ruling its own folder; a deeper one overrides, but not inside an ignored folder.

    Args:
        texts: What each ignore file says, by its folder ("" for the root).

    Attributes:
        num_passed_over: Patterns that are too long or too many, so that they are not obeyed.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.num_passed_over = 0
        self._rules: dict[str, list[_Rule]] = {}
        self._ignored: dict[str, bool] = {"": False}
        self._until = time.process_time() + _LIMIT_S
        left, characters_left = _MAX_PATTERNS, _MAX_CHARACTERS
        for folder in sorted(texts, key=lambda folder: (folder.count("/"), folder)):
            lines = [line for line in texts[folder].split("\n") if line.strip() and not line.startswith("#")]
            usable = []
            for line in lines:
                if left and len(line) <= min(_MAX_LENGTH, characters_left):
                    usable.append(line)
                    left, characters_left = left - 1, characters_left - len(line)
            self.num_passed_over += len(lines) - len(usable)
            # the last one that matches decides, so it is looked for from the end
            self._rules[folder] = [rule for line in reversed(usable) if (rule := _parse(line)) is not None]

    def match(self, path: str) -> bool:
        """Whether the file, or a folder above it, is ignored.

        Raises:
            InputError: matching took too long.
        """
        return self._folder_ignored(path.rpartition("/")[0]) or self._verdict(path, is_folder=False)

    def _folder_ignored(self, folder: str) -> bool:
        known = self._ignored.get(folder)
        if known is None:
            known = False
            for parent in (*folders_above(folder), folder):
                if parent not in self._ignored:
                    self._ignored[parent] = known or self._verdict(parent, is_folder=True)
                known = self._ignored[parent]
        return known

    def _verdict(self, path: str, *, is_folder: bool) -> bool:
        """What the deepest ignore file that has a word on the path says."""
        if time.process_time() > self._until:
            raise InputError(f"the ignore patterns take over {_LIMIT_S:.0f} s to match; give fewer or simpler ones")
        folder, _, name = path.rpartition("/")
        while True:
            within = path[len(folder) + 1 :] if folder else path
            for rule in self._rules.get(folder, ()):
                if (is_folder or not rule.folders_only) and rule.expression.fullmatch(
                    name if rule.names_only else within
                ):
                    return rule.ignores
            if not folder:
                return False
            folder = folder.rpartition("/")[0]


class Patterns:
    """A list of patterns of the user, all relative to the root; a later one overrides an earlier one.

    Raises:
        InputError: one of them is malformed or too long, or they are too many.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        if len(lines) > _MAX_PATTERNS:
            raise InputError(f"{len(lines)} patterns, over the limit of {_MAX_PATTERNS:,}; give fewer")
        for line in lines:
            if len(line) > _MAX_LENGTH:
                raise InputError(f"{line[:40]!a}...: {len(line):,} characters, over the limit of {_MAX_LENGTH:,}")
            if _parse(line) is None:
                raise InputError(f"{line!a}: not a pattern; --include and --exclude take those of .gitignore")
        self._rules = IgnoreFiles({"": "\n".join(lines)})

    def match(self, path: str) -> bool:
        """Whether the path, or a folder above it, is matched."""
        return self._rules.match(path)


def _parse(line: str) -> _Rule | None:
    """One line of an ignore file; None for a comment, and for what git would ignore as malformed."""
    if line.startswith("#"):
        return None
    body = _without_trailing_spaces(line.removesuffix("\r").removeprefix("!"))
    pattern = body.removesuffix("/")
    segments = pattern.removeprefix("/").split("/")
    if segments == [""]:
        return None
    try:
        expression = re.compile(_path_expression(segments), re.DOTALL)
    except (ValueError, re.error):
        return None
    return _Rule(not line.startswith("!"), body.endswith("/"), "/" not in pattern, expression)


def _without_trailing_spaces(text: str) -> str:
    stripped = text.rstrip(" ")
    return f"{stripped} " if stripped.endswith("\\") and stripped != text else stripped


def _path_expression(segments: list[str]) -> str:
    """What a whole path must match: runs of segments, with any number of folders at each `**` between them."""
    runs: list[list[str]] = [[]]
    for segment in segments:
        if len(segment) > 1 and not segment.strip("*"):
            runs.append([])
        else:
            runs[-1].append(_segment_expression(segment))
    first, *middle, last = ["/".join(run) for run in runs] if len(runs) > 1 else ["", "/".join(runs[0])]
    if len(runs) == 1:
        return last
    found = "".join(f"(?>(?:[^/]+/)*?{run}/)" for run in middle if run)
    return (f"{first}/" if first else "") + found + (f"(?:[^/]+/)*{last}" if last else ".+")


def _segment_expression(segment: str) -> str:
    """What one name of a path must match, up to its end: characters, with any number more at each `*`."""
    chunks, end = [""], 0
    while end < len(segment):
        token = _TOKEN.match(segment, end)
        if token is None:
            raise ValueError("a bracket that is never closed, or a backslash at the end")
        end = token.end()
        if token["stars"]:
            chunks.append("")
        else:
            chunks[-1] += _character_expression(token)
    first, *middle, last = chunks if len(chunks) > 1 else ["", *chunks]
    found = "".join(f"(?>[^/]*?{chunk})" for chunk in middle if chunk)
    return f"(?>{first}{found}{'[^/]*' if len(chunks) > 1 else ''}{last}(?![^/]))"


def _character_expression(token: re.Match[str]) -> str:
    if token["any"]:
        return "[^/]"
    if token["class"] is None:
        return re.escape(token["escaped"] or token["literal"])
    items = "".join(map(_class_item, _CLASS_ITEM.finditer(token["class"])))
    return f"(?!/)[{'^' if token['negated'] else ''}{items}]"


def _class_item(item: re.Match[str]) -> str:
    if item["name"]:
        if item["name"] not in _NAMED_CLASSES:
            raise ValueError(f"no such class: {item['name']}")
        return _NAMED_CLASSES[item["name"]]
    low = re.escape(item["low"][-1])
    return f"{low}-{re.escape(item['high'][-1])}" if item["high"] else low
