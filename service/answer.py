"""What an answer is: the documented, versioned JSON that `--json` writes and every face renders.

Knows nothing of how an answer is made, nor of terminals. A field is added without a new version; one that is renamed,
removed or means something else raises `SCHEMA_VERSION`. The values are made here, not read: dataclasses do, and a
question is spared the 70 ms that pydantic takes to load. The schema in docs/ is pydantic's reading of them.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from ..context.types import CitationStatus
from .printable import Printable, about

__all__ = [
    "SCHEMA_VERSION",
    "Answer",
    "AnswerCitation",
    "AnswerCommit",
    "AnswerEvidence",
    "CurrentPlace",
    "FilesReceipt",
    "Mode",
    "ModelReceipt",
    "PackReceipt",
    "Receipt",
    "SessionReceipt",
    "SnapshotReceipt",
    "TokensReceipt",
]

SCHEMA_VERSION: Final = 1

Mode = Literal["extractive", "retrieved", "full"]
"""extractive: the places themselves, no model. retrieved: a model wrote from the evidence. full: from a whole pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPlace(Printable):
    """Where the lines of a stale citation stand now."""

    path: str = field(metadata=about("Relative to the repository's root."))
    start: int = field(metadata=about("First line, 1-based."))
    end: int = field(metadata=about("Last line, inclusive."))
    revision: str = field(metadata=about("A commit, or `worktree:` and 12 digits of the blob id."))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCitation(Printable):
    """A span that the answer points to, and what was checked about it; never that the claim follows from it."""

    path: str = field(metadata=about("Relative to the repository's root."))
    start: int = field(metadata=about("First line, 1-based."))
    end: int = field(metadata=about("Last line, inclusive."))
    revision: str = field(
        metadata=about(
            "Where it was checked: a commit, or `worktree:` and 12 digits of the blob id. For a stale citation,"
            " the revision where it was true."
        )
    )
    status: CitationStatus = field(
        metadata=about(
            "verified: a quote stands in the span. located: the span was in the context given, nothing was"
            " quoted. stale: true at `revision` only. unsupported: none of these."
        )
    )
    quote: str = field(default="", metadata=about('What was quoted, or "".'))
    now: CurrentPlace | None = field(
        default=None,
        metadata=about(
            "Of a stale one in a session: where its lines stand now; null where they were not looked for or not found."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEvidence(Printable):
    """A span that retrieval chose, with its reasons; in mode full also one that the answer cites beside these.

    The model, if any, read what of them fitted its budget.
    """

    path: str = field(metadata=about("Relative to the repository's root."))
    start: int = field(metadata=about("First line, 1-based."))
    end: int = field(metadata=about("Last line, inclusive."))
    revision: str = field(metadata=about("A commit, or `worktree:` and 12 digits of the blob id."))
    symbol: str = field(metadata=about('Qualified name of the innermost definition, or "".'))
    kind: str = field(metadata=about('function, class, section, ..., or "".'))
    language: str = field(metadata=about('As recognised, or "".'))
    score: float = field(metadata=about("Higher is better; comparable within one answer only."))
    reasons: tuple[str, ...] = field(metadata=about("Why it ranked, in words."))
    text: str = field(metadata=about("The lines, joined by newlines, secret ones withheld."))
    given: bool = field(default=False, metadata=about("True when the model was given this span."))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCommit(Printable):
    """A commit that touched the spans found, for a question of history; cited as `path:start-end@commit`."""

    commit: str = field(metadata=about("The full commit id."))
    date: str = field(metadata=about("The author's date, ISO 8601 with its offset."))
    author: str = field(metadata=about("The author's name, as committed."))
    subject: str = field(metadata=about("The first line of the message."))
    body: str = field(default="", metadata=about("The rest of the message, at most 1,000 characters."))
    path: str = field(metadata=about("The file that it touched, as it was called at that commit."))
    start: int = field(metadata=about("First line that it touched, at that commit; 0 where it is not known."))
    end: int = field(metadata=about("Last line, inclusive."))
    reason: str = field(metadata=about("What it did to the lines, in words."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReceipt(Printable):
    """What was asked: the source and the state that it was in."""

    source: str = field(metadata=about("The folder, or the URL without credentials."))
    kind: str = field(metadata=about("worktree, bare or folder."))
    prefix: str = field(default="", metadata=about('The sub-folder asked, or "".'))
    commit: str | None = field(default=None, metadata=about("The full commit id; null for a plain folder."))
    revision: str | None = field(default=None, metadata=about("What --rev named; null for the work tree."))
    dirty_files: int = field(default=0, metadata=about("Files that differ from the commit, untracked ones included."))
    dirty: tuple[str, ...] = field(default=(), metadata=about("Their paths, the first 100."))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesReceipt(Printable):
    """What of the snapshot was read, and what was not."""

    indexed: int = field(metadata=about("Files that the answer could draw on."))
    read: int = field(metadata=about("Files whose bytes were read and parsed in this run."))
    omitted: dict[str, int] = field(default_factory=dict, metadata=about("Files left out, counted by reason."))
    unparsed: tuple[str, ...] = field(default=(), metadata=about("Files that fell back to lines, the first 100."))
    unparsed_files: int = field(default=0, metadata=about("How many fell back to lines."))
    withheld_lines: int = field(default=0, metadata=about("Lines withheld because they hold a secret."))
    index_route: str = field(default="", metadata=about("warm, overlay or built."))
    embedder: str = field(default="", metadata=about("Id of the embedder of the index, or `none`."))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensReceipt(Printable):
    """Tokens of the model; all 0 without one."""

    prompt: int = field(default=0, metadata=about("Tokens sent."))
    cached: int = field(default=0, metadata=about("Of these, read from the engine's cache."))
    completion: int = field(default=0, metadata=about("Tokens written."))
    restored: int = field(
        default=0, metadata=about("Of the cached ones, read back by the engine from disk or host memory.")
    )
    estimated: bool = field(
        default=False, metadata=about("True when the server did not say and characters / 3.5 stands.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReceipt(Printable):
    """What is needed to ask the model the same again."""

    model: str = field(metadata=about("The name that was asked for."))
    served_model: str = field(default="", metadata=about('The name that the server reports, or "".'))
    engine: str = field(default="", metadata=about('vllm, ollama, ..., or "" when the server does not tell.'))
    versions: dict[str, str] = field(default_factory=dict, metadata=about("Versions by name: the engine, the client."))
    max_model_len: int | None = field(
        default=None, metadata=about("Tokens of its longest prompt with the answer; null when it does not tell.")
    )
    base_url: str = field(metadata=about("The endpoint, without credentials."))
    loopback: bool = field(metadata=about("True when the endpoint is this machine."))
    temperature: float | None = field(metadata=about("As sent; null when the server refused the setting."))
    seed: int | None = field(metadata=about("As sent; null when the server refused the setting."))
    max_tokens: int = field(metadata=about("Limit of the reply."))
    prompt_hash: str = field(metadata=about("sha256 of the whole prompt, hex."))
    prompt_bytes: int = field(metadata=about("UTF-8 bytes of the whole prompt."))
    finish_reason: str = field(default="", metadata=about("Why the model stopped: stop, length, ..."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReceipt(Printable):
    """The pack that a model read in mode full."""

    id: str = field(metadata=about("Equal ids are equal packs, byte for byte; hex."))
    tokens: int = field(metadata=about("Of the whole pack."))
    estimated: bool = field(default=False, metadata=about("True when tokens are estimated, not counted."))
    kept: int = field(metadata=about("Tokens at its start that are those of the pack asked with before."))
    sections: int = field(metadata=about("How many times it went on, as the repository moved, since its base."))
    files: int = field(metadata=about("Files that stand in it in full."))
    omitted: int = field(default=0, metadata=about("Files with a text that do not, since not all fits."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReceipt(Printable):
    """Which session the question belongs to, and what of its earlier turns the model was given."""

    name: str = field(metadata=about("Its name."))
    turn: int = field(metadata=about("Number of this question in the session, from 1, as the session stood."))
    given: int = field(default=0, metadata=about("Earlier turns that the model was given; 0 without one."))
    dropped: int = field(
        default=0, metadata=about("Earlier turns, the oldest, that were left out as over session_tokens.")
    )
    estimated_tokens: int = field(default=0, metadata=about("Of those given, at 3.5 characters a token."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Printable):
    """What an answer was made from."""

    repoask: str = field(metadata=about("Version of repoask."))
    mode: Mode = field(metadata=about("The same as the answer's."))
    why: str = field(metadata=about("Why this mode, in words."))
    snapshot: SnapshotReceipt
    files: FilesReceipt
    tokens: TokensReceipt = TokensReceipt()
    seconds: dict[str, float] = field(default_factory=dict, metadata=about("Wall time by stage."))
    model: ModelReceipt | None = field(default=None, metadata=about("null without a model."))
    pack: PackReceipt | None = field(default=None, metadata=about("null but in mode full."))
    session: SessionReceipt | None = field(default=None, metadata=about("null outside a session."))
    warnings: tuple[str, ...] = field(default=(), metadata=about("What the reader should know, one sentence each."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Printable):
    """An answer with all that it rests on."""

    schema_version: Literal[1] = SCHEMA_VERSION
    found: bool = field(metadata=about("False when the repository was judged to hold no answer."))
    mode: Mode = field(
        metadata=about(
            "extractive: the places themselves, no model. retrieved: a model wrote from the evidence. full: a model"
            " wrote from the whole snapshot, or what of it fits its context."
        )
    )
    question: str
    answer: str = field(metadata=about("Markdown. Extractive answers list the places; models' text is not cleaned."))
    citations: tuple[AnswerCitation, ...] = ()
    evidence: tuple[AnswerEvidence, ...] = field(default=(), metadata=about("Best first. Near misses when not found."))
    commits: tuple[AnswerCommit, ...] = field(
        default=(), metadata=about("Where the question asks for history: the commits that touched the evidence.")
    )
    missing: tuple[str, ...] = field(default=(), metadata=about("Names of the question that the repository lacks."))
    sentences_without_citation: tuple[str, ...] = field(default=(), metadata=about("As written; models only."))
    uncited: tuple[tuple[int, int], ...] = field(
        default=(),
        metadata=about("Where each of these stands in `answer`: its first character, and one past its last."),
    )
    receipt: Receipt
