"""Checks citations against the bytes of the snapshot: does the span exist, does the quote stand in it.

Never says that a claim follows from what it cites, and knows nothing of the index: a stale index cannot make a citation
look good. Reads only the files that are cited.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..ingest.reader import read_text
from ..ingest.snapshot import read_at, read_entries, recent_revisions
from ..ingest.types import Snapshot
from .types import Citation, CitationStatus, Evidence, Mention

__all__ = ["MIN_QUOTE_CHARS", "CitationChecker", "any_valid", "shown_path"]

MIN_QUOTE_CHARS = 20
# a path's history is searched this far for the revision at which a citation was true, for so many citations at most:
# each revision costs a git process of some 5 ms
_MAX_REVISIONS = 10
_MAX_STALE_SEARCHES = 8
# one line of a minified file is not shown whole
_MAX_OWN_QUOTE_CHARS = 200

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_NUMBERED_LINE = re.compile(r"\s*\d+\s?[|:\u2502]\s?")
_ELLIPSIS = re.compile(r"\s*(?:(?:#|//|--|/\*)?\s*(?:\.{3}|\u2026)\s*(?:\*/)?)\s*")
# `retries = 5`: short, yet a quote of code and no name
_STATEMENT = re.compile(r"\w \S?= \S|[;{]$")
# `flask.sansio.app.App.register()`: long, yet a name and no quote of code
_NAME = re.compile(r"[\w.:/\\@$#<>*&~+-]+(?:\(\))?")


class CitationChecker:
    """Checks the citations of one answer."""

    def __init__(self, snapshot: Snapshot, *, context: Mapping[str, Sequence[tuple[int, int]]]) -> None:
        """Checks against `snapshot`; `context` holds the spans, by path, that the writer of the answer was given."""
        self._snapshot = snapshot
        self._context = {path: _lines_of(spans) for path, spans in context.items()}
        self._entries = {shown_path(entry.path): entry for entry in snapshot.entries}
        # left out on purpose, secret files among them: never searched, at no revision
        self._omitted = frozenset(shown_path(omission.path) for omission in snapshot.omissions)
        self._files: dict[str, list[str] | None] = {}
        # by claim: a streamed answer is checked again and again as it grows
        self._found_stale: dict[tuple[str, int, int, str, tuple[str, ...]], str] = {}

    @property
    def paths(self) -> frozenset[str]:
        """The paths that can be cited, as they are shown."""
        return frozenset(self._entries)

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
        span = _span(self._files.get(mention.path), mention) or []
        lines = [line.strip()[:_MAX_OWN_QUOTE_CHARS] for line in text.split("\n")]
        lines.sort(key=lambda line: len(line) < MIN_QUOTE_CHARS)  # stable: long enough ones first, in their order
        return tuple(line for line in lines if _stands_in(line, span))[:1]

    def _check(self, mention: Mention, *, lost_quote: bool) -> Citation:
        entry = self._entries.get(mention.path)
        label = self._snapshot.label(entry) if entry else self._snapshot.commit or "worktree"
        elsewhere = bool(mention.revision) and not _names(mention.revision, label)
        span = None if elsewhere else _span(self._files.get(mention.path), mention)
        if span is not None and not lost_quote:
            quote = next((quote for quote in mention.quotes if _stands_in(quote, span)), "")
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
        spans = [span for mention in mentions if (span := _span(self._files.get(mention.path), mention)) is not None]
        quotes = [quote for quote in mentions[0].quotes if _is_quote(quote)]
        return any(not any(_contains(span, quote) for span in spans) for quote in quotes)

    def _was_given(self, mention: Mention) -> bool:
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
            self._files[shown_path(entry.path)] = _read_lines(entry.path, data)

    def _revisions(self, mention: Mention, path: str) -> Sequence[str]:
        """Where to look for the lines: at the commit that is named, else at those that changed the file."""
        if not mention.revision:
            return recent_revisions(self._snapshot.source, path, limit=_MAX_REVISIONS)
        # what a model writes reaches git only when it is a commit id and nothing else
        return [mention.revision] if _COMMIT.fullmatch(mention.revision) else []

    def _revision_where_true(self, mention: Mention) -> str:
        """Another commit at which the cited lines exist and hold what is quoted, or ""."""
        claim = (mention.path, mention.start, mention.end, mention.revision, mention.quotes)
        if claim not in self._found_stale:
            if self._snapshot.commit is None or len(self._found_stale) >= _MAX_STALE_SEARCHES:
                return ""
            self._found_stale[claim] = self._search_history(mention)
        return self._found_stale[claim]

    def _search_history(self, mention: Mention) -> str:
        path = entry.path if (entry := self._entries.get(mention.path)) else mention.path
        if mention.path in self._omitted or not _is_plain_path(path):
            return ""
        for revision in self._revisions(mention, path):
            data = read_at(self._snapshot.source, revision, path)
            span = _span(_read_lines(path, data), mention) if data is not None else None
            if span is not None and all(_contains(span, quote) for quote in mention.quotes if _is_quote(quote)):
                return revision
        return ""


def any_valid(citations: Iterable[Citation]) -> bool:
    """Whether one of them at least points to what is there."""
    return any(citation.status in {CitationStatus.VERIFIED, CitationStatus.LOCATED} for citation in citations)


def shown_path(path: str) -> str:
    r"""A path as prompts and answers show it: on one line, whatever its bytes are (`\n` becomes `\x0a`)."""
    if path.isascii() and path.isprintable():
        return path
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _read_lines(path: str, data: bytes) -> list[str] | None:
    decoded = read_text(path, data)
    if decoded is None:
        return None
    lines = decoded[0].split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def _span(lines: list[str] | None, mention: Mention) -> list[str] | None:
    """The cited lines, or None where they do not all exist."""
    if lines is None or not 1 <= mention.start <= mention.end <= len(lines):
        return None
    return lines[mention.start - 1 : mention.end]


def _stands_in(quote: str, span: Sequence[str]) -> bool:
    """Whether this is a quote that verifies: long enough or a whole line, and it stands in the span."""
    pieces = _pieces(quote)
    if not pieces or not _contains(span, quote):
        return False
    if max(len(piece) for piece in pieces) >= MIN_QUOTE_CHARS:
        return True
    whole_lines = set(_flat_lines(span))
    quoted = [line for piece in pieces for line in piece.split("\n")]
    return all(line in whole_lines for line in quoted) and any(char.isalnum() for char in "".join(quoted))


def _contains(span: Sequence[str], quote: str) -> bool:
    """Whether every piece of a quote stands in the span, in order. White space counts as one blank."""
    flat = "\n".join(_flat_lines(span))
    position = 0
    for piece in _pieces(quote):
        position = flat.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True


def _is_quote(quote: str) -> bool:
    """Whether it can be meant as a quote of code at all, rather than as a name; a false one must not go unseen."""
    flat = " ".join(quote.split())
    if _NAME.fullmatch(flat):
        return False
    return len(flat) >= MIN_QUOTE_CHARS or bool(_STATEMENT.search(flat))


def _pieces(quote: str) -> list[str]:
    """A quote as it is compared: flat lines, cut where "..." leaves something out, without copied line numbers."""
    lines = quote.split("\n")
    if all(_NUMBERED_LINE.match(line) for line in lines if line.strip()):
        lines = [_NUMBERED_LINE.sub("", line, count=1) for line in lines]
    pieces: list[list[str]] = [[]]
    for line in lines:
        if _ELLIPSIS.fullmatch(line):
            pieces.append([])
        else:
            pieces[-1].extend(_flat_lines([line]))
    return ["\n".join(piece) for piece in pieces if piece]


def _flat_lines(lines: Iterable[str]) -> list[str]:
    return [flat for line in lines if (flat := " ".join(line.split()))]


def _lines_of(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(line for start, end in spans for line in range(start, end + 1))


def _by_group(mentions: Iterable[Mention]) -> dict[int, list[Mention]]:
    groups: dict[int, list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(mention.group, []).append(mention)
    return groups


def _claimed_quote(mention: Mention) -> str:
    return next((quote for quote in mention.quotes if _is_quote(quote)), "")


def _citation(mention: Mention, revision: str, status: CitationStatus, quote: str = "") -> Citation:
    return Citation(mention.path, mention.start, mention.end, revision, status, quote)


def _names(revision: str, label: str) -> bool:
    """Whether a revision as written is the one that a file is cited at."""
    bare = label.removeprefix("worktree:")
    return label == revision or (len(revision) >= 7 and bare.startswith(revision.removeprefix("worktree:")))


def _is_plain_path(path: str) -> bool:
    """Whether a path that a model wrote may be handed to git: relative, inside, no control characters."""
    return bool(path) and path.isprintable() and not path.startswith(("/", "-", ":")) and ".." not in path.split("/")
