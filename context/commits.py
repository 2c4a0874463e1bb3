"""Answers "when, why and by whom did this change" for the spans that were found: the commits that touched their lines.

Three readings of history, the quick ones first, together within some seconds: blame tells who gave each line its form,
the log of the lines who changed them before, and the search for an identifier which commit brought it. Imported where a
question asks for history; knows nothing of ranking.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ..errors import SourceError
from ..ingest.listing import read_at
from ..ingest.log import CommitFacts, Log, Touch
from ..ingest.snapshot import read_entries
from ..ingest.symbols.parser import parse
from ..ingest.types import Snapshot
from . import terms
from .lines import read_lines
from .retrieval.intents import asks_for_history
from .retrieval.question import read_question
from .retrieval.roles import roles_of
from .types import CommitEvidence, Evidence, Explained

__all__ = ["LIMIT_S", "explain_history"]

LIMIT_S = 3.0
"""Readings of one question: redis, 12,000 commits, takes 0.5 s."""

_MOST_SPANS = 2
_MOST_COMMITS = 8
_MOST_AFTER_BEGINNING = 4  # when what introduced it is known, the others are only what came of it
_MOST_CHANGES = 10
_MOST_ADDITIONS = 50
_MOST_LINES = 20_000  # of a file with uncommitted changes: comparing takes time by more than its length

_OF_BEGINNING = re.compile(
    r"\b(?:introduc|add|creat|since|first|new|land|origin|appear|came|come|implement|start|exist)", re.IGNORECASE
)
_OF_REASON = re.compile(r"\b(?:why|how come|revert|roll|reason|undo|undone|back)", re.IGNORECASE)
_LOOKS_LIKE_CODE = re.compile(r"[a-z0-9][A-Z]|[^\W_]_+[^\W_]|^_+\w|[A-Z]{2,}[a-z]")


@dataclass(frozen=True, slots=True)
class _Span:
    """Committed lines of a file."""

    path: str
    start: int
    end: int


def explain_history(
    snapshot: Snapshot, question: str, evidence: Sequence[Evidence], *, limit_s: float = LIMIT_S
) -> Explained:
    """The commits that touched the best spans, when the question asks for history; nothing otherwise.

    Args:
        snapshot: Where the evidence was found.
        question: As asked.
        evidence: Best first.
        limit_s: After that time it stops, and says so.
    """
    if not evidence or not asks_for_history(question):
        return Explained()
    if snapshot.source.git_dir is None:
        return Explained(notes=("A plain folder has no history: nothing tells when or by whom it was changed.",))
    if snapshot.commit is None:
        return Explained(notes=("Nothing is committed yet, so there is no history to tell.",))
    try:
        return _History(snapshot, snapshot.commit, question, limit_s).explain(evidence)
    except SourceError as error:
        return Explained(notes=(f"History could not be read: {error}",))


class _History:
    """One question about the commits behind a snapshot."""

    def __init__(self, snapshot: Snapshot, commit: str, question: str, limit_s: float) -> None:
        self._snapshot = snapshot
        self._commit = commit
        self._question = question
        self._limit_s = limit_s
        self._log = Log(snapshot.source, limit_s=limit_s)
        self._notes: list[str] = []
        self._touches: dict[str, tuple[Touch, str]] = {}

    def explain(self, evidence: Sequence[Evidence]) -> Explained:
        name = _identifier(self._question, evidence)
        spans = [span for item in _best(evidence, name) if (span := self._committed(_narrowed(item, name)))]
        try:
            self._read(spans, name)
        except SourceError as error:
            self._notes.append(f"History could not be read to its end: {error}")
        if self._log.stopped:
            self._notes.append(f"Looking through history stopped after {self._limit_s:g} s: there may be more commits.")
        facts = self._log.facts(list(self._touches))
        self._note_cut(facts)
        return Explained(tuple(self._ordered(facts)), tuple(dict.fromkeys(self._notes)))

    def _read(self, spans: Sequence[_Span], name: str) -> None:
        """The quick readings first, so that the slow one alone is cut off."""
        for span in spans:
            self._add_blame(self._log.blame(self._commit, span.path, span.start, span.end))
        if spans:
            first = spans[0]
            for touch in self._log.changes(self._commit, first.path, first.start, first.end, limit=_MOST_CHANGES):
                self._touches.setdefault(touch.commit, (touch, "changed these lines"))
            if name and _OF_BEGINNING.search(self._question):
                self._look_for_beginning(first, name)

    def _add_blame(self, touches: Iterable[Touch]) -> None:
        """A touch for each commit: its longest run of lines, and how many lines it gave their form in all."""
        runs: dict[str, list[Touch]] = {}
        for touch in touches:
            runs.setdefault(touch.commit, []).append(touch)
        for commit, mine in runs.items():
            longest = max(mine, key=lambda touch: (touch.end - touch.start, -touch.start))
            count = sum(touch.end - touch.start + 1 for touch in mine)
            self._touches.setdefault(commit, (longest, f"wrote {count} of these lines, as they are now"))

    def _look_for_beginning(self, span: _Span, name: str) -> None:
        """The oldest commit that added the name to the file; then to any file, where the name is one of code."""
        here = self._log.additions(self._commit, name, path=span.path, limit=_MOST_ADDITIONS)
        if not here:
            return
        is_whole = not self._log.stopped and len(here) < _MOST_ADDITIONS
        first = here[-1]
        is_whole = is_whole and not self._log.is_cut_off_at(first.commit)
        # redis, where it stood in no file before: 0.2 s; to search its 6,000 commits before that takes 5
        if is_whole and _LOOKS_LIKE_CODE.search(name) and self._log.stands_before(first.commit, name):
            before = self._log.additions(first.commit, name, limit=_MOST_ADDITIONS)
            is_whole = not self._log.stopped and len(before) < _MOST_ADDITIONS
            if is_whole and before and before[-1].commit != first.commit:
                self._begin(before[-1], name, f"introduced `{name}`")
                is_whole = False
        self._begin(first, name, f"introduced `{name}`" if is_whole else f"added `{name}` to this file")

    def _begin(self, touch: Touch, name: str, reason: str) -> None:
        self._touches[touch.commit] = _with_line(self._snapshot, touch, name), reason

    def _committed(self, item: Evidence) -> _Span | None:
        """Where the lines of a span stand in the commit; None where none of them do."""
        is_changed = item.revision.startswith("worktree:") or item.path in self._snapshot.dirty
        if not is_changed:
            return _Span(item.path, item.start, item.end)
        old = self._lines_at_commit(item.path)
        new = self._lines_now(item.path)
        if max(len(old), len(new)) > _MOST_LINES:
            self._notes.append(f"{item.path}: too long to compare with what is committed; commit it, then ask again.")
            return None
        blocks = SequenceMatcher(None, old, new).get_matching_blocks()
        kept = [
            line - block.b + block.a
            for block in blocks
            for line in range(max(block.b, item.start - 1), min(block.b + block.size, item.end))
        ]
        if len(kept) < item.end - item.start + 1:
            some = "Some lines" if kept else "The lines"
            self._notes.append(f"{some} of {item.path}:{item.start}-{item.end} are not committed yet.")
        return _Span(item.path, min(kept) + 1, max(kept) + 1) if kept else None

    def _lines_at_commit(self, path: str) -> list[str]:
        data = read_at(self._snapshot.source, self._commit, path)
        return (read_lines(path, data) if data is not None else None) or []

    def _lines_now(self, path: str) -> list[str]:
        entries = [entry for entry in self._snapshot.entries if entry.path == path]
        for _, data in read_entries(self._snapshot, entries):
            return read_lines(path, data) or []
        return []

    def _note_cut(self, facts: Mapping[str, CommitFacts]) -> None:
        for commit in facts:
            if self._log.is_cut_off_at(commit):
                self._notes.append(
                    f"The clone is shallow: history before {commit[:12]} is not here (git fetch --unshallow brings it)."
                )

    def _ordered(self, facts: Mapping[str, CommitFacts]) -> list[CommitEvidence]:
        """What introduced it first; for a reason, messages that speak of it next; then the newest, or the oldest."""
        told = set(terms.hash_counts(self._question)) if _OF_REASON.search(self._question) else set()
        words = {word.key for word in read_question(self._question).words if word.weight == 1} & told
        found = [
            CommitEvidence(
                **_as_fields(facts[commit]), path=touch.path, start=touch.start, end=touch.end, reason=reason
            )
            for commit, (touch, reason) in self._touches.items()
            if commit in facts
        ]
        found.sort(key=lambda one: (one.date, one.commit), reverse=not _OF_BEGINNING.search(self._question))
        found.sort(key=lambda one: -len(words & terms.hash_counts(f"{one.subject} {one.body}").keys()))
        found.sort(key=lambda one: not one.reason.startswith("introduced"))
        is_begun = bool(found) and found[0].reason.startswith("introduced")
        return found[: _MOST_AFTER_BEGINNING if is_begun else _MOST_COMMITS]


def _as_fields(facts: CommitFacts) -> dict[str, str]:
    return {
        "commit": facts.commit,
        "date": facts.date,
        "author": facts.author,
        "subject": facts.subject,
        "body": facts.body,
    }


def _identifier(question: str, evidence: Sequence[Evidence]) -> str:
    """The name to look for: the one that the question gives, else that of the best span's definition."""
    for name in read_question(question).names:
        last = re.split(r"\.|::|#|->", name.text.removesuffix("()"))[-1]
        if any(last in item.text for item in evidence):
            return last
    return _told(evidence)[0].symbol.rpartition(".")[2]


def _best(evidence: Sequence[Evidence], name: str) -> Sequence[Evidence]:
    """The span of the definition of that name, or the first two."""
    defining = [item for item in _told(evidence) if item.symbol.rpartition(".")[2] == name]
    return defining[:1] or _told(evidence)[:_MOST_SPANS]


def _told(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Without changelogs where there is anything else: who wrote those did not change the code."""
    return [item for item in evidence if not roles_of(item.path, item.language).history] or evidence


def _narrowed(item: Evidence, name: str) -> Evidence:
    """The lines of the definition of that name inside a span, where there is one."""
    for definition in parse(item.text, item.language).definitions:
        if definition.name == name:
            return replace(item, start=item.start + definition.start - 1, end=item.start + definition.end - 1)
    return item


def _with_line(snapshot: Snapshot, touch: Touch, name: str) -> Touch:
    """The touch with the first line of its file that holds the name."""
    data = read_at(snapshot.source, touch.commit, touch.path)
    lines = (read_lines(touch.path, data) if data is not None else None) or []
    whole = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    at = next((number for number, line in enumerate(lines, 1) if whole.search(line)), 0)
    return replace(touch, start=at, end=at)
