"""The values of context. Lines are 1-based and inclusive; paths are relative to the source's root."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..ingest.types import Definition, Import, Reason, Reference

__all__ = [
    "Chunk",
    "Citation",
    "CitationStatus",
    "CommitEvidence",
    "Evidence",
    "Explained",
    "FileRecord",
    "IndexReport",
    "Mention",
    "SearchResult",
]


@dataclass(frozen=True, slots=True)
class Chunk:
    r"""A contiguous span of one file, cut at syntax boundaries.

    Attributes:
        start: First line.
        end: Last line.
        text: The lines, joined by "\n", without the last line end.
        symbol: The qualified name of the innermost definition that holds the span, or "".
        kind: That definition's kind, or "".
        terms: 64-bit hashes of the distinct terms, ascending. Shape (t,).
        counts: How often each stands in the chunk. Shape (t,).
    """

    start: int
    end: int
    text: str
    symbol: str = ""
    kind: str = ""
    terms: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    counts: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))


@dataclass(frozen=True, slots=True)
class FileRecord:
    """All that the index keeps of one blob read in one language. It knows no path: two paths may share it.

    Attributes:
        blob_id: git's hash of the raw bytes.
        language: What it was read as; part of the key.
        omission: Why the bytes are left out; then everything below is empty.
        size: Bytes.
        lines: How many.
        chunks: Cover every line once, in order.
        definitions: As parsed.
        references: As parsed.
        imports: As parsed.
        parsed: False where a grammar exists but the file fell back to lines.
        withheld: How many lines were withheld as secrets.
    """

    blob_id: str
    language: str
    omission: Reason | None
    size: int
    lines: int = 0
    chunks: tuple[Chunk, ...] = ()
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    parsed: bool = True
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that may answer the question, with its reasons in words.

    Attributes:
        revision: The commit, or `worktree:` and 12 digits of the blob id.
        score: Higher is better; comparable within one answer only.
        reasons: Why it ranked, in words that a person understands.
        text: The lines, withheld ones masked.
    """

    path: str
    start: int
    end: int
    symbol: str
    kind: str
    language: str
    revision: str
    score: float
    reasons: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Ranked evidence, or the word that there is none.

    Attributes:
        found: False when the repository was judged to hold no answer.
        evidence: Best first. May hold near misses when `found` is False.
        missing: Names and words of the question that the repository does not have.
        note: One sentence on why `found` is False; "" when it is True.
    """

    found: bool
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CommitEvidence:
    """A commit that touched what was found, cited as `path:start-end@commit`.

    Attributes:
        commit: The full id.
        date: The author's date, ISO 8601 with its offset.
        author: The author's name, as committed.
        subject: The first line of the message, withheld where it holds a secret.
        body: The rest of the message, cut.
        path, start, end: The lines that it touched, as they stand at that commit.
        reason: What it did to them, in words.
    """

    commit: str
    date: str
    author: str
    subject: str
    body: str
    path: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What history says of found spans.

    Attributes:
        commits: Best first; none where the question asks for no history.
        notes: What is missing and why, one sentence each.
    """

    commits: tuple[CommitEvidence, ...] = ()
    notes: tuple[str, ...] = ()


class CitationStatus(StrEnum):
    """What was checked about a citation. None of these means that the claim follows from it.

    VERIFIED: a quote of at least 20 characters, or the whole of a shorter line, stands in the cited span.
    LOCATED: the span exists and was in the context given, but nothing was quoted.
    STALE: it was true at another revision.
    UNSUPPORTED: none of these.
    """

    VERIFIED = "verified"
    LOCATED = "located"
    STALE = "stale"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Citation:
    """A span that an answer points to, and what was checked about it.

    Attributes:
        revision: Where it was checked; for a stale one, the revision where it was true.
        quote: What was quoted, or "".
    """

    path: str
    start: int
    end: int
    revision: str
    status: CitationStatus
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One citation as it stands in a text, not yet checked.

    Attributes:
        path: As written, without a leading "./".
        start: First line as written.
        end: Last line as written; equal to `start` where only one line is named.
        revision: What stands behind "@", or "".
        quotes: Code that the same claim quotes, as written.
        group: Citations that stand side by side share one; the quotes belong to the group.
        span: Where it stands in the text: first character, and the one after the last.
    """

    path: str
    start: int
    end: int
    revision: str
    quotes: tuple[str, ...]
    group: int
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What making the index ready took, for the receipt.

    Attributes:
        route: "warm" (nothing changed), "overlay" (a few files read anew), "built" (the image was written).
        files: Files of the snapshot that are in the index.
        files_read: Files whose bytes were read and parsed in this run.
        omitted: How many files were left out, by reason; listing and bytes together.
        unparsed: Paths that have a grammar but fell back to lines.
        withheld_lines: Lines withheld as secrets.
        seconds: Time by stage: list, read, parse, embed, write, image.
        embedder: The embedder's id.
    """

    route: str
    files: int
    files_read: int
    omitted: dict[str, int]
    unparsed: tuple[str, ...]
    withheld_lines: int
    seconds: dict[str, float]
    embedder: str
