"""Reads what a repository's history says of lines and texts: which commits, when, by whom. Every reading is bounded.

Asks git about commits alone, never about the work tree, so that no filter, textconv or external diff is run. A message
is data that anybody may have written, secret lines in it are withheld. Knows nothing of questions.
"""

import codecs
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import secrets
from .git import Git
from .listing import decode_path, git_for
from .types import Source

__all__ = ["CommitFacts", "Log", "Touch"]

_SETTINGS = ("-c", "core.quotePath=false")
_PLAIN_DIFF = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "-O/dev/null"),
    *("--src-prefix=a/", "--dst-prefix=b/"),  # git 2.39's log -L knows no others
)
_COMMIT = re.compile(rb"\x01([0-9a-f]{40,64})")
"""A commit as `_BY_COMMIT` has it written: no line of a patch begins so. A path may, but then it names no commit."""
_BY_COMMIT = "--format=%x01%H"
_BLAMED = re.compile(rb"([0-9a-f]{40,64}) (\d+) (\d+) (\d+)")
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_FACTS = ("%H", "%aI", "%an", "%s", "%b")
_MOST_BODY_CHARS = 1_000
_MOST_SHALLOW_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """What a commit says of itself.

    Attributes:
        commit: The full id.
        date: The author's date, ISO 8601 with its offset.
        author: The author's name, as committed: no mailmap is read.
        subject: The first paragraph of the message, on one line.
        body: The rest of it, cut to 1,000 characters.
    """

    commit: str
    date: str
    author: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Touch:
    """Lines of a file as they stand at the commit that made them so.

    Attributes:
        commit: The full id.
        path, start, end: At that commit; both lines are 0 where they are not known.
    """

    commit: str
    path: str
    start: int
    end: int


class Log:
    """The history of a repository, read within one budget of time.

    Attributes:
        stopped: The time ran out, so that something may be missing.
    """

    def __init__(self, source: Source, *, limit_s: float) -> None:
        """Raises SourceError with the first reading where the repository cannot be read."""
        self._git: Git = git_for(source)
        self._source = source
        self._until = time.monotonic() + limit_s
        self.stopped = False

    def blame(self, commit: str, path: str, start: int, end: int) -> list[Touch]:
        """The commits that gave lines of a file at a commit their present form, one touch for each run of lines."""
        # an empty name clears what blame.ignoreRevsFile of the repository's config said
        options = ("--incremental", "--root", "--no-textconv", "--ignore-revs-file=", "-L", f"{start},{end}")
        touched = []
        at: tuple[str, int, int] | None = None
        for line in self._lines("blame", *options, commit, "--", path):
            if found := _BLAMED.fullmatch(line):
                first, count = int(found[2]), int(found[4])
                at = found[1].decode("ascii"), first, first + count - 1
            elif line.startswith(b"filename ") and at:
                touched.append(Touch(at[0], _path(line[len(b"filename ") :]), at[1], at[2]))
        return touched

    def changes(self, commit: str, path: str, start: int, end: int, *, limit: int) -> list[Touch]:
        """The commits that changed lines of a file up to a commit, newest first, followed through renames."""
        options = (f"--max-count={limit}", _BY_COMMIT, *_PLAIN_DIFF)
        touched: list[Touch] = []
        current, named = "", ""
        for line in self._lines("log", *options, "-L", f"{start},{end}:{path}", commit, "--"):
            if found := _COMMIT.fullmatch(line):
                current = found[1].decode("ascii")
            elif line.startswith(b"diff "):
                named = ""
            elif not named and line.startswith(b"+++ "):  # later in a file, a line that was added may look so
                named = _path(line[4:]).removeprefix("b/")
            elif found := _HUNK.match(line):
                first = int(found[1])
                last = first + max(int(found[2] or 1), 1) - 1
                if touched and touched[-1].commit == current:
                    first, last = min(first, touched[-1].start), max(last, touched.pop().end)
                touched.append(Touch(current, named, first, last))
        return touched

    def additions(self, commit: str, text: str, *, path: str = "", limit: int) -> list[Touch]:
        """The commits up to one that changed how often a text stands in a file, newest first.

        Args:
            commit: Where to begin.
            text: What to look for, literally.
            path: The file, followed through renames; "" for all files.
            limit: So many commits at most.
        """
        options = (f"--max-count={limit}", _BY_COMMIT, "--name-only", *_PLAIN_DIFF, f"-S{text}")
        where = ("--follow", commit, "--", path) if path else (commit, "--")
        touched = []
        current = ""
        for line in self._lines("log", *options, *where):
            if found := _COMMIT.fullmatch(line):
                current = found[1].decode("ascii")
            elif line and current:
                touched.append(Touch(current, _path(line), 0, 0))
                current = ""  # one of its files is enough
        return touched

    def stands_before(self, commit: str, text: str) -> bool:
        """Whether a text stands in any file at a first parent: one look at a tree, where `additions` looks at all."""
        found = next(self._lines("rev-list", "--parents", "--max-count=1", commit, "--"), b"").split()
        if len(found) < 2:
            return False
        options = ("--files-with-matches", "--fixed-strings", "--no-textconv", "--no-color", "-e", text)
        return any(self._lines("grep", *options, found[1].decode("ascii"), "--", ok_codes=(0, 1)))

    def facts(self, commits: Sequence[str]) -> dict[str, CommitFacts]:
        """What commits say of themselves, by id."""
        if not commits:
            return {}
        form = "%x00".join(_FACTS)
        output = self._git.run(
            "log", "--no-walk=unsorted", "-z", "--encoding=UTF-8", f"--format={form}", *commits, "--"
        )
        fields = output.decode("utf-8", "replace").split("\0")
        found = {}
        for at in range(0, len(fields) - len(_FACTS) + 1, len(_FACTS)):
            commit, date, author, subject, body = fields[at : at + len(_FACTS)]
            subject, _, body = secrets.withhold(f"{subject}\n{body}").text.partition("\n")
            found[commit] = CommitFacts(commit, date, author, subject, body.strip()[:_MOST_BODY_CHARS])
        return found

    def is_cut_off_at(self, commit: str) -> bool:
        """Whether the parents of a commit are not here: a shallow clone ends with it."""
        assert self._source.common_dir is not None
        try:
            with (self._source.common_dir / "shallow").open("rb") as file:
                return commit.encode("ascii") in file.read(_MOST_SHALLOW_BYTES).split()
        except OSError:
            return False

    def _lines(self, *args: str, ok_codes: tuple[int, ...] = (0,)) -> Iterator[bytes]:
        left = self._until - time.monotonic()
        if left <= 0:
            self.stopped = True
            return
        with self._git.start(*_SETTINGS, *args) as running:
            output, complaint, ended = running.output_within(left)
            if ended:
                running.check(complaint, ok_codes=ok_codes)
        self.stopped = self.stopped or not ended
        whole = output.split(b"\n")
        # of a git that was killed, the last line may be half of one
        yield from whole if ended else whole[:-1]


def _path(written: bytes) -> str:
    """A path as git writes it in a patch: quoted where it holds odd characters, with a tab where it holds blanks."""
    written = written.removesuffix(b"\t")
    if written.startswith(b'"') and written.endswith(b'"'):
        written = codecs.escape_decode(written[1:-1])[0]
    return decode_path(written)
