"""What an answer is: the documented, versioned JSON that `--json` writes and every face renders.

Knows nothing of how an answer is made, nor of terminals. A field is added without a new version; one that is renamed,
removed or means something else raises `SCHEMA_VERSION`.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..context.types import CitationStatus

__all__ = [
    "SCHEMA_VERSION",
    "Answer",
    "AnswerCitation",
    "AnswerCommit",
    "AnswerEvidence",
    "FilesReceipt",
    "Mode",
    "ModelReceipt",
    "Receipt",
    "SnapshotReceipt",
    "TokensReceipt",
    "printable",
]

SCHEMA_VERSION: Final = 1

# surrogates that stand for no byte: halves of a pair, as JSON may carry them
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def printable(text: str) -> str:
    r"""Text that is valid Unicode: bytes that were not UTF-8 (surrogate escapes) become `\xNN`, others a mark.

    Paths and command lines may hold such bytes; JSON and pydantic refuse them.
    """
    if text.isascii():
        return text
    return _NO_BYTE.sub("\ufffd", text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


Mode = Literal["extractive", "retrieved"]
"""extractive: the places themselves, no model. retrieved: a model wrote from the evidence."""

_Text = Annotated[str, BeforeValidator(printable)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerCitation(_Model):
    """A span that the answer points to, and what was checked about it; never that the claim follows from it."""

    path: _Text = Field(description="Relative to the repository's root.")
    start: int = Field(description="First line, 1-based.")
    end: int = Field(description="Last line, inclusive.")
    revision: str = Field(
        description="Where it was checked: a commit, or `worktree:` and 12 digits of the blob id. For a stale citation,"
        " the revision where it was true."
    )
    status: CitationStatus = Field(
        description="verified: a quote stands in the span. located: the span was in the context given, nothing was"
        " quoted. stale: true at `revision` only. unsupported: none of these."
    )
    quote: _Text = Field(default="", description='What was quoted, or "".')


class AnswerEvidence(_Model):
    """A span that retrieval chose, with its reasons. The model, if any, read what of it fitted its budget."""

    path: _Text = Field(description="Relative to the repository's root.")
    start: int = Field(description="First line, 1-based.")
    end: int = Field(description="Last line, inclusive.")
    revision: str = Field(description="A commit, or `worktree:` and 12 digits of the blob id.")
    symbol: _Text = Field(description='Qualified name of the innermost definition, or "".')
    kind: str = Field(description='function, class, section, ..., or "".')
    language: str = Field(description='As recognised, or "".')
    score: float = Field(description="Higher is better; comparable within one answer only.")
    reasons: tuple[_Text, ...] = Field(description="Why it ranked, in words.")
    text: _Text = Field(description="The lines, joined by newlines, secret ones withheld.")
    given: bool = Field(default=False, description="True when the model was given this span.")


class AnswerCommit(_Model):
    """A commit that touched the spans found, for a question of history; cited as `path:start-end@commit`."""

    commit: str = Field(description="The full commit id.")
    date: str = Field(description="The author's date, ISO 8601 with its offset.")
    author: _Text = Field(description="The author's name, as committed.")
    subject: _Text = Field(description="The first line of the message.")
    body: _Text = Field(default="", description="The rest of the message, at most 1,000 characters.")
    path: _Text = Field(description="The file that it touched, as it was called at that commit.")
    start: int = Field(description="First line that it touched, at that commit; 0 where it is not known.")
    end: int = Field(description="Last line, inclusive.")
    reason: _Text = Field(description="What it did to the lines, in words.")


class SnapshotReceipt(_Model):
    """What was asked: the source and the state that it was in."""

    source: _Text = Field(description="The folder, or the URL without credentials.")
    kind: str = Field(description="worktree, bare or folder.")
    prefix: _Text = Field(default="", description='The sub-folder asked, or "".')
    commit: str | None = Field(default=None, description="The full commit id; null for a plain folder.")
    revision: _Text | None = Field(default=None, description="What --rev named; null for the work tree.")
    dirty_files: int = Field(default=0, description="Files that differ from the commit, untracked ones included.")
    dirty: tuple[_Text, ...] = Field(default=(), description="Their paths, the first 100.")


class FilesReceipt(_Model):
    """What of the snapshot was read, and what was not."""

    indexed: int = Field(description="Files that the answer could draw on.")
    read: int = Field(description="Files whose bytes were read and parsed in this run.")
    omitted: dict[str, int] = Field(default_factory=dict, description="Files left out, counted by reason.")
    unparsed: tuple[_Text, ...] = Field(default=(), description="Files that fell back to lines, the first 100.")
    unparsed_files: int = Field(default=0, description="How many fell back to lines.")
    withheld_lines: int = Field(default=0, description="Lines withheld because they hold a secret.")
    index_route: str = Field(default="", description="warm, overlay or built.")
    embedder: str = Field(default="", description="Id of the embedder of the index.")


class TokensReceipt(_Model):
    """Tokens of the model; all 0 without one."""

    prompt: int = Field(default=0, description="Tokens sent.")
    cached: int = Field(default=0, description="Of these, read from the engine's cache.")
    completion: int = Field(default=0, description="Tokens written.")
    estimated: bool = Field(default=False, description="True when the server did not say and characters / 3.5 stands.")


class ModelReceipt(_Model):
    """What is needed to ask the model the same again."""

    model: _Text = Field(description="The name that was asked for.")
    served_model: _Text = Field(default="", description='The name that the server reports, or "".')
    engine: str = Field(default="", description='vllm, ollama, ..., or "" when the server does not tell.')
    versions: dict[str, _Text] = Field(default_factory=dict, description="Versions by name: the engine, the client.")
    base_url: _Text = Field(description="The endpoint, without credentials.")
    loopback: bool = Field(description="True when the endpoint is this machine.")
    temperature: float | None = Field(description="As sent; null when the server refused the setting.")
    seed: int | None = Field(description="As sent; null when the server refused the setting.")
    max_tokens: int = Field(description="Limit of the reply.")
    prompt_hash: str = Field(description="sha256 of the whole prompt, hex.")
    prompt_bytes: int = Field(description="UTF-8 bytes of the whole prompt.")
    finish_reason: str = Field(default="", description="Why the model stopped: stop, length, ...")


class Receipt(_Model):
    """What an answer was made from."""

    repoask: str = Field(description="Version of repoask.")
    mode: Mode = Field(description="The same as the answer's.")
    why: _Text = Field(description="Why this mode, in words.")
    snapshot: SnapshotReceipt
    files: FilesReceipt
    tokens: TokensReceipt = TokensReceipt()
    seconds: dict[str, float] = Field(default_factory=dict, description="Wall time by stage.")
    model: ModelReceipt | None = Field(default=None, description="null without a model.")
    warnings: tuple[_Text, ...] = Field(default=(), description="What the reader should know, one sentence each.")


class Answer(_Model):
    """An answer with all that it rests on."""

    schema_version: Literal[1] = SCHEMA_VERSION
    found: bool = Field(description="False when the repository was judged to hold no answer.")
    mode: Mode = Field(
        description="extractive: the places themselves, no model. retrieved: a model wrote from the evidence."
    )
    question: _Text
    answer: _Text = Field(description="Markdown. Extractive answers list the places; models' text is not cleaned.")
    citations: tuple[AnswerCitation, ...] = ()
    evidence: tuple[AnswerEvidence, ...] = Field(default=(), description="Best first. Near misses when not found.")
    commits: tuple[AnswerCommit, ...] = Field(
        default=(), description="Where the question asks for history: the commits that touched the evidence."
    )
    missing: tuple[_Text, ...] = Field(default=(), description="Names of the question that the repository lacks.")
    sentences_without_citation: tuple[_Text, ...] = Field(default=(), description="As written; models only.")
    uncited: tuple[tuple[int, int], ...] = Field(
        default=(), description="Where each of these stands in `answer`: its first character, and one past its last."
    )
    receipt: Receipt
