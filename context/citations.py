"""Checks citations against the bytes of the snapshot: does the span exist, does the quote stand in it.

Never says that a claim follows from what it cites, and knows nothing of the index: a stale index cannot make a citation
look good. Reads only the files that are cited.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from ..ingest.snapshot import read_entries
from ..ingest.types import Snapshot
from .history import History
from .lines import lines_between, read_lines
from .quotes import MIN_QUOTE_CHARS, contains, is_quote, verifies
from .types import Citation, CitationStatus, Evidence, Mention

__all__ = ["CitationChecker", "any_valid", "shown_path"]

# one line of a minified file is not shown whole
_MAX_OWN_QUOTE_CHARS = 200


class CitationChecker:
    """Checks the citations of one answer."""

    def __init__(
        self, snapshot: Snapshot, *, context: Mapping[str, Sequence[tuple[int, int]]], whole: Container[str] = ()
    ) -> None:
        """Checks against a snapshot.

        Args:
            snapshot: The files.
            context: The spans, by path as it is shown, that the writer of the answer was given.
            whole: Paths, as they are shown, of the files that it was given in full.
        """
        self._snapshot, self._whole = snapshot, whole
        self._context = {path: _lines_of(spans) for path, spans in context.items()}
        self._entries = {shown_path(entry.path): entry for entry in snapshot.entries}
        self._history = History(snapshot)
        self._files: dict[str, list[str] | None] = {}

    @property
    def paths(self) -> frozenset[str]:
        """The paths that can be cited, as they are shown."""
        return frozenset(self._entries)

    @property
    def num_unsearched(self) -> int:
        """How many citations that are not true here were not looked for in the history, to stay quick."""
        return self._history.num_given_up

    def check(self, mentions: Sequence[Mention]) -> tuple[Citation, ...]:
        """One citation for each mention, in order.

        Several mentions side by side share their quotes: each quote must stand in one of them, and those that hold
        none of it are only located.
        """
        self._read(mention.path for mention in mentions)
        lost = {group: self._has_lost_quote(group_mentions) for group, group_mentions in _by_group(mentions).items()}
        return tuple(self._check(mention, lost_quote=lost[mention.group]) for mention in mentions)

    def cite(self, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """A citation of each span by itself, with the first line of it that is worth a quote.

        A withheld line stands in no file, so it is never the one.
        """
        mentions = [
            Mention(shown_path(item.path), item.start, item.end, item.revision, (), group, (0, 0))
            for group, item in enumerate(evidence)
        ]
        self._read(mention.path for mention in mentions)
        quoted = [
            replace(mention, quotes=self._first_quote(mention, item.text))
            for mention, item in zip(mentions, evidence, strict=True)
        ]
        return self.check(quoted)

    def _first_quote(self, mention: Mention, text: str) -> tuple[str, ...]:
        span = self._span(mention) or []
        lines = [line.strip()[:_MAX_OWN_QUOTE_CHARS] for line in text.split("\n")]
        lines.sort(key=lambda line: len(line) < MIN_QUOTE_CHARS)  # stable: long enough ones first, in their order
        first = next((line for line in lines if verifies(line, span)), None)
        return () if first is None else (first,)

    def _check(self, mention: Mention, *, lost_quote: bool) -> Citation:
        entry = self._entries.get(mention.path)
        label = self._snapshot.label(entry) if entry else self._snapshot.commit or "worktree"
        elsewhere = bool(mention.revision) and not _names(mention.revision, label)
        span = None if elsewhere else self._span(mention)
        if span is not None and not lost_quote:
            quote = next((quote for quote in mention.quotes if verifies(quote, span)), "")
            if quote:
                return _citation(mention, label, CitationStatus.VERIFIED, quote)
            if self._was_given(mention):
                return _citation(mention, label, CitationStatus.LOCATED)
        if span is None or lost_quote:
            stale = self._revision_where_true(mention)
            if stale:
                return _citation(mention, stale, CitationStatus.STALE, _claimed_quote(mention))
        return _citation(mention, label, CitationStatus.UNSUPPORTED, _claimed_quote(mention))

    def _has_lost_quote(self, mentions: Sequence[Mention]) -> bool:
        """Whether something was quoted for a group of citations that stands in none of them."""
        spans = [span for mention in mentions if (span := self._span(mention)) is not None]
        quotes = [quote for quote in mentions[0].quotes if is_quote(quote)]
        return any(not any(contains(span, quote) for span in spans) for quote in quotes)

    def _was_given(self, mention: Mention) -> bool:
        if mention.path in self._whole:
            return True
        given = self._context.get(mention.path, frozenset[int]())
        return given.issuperset(range(mention.start, mention.end + 1))

    def _read(self, paths: Iterable[str]) -> None:
        """Reads the cited files that were not read yet, in one batch."""
        wanted = [self._entries[path] for path in dict.fromkeys(paths) if path in self._entries]
        wanted = [entry for entry in wanted if shown_path(entry.path) not in self._files]
        if not wanted:
            return
        self._files.update({shown_path(entry.path): None for entry in wanted})
        for entry, data in read_entries(self._snapshot, wanted):
            self._files[shown_path(entry.path)] = read_lines(entry.path, data)

    def _revision_where_true(self, mention: Mention) -> str:
        """Another commit at which the cited lines exist and hold what is quoted, or ""."""
        entry = self._entries.get(mention.path)
        return self._history.revision_where_true(mention, path=entry.path if entry else mention.path)

    def _span(self, mention: Mention) -> list[str] | None:
        """The cited lines, or None where they do not all exist."""
        return lines_between(self._files.get(mention.path), mention.start, mention.end)


def any_valid(citations: Iterable[Citation]) -> bool:
    """Whether one of them at least points to what is there."""
    return any(citation.status in {CitationStatus.VERIFIED, CitationStatus.LOCATED} for citation in citations)


def shown_path(path: str) -> str:
    r"""A path as prompts and answers show it: on one line, whatever its bytes are (`\n` becomes `\x0a`)."""
    if path.isascii() and path.isprintable():
        return path
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _lines_of(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(line for start, end in spans for line in range(start, end + 1))


def _by_group(mentions: Iterable[Mention]) -> dict[int, list[Mention]]:
    groups: dict[int, list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(mention.group, []).append(mention)
    return groups


def _claimed_quote(mention: Mention) -> str:
    return next((quote for quote in mention.quotes if is_quote(quote)), "")


def _citation(mention: Mention, revision: str, status: CitationStatus, quote: str = "") -> Citation:
    return Citation(mention.path, mention.start, mention.end, revision, status, quote)


def _names(revision: str, label: str) -> bool:
    """Whether a revision as written is the one that a file is cited at."""
    bare = label.removeprefix("worktree:")
    return label == revision or (len(revision) >= 7 and bare.startswith(revision.removeprefix("worktree:")))
