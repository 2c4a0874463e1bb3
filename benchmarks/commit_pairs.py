"""Pairs of prose and code in a history: what a commit's message says, and the terms of the lines that it changes.

Reads the output of `git log`, which it does not start. Knows nothing of repositories, vocabularies or vectors.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from prose_pairs import COMMENTED, Pair, code_terms, is_comment, said_words
from repoask.ingest.languages import language_of

__all__ = ["LOG", "pairs_of_log"]

LOG = (
    *("-c", "core.quotePath=false", "-c", "core.bigFileThreshold=1m"),  # what is larger shows no lines
    *("log", "-n", "4000", "--no-merges", "--no-notes", "--diff-filter=AM", "--format=%x01%s%n%b%n%x02"),
    *("-p", "-U0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "-O/dev/null"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "HEAD", "--"),
)
"""The command whose output is read."""

_MOST_LINE_BYTES = 300
_MOST_CHANGED_LINES = 120  # what changes more than that is about many things
_MOST_FILES = 6
_NUM_MESSAGE_LINES = 6
_KIND = re.compile(r"\w+(?:\([^)]*\))?!?:")  # "fix(parser):"
_ROUTINE = re.compile(r"bump|merge|release|update dep|chore", re.IGNORECASE)
_TRAILER = re.compile(r"(?:Signed|Co-auth|Closes|Fixes|Reviewed|Change-Id|PiperOrigin|Acked)", re.IGNORECASE)
_HUNK = re.compile(r"@@ .*? @@ ?(.*)$")  # the group is the definition that git saw above


@dataclass(slots=True)
class _Commit:
    """What was read of a commit."""

    message: list[str] = field(default_factory=list)
    terms: dict[str, None] = field(default_factory=dict)
    num_files: int = 0
    num_lines: int = 0
    language: str = ""  # of the file that is read
    in_head: bool = False  # of that file's part, above its lines

    def read(self, line: str) -> None:
        """Takes in a line of the patch."""
        if line.startswith("diff "):
            self.in_head = True
        elif self.in_head and line.startswith("+++ "):
            self._start_file(line[4:].strip('"').removeprefix("b/"))
        elif found := _HUNK.match(line):
            self.in_head = False
            self._add(found[1])
        elif not self.in_head and line.startswith(("+", "-")):
            self.num_lines += 1
            if not is_comment(line[1:], self.language):
                self._add(line[1:])

    def pair(self) -> Pair | None:
        """The message and the terms, of a commit that is about one thing."""
        if not 0 < self.num_lines <= _MOST_CHANGED_LINES or self.num_files > _MOST_FILES or not self.terms:
            return None
        subject, *body = self.message[:_NUM_MESSAGE_LINES]
        if _ROUTINE.match(subject):
            return None
        said = said_words(" ".join([_KIND.sub("", subject, count=1), *(x for x in body if not _TRAILER.match(x))]))
        return Pair(said, tuple(self.terms)) if said else None

    def _start_file(self, path: str) -> None:
        self.num_files += 1
        language = language_of(path)
        self.language = language if language in COMMENTED else ""
        self._add(path.rsplit("/", 1)[-1].split(".")[0])

    def _add(self, line: str) -> None:
        if self.language and self.num_lines <= _MOST_CHANGED_LINES:
            self.terms.update(dict.fromkeys(code_terms([line])))


def pairs_of_log(lines: Iterable[bytes]) -> Iterator[Pair]:
    """The commits of a log that are about one thing, each with the terms of what it changes.

    Args:
        lines: Of the output of `LOG`; each may be cut.
    """
    commit, in_message = _Commit(), False
    for raw in lines:
        line = raw[:_MOST_LINE_BYTES].decode("utf-8", "replace").rstrip("\n")
        if line.startswith("\x01"):
            if pair := commit.pair():
                yield pair
            commit, in_message = _Commit([line[1:]]), True
        elif line == "\x02":
            in_message = False
        elif in_message:
            commit.message.append(line)
        else:
            commit.read(line)
    if pair := commit.pair():
        yield pair
