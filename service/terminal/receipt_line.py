"""Tells a receipt in one line; `--json` tells it whole. Knows nothing of looks."""

from collections.abc import Iterator

from ..answer import ModelReceipt, PackReceipt, Receipt, SessionReceipt, TokensReceipt
from .phrases import count_of, left_out

__all__ = ["receipt_line"]

# one after the other; the receipt's other stages are parts of "index", some of them at the same time
_STAGES = ("open", "list", "index", "search", "pack", "prompt", "model", "check")


def receipt_line(receipt: Receipt) -> str:
    """Mode and why, snapshot, files, tokens, time, and with a model what it takes to ask it again."""
    return " · ".join(_parts(receipt))


def _parts(receipt: Receipt) -> Iterator[str]:
    yield f"{receipt.mode} ({receipt.why})"
    yield _snapshot(receipt)
    yield from _files(receipt)
    if receipt.model:
        yield _model(receipt.model)
        yield _tokens(receipt.tokens)
    if receipt.pack:
        yield _pack(receipt.pack)
    if receipt.session:
        yield _session(receipt.session)
    yield f"{sum(receipt.seconds.get(stage, 0.0) for stage in _STAGES):.2f} s"


def _snapshot(receipt: Receipt) -> str:
    snapshot = receipt.snapshot
    if snapshot.commit is None:
        return snapshot.kind if snapshot.kind == "folder" else f"{snapshot.kind} without a commit"
    named = f"{snapshot.revision} = " if snapshot.revision else ""
    dirty = f" + {count_of(snapshot.dirty_files, 'changed file')}" if snapshot.dirty_files else ""
    return f"{named}{snapshot.commit[:12]}{dirty}"


def _files(receipt: Receipt) -> Iterator[str]:
    files = receipt.files
    # files that were read and then left out count as read, too: more than are indexed would look like a mistake
    some = f"{files.read:,} of them" if files.read < files.indexed else "all"
    yield f"{count_of(files.indexed, 'file')}{f', {some} read in this run' if files.read else ''}"
    if any(files.omitted.values()):
        yield left_out(files.omitted)
    if files.unparsed_files:
        yield f"{files.unparsed_files:,} read as lines"
    if files.withheld_lines:
        yield f"{count_of(files.withheld_lines, 'line')} withheld as secret"


def _model(model: ModelReceipt) -> str:
    engine = f" on {model.engine} {model.versions.get(model.engine, '')}".rstrip() if model.engine else ""
    seed = "" if model.seed is None else f", seed {model.seed}"
    return f"{model.served_model or model.model}{engine} at {model.base_url}{seed}, prompt {model.prompt_hash[:12]}"


def _pack(pack: PackReceipt) -> str:
    """The tokens that are new to a server are what a commit costs."""
    about = "about " if pack.estimated else ""
    new = pack.tokens - pack.kept
    sections = f" and {count_of(pack.sections, 'section')}" if pack.sections else ""
    omitted = f", {pack.omitted:,} more not in full" if pack.omitted else ""
    return (
        f"pack {pack.id[:12]} of {count_of(pack.files, 'file')}{sections}{omitted}, {about}{pack.tokens:,} tokens"
        f"{f', {new:,} of them new' if new else ''}"
    )


def _session(session: SessionReceipt) -> str:
    given = f" ({count_of(session.given, 'earlier turn')} given" if session.given or session.dropped else ""
    dropped = f", the oldest {session.dropped:,} left out as over session_tokens" if session.dropped else ""
    return f"session {session.name}, turn {session.turn:,}{given}{dropped}{')' if given else ''}"


def _tokens(tokens: TokensReceipt) -> str:
    about = "about " if tokens.estimated else ""
    restored = f", {tokens.restored:,} of them read back" if tokens.restored else ""
    cached = f" ({tokens.cached:,} cached{restored})" if tokens.cached else ""
    return f"{about}{tokens.prompt:,} tokens in{cached}, {tokens.completion:,} out"
