"""Searches the history of a cited file for a commit at which the citation was true. Judges nothing at the snapshot."""

import re
from collections.abc import Sequence
from functools import cached_property

from ..ingest.snapshot import recent_revisions
from ..ingest.types import Snapshot
from .lines import lines_between, read_lines
from .quotes import contains, is_quote
from .types import Mention

__all__ = ["MAX_SEARCHES", "History"]

MAX_SEARCHES = 8
"""So many citations of one answer are searched for: each revision looked at costs a git process of some 5 ms."""

# a path's history is searched this far
_MAX_REVISIONS = 10

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_Claim = tuple[str, int, int, str, tuple[str, ...]]


class History:
    """The commits behind a snapshot, as far as citations ask for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        # by claim: a streamed answer is checked again and again as it grows
        self._found: dict[_Claim, str] = {}
        self._given_up: set[_Claim] = set()

    @property
    def num_given_up(self) -> int:
        """How many citations were not searched for, because `MAX_SEARCHES` others had been."""
        return len(self._given_up)

    def revision_where_true(self, mention: Mention, *, path: str) -> str:
        """A commit at which the cited lines of `path` exist and hold what is quoted, or ""."""
        if self._snapshot.commit is None or path in self._omitted or not _is_plain_path(path):
            return ""
        claim = (path, mention.start, mention.end, mention.revision, mention.quotes)
        if claim not in self._found:
            if len(self._found) >= MAX_SEARCHES:
                self._given_up.add(claim)
                return ""
            self._found[claim] = self._search(mention, path)
        return self._found[claim]

    @cached_property
    def _omitted(self) -> frozenset[str]:
        """Left out on purpose, secret files among them: never searched, at no revision."""
        return frozenset(omission.path for omission in self._snapshot.omissions)

    def _search(self, mention: Mention, path: str) -> str:
        from ..ingest.listing import read_at  # brings git, which true citations have no use for

        for revision in self._revisions(mention, path):
            data = read_at(self._snapshot.source, revision, path)
            lines = lines_between(read_lines(path, data), mention.start, mention.end) if data is not None else None
            if lines is not None and all(contains(lines, quote) for quote in mention.quotes if is_quote(quote)):
                return revision
        return ""

    def _revisions(self, mention: Mention, path: str) -> Sequence[str]:
        """Where to look for the lines: at the commit that is named, else at those that changed the file."""
        if not mention.revision:
            return recent_revisions(self._snapshot.source, path, limit=_MAX_REVISIONS)
        # what a model writes reaches git only when it is a commit id and nothing else
        return [mention.revision] if _COMMIT.fullmatch(mention.revision) else []


def _is_plain_path(path: str) -> bool:
    """Whether a path that a model wrote may be handed to git: relative, inside, no control characters."""
    return bool(path) and path.isprintable() and not path.startswith(("/", "-", ":")) and ".." not in path.split("/")
