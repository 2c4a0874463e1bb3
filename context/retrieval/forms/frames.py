"""Reads the frames of stack traces as a dozen languages print them, the innermost of the root cause first.

Knows how lines are printed, and nothing of files that are there.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

__all__ = ["Frame", "read_frames"]

# Each with what all of its frames hold, which is quick to look for
_LINE = r"(?P<line>\d{1,7})"
_GRAMMARS = tuple(
    (mark, re.compile(pattern.replace("LINE", _LINE), re.MULTILINE))
    for mark, pattern in (
        # Python, with the source and the markers below it
        (
            'File "',
            r'^[ \t|+>E]*File "(?P<path>[^"\n]{1,400})", line LINE(?:, in (?P<function>[^\n]{1,200}))?'
            r'(?:\n[ |]{4,}(?![ |]*File ")[^\n]*)*',
        ),
        # the JVM
        (
            "at ",
            r"^[ \t]*at (?:[\w.$@-]*/){0,2}(?P<qualified>[\w$.<>]{1,300})"
            r"\((?P<path>[\w$-]{1,100}\.(?:java|kts?|scala|groovy|clj)):LINE\)[^\n]*",
        ),
        # .NET
        (":line ", r"^[ \t]*at (?P<function>[^\n]{1,400}?) in (?P<path>[^\n]{1,400}?):line LINE"),
        # Rust, the name above the place
        (
            ".rs:",
            r"(?:^[ \t]*\d+:[ \t]+(?:0x[0-9a-f]+ - )?(?P<function>[^\n]{1,300})\n)?"
            r"^[ \t]+at (?P<path>[^\n]{1,400}?\.rs):LINE",
        ),
        ("panicked at ", r"\bpanicked at (?:'[^\n]{0,300}', )?(?P<path>[^\s:,']{1,400}\.rs):LINE"),
        # JavaScript by V8, then by others
        (
            "at ",
            r"^[ \t]*at (?:async )?(?:(?P<function>[^\n(]{1,200}?)(?: \[as [^\]\n]*\])? \()?"
            r"(?P<path>[^\s(][^\n]{0,400}?):LINE:\d+\)?",
        ),
        ("@", r"^(?P<function>[\w$./<>*]{0,100})@(?P<path>[^\s@]{1,400}?):LINE:\d+$"),
        # Go, the name above the place
        (
            ".go:",
            r"(?:^(?:created by )?(?P<function>[^\s(][^\n]{0,400})\n)?"
            r"^[ \t]+(?P<path>[^\s][^\n]{0,400}?\.(?:go|s)):LINE\b[^\n]*",
        ),
        # Ruby
        (
            "in ",
            r"^[ \t]*(?:\d+: )?(?:from )?(?P<path>[^\s:'\"][^:\n]{0,300}?\.(?:rb|erb|rake|ru|haml|slim)):LINE"
            r":in [`'](?P<function>[^'\n]{0,200})'",
        ),
        # PHP and Haskell name what is called there, not where it stands
        (".php", r"^#\d+ (?P<path>[^\n(:]{1,300}\.(?:php|phtml|inc))\(LINE\):[^\n]*"),
        (".php", r"\bin (?P<path>[^\s:]{1,300}\.php)(?::| on line )LINE"),
        ("called at ", r"^[ \t]+\S{1,200}, called at (?P<path>[^\s:]{1,300}):LINE:\d+ in [^\n]*"),
        # C by gdb and the sanitizers, then by valgrind
        (
            "#",
            r"^[ \t]*#\d+[ \t]+(?:0x[0-9a-f]+ in )?(?P<function>[^\s(][^\n(]{0,200}?) ?(?:\([^\n]*\))? (?:at )?"
            r"(?P<path>[^\s:()]{1,300}\.\w+):LINE(?::\d+)?",
        ),
        (
            " 0x",
            r"^(?:==\d+==)?[ \t]*(?:at|by) 0x[0-9A-Fa-f]+: (?P<function>[^\n(]{1,200}?) "
            r"\((?P<path>[^\s:()]{1,300}):LINE\)",
        ),
        # Elixir, Lua, Swift
        (".ex", r"^[ \t]*(?:\(\w+ \d[\w.+-]*\) )?(?P<path>[^\s:()]{1,300}\.exs?):LINE: (?P<function>[^\n]{1,200})"),
        (".lua:", r"^[ \t]*(?P<path>[^\s:]{1,300}\.lua):LINE: in [^\n]*"),
        (".swift", r"\bfile (?P<path>[^\s,]{1,300}\.swift), line LINE"),
    )
)
_BLOCK = re.compile(r"^[ \t|+>E]*(?:Traceback \(most recent call last\)|Caused by: |goroutine \d+)", re.MULTILINE)
_ARGUMENTS = re.compile(r"\([^()]*\)$|/\d+$| in goroutine \d+$")
_SIMPLE_NAME = re.compile(r"\w+[?!]?$")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    Attributes:
        path: As printed; for the JVM the file's name alone.
        package: The JVM's package, or None where frames carry paths.
        line: As printed.
        function: The last part of the name of what it runs in, or "".
        span: Where it stands in the text.
    """

    path: str
    package: str | None
    line: int
    function: str
    span: tuple[int, int]


def read_frames(text: str) -> list[Frame]:
    """The frames of a text, those of the root cause first, in each trace the innermost first."""
    found: dict[int, Frame] = {}
    for mark, grammar in _GRAMMARS:
        for match in grammar.finditer(text) if mark in text else ():
            # two grammars may read one line; the first is the one that knows more of it
            found.setdefault(match.end("line"), _frame(match))
    return _innermost_first([found[at] for at in sorted(found)], text)


def _frame(match: re.Match[str]) -> Frame:
    groups = match.groupdict()
    qualified = groups.get("qualified")
    package = None if qualified is None else ".".join(qualified.split(".")[:-2])
    function = _simple(qualified or groups.get("function") or "")
    return Frame(match["path"].strip(), package, int(match["line"]), function, match.span())


def _simple(function: str) -> str:
    """`Next` of `gin.(*Context).Next(0xc0)`, `f` of `Mod.f/1`."""
    bare = _ARGUMENTS.sub("", _ARGUMENTS.sub("", function.strip()))
    name = _SIMPLE_NAME.search(bare)
    return name[0] if name else ""


def _innermost_first(frames: list[Frame], text: str) -> list[Frame]:
    heads = list(_BLOCK.finditer(text))
    starts = [head.start() for head in heads]
    blocks: list[list[Frame]] = [[] for _ in range(len(heads) + 1)]
    for frame in frames:
        blocks[bisect_right(starts, frame.span[0])].append(frame)
    for head, block in zip(heads, blocks[1:], strict=True):
        if "most recent call last" in head[0]:
            block.reverse()
    if any("Caused by" in head[0] for head in heads):
        blocks.reverse()  # each was caused by the next
    return [frame for block in blocks for frame in block]
