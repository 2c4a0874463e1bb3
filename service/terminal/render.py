"""Renders an answer as text for a person, or as JSON. Everything that comes from a repository or a model is cleaned.

Knows nothing of how an answer was made, nor whether anyone reads it; the ink gives the looks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from ...context.citations import shown_path
from ..answer import Answer, AnswerCitation, AnswerEvidence
from .clean import clean, clean_line
from .ink import Ink
from .receipt_line import receipt_line

__all__ = ["NO_CITATION_MARK", "group_by_file", "mark_uncited", "render_json", "render_text", "short_revision"]

# one line of minified code must not fill the screen
_MAX_LINE_CHARS = 300
# much of the best places, of the others the beginning: ten whole ones are 500 lines, and the best scroll away
_BEST_PLACES = 3
_BEST_LINES = 40
_GLIMPSE_LINES = 8
NO_CITATION_MARK = "[no citation]"


def render_json(answer: Answer) -> str:
    """The whole answer, ASCII alone: no terminal obeys it and no code page lacks it."""
    return json.dumps(answer.model_dump(mode="json"), ensure_ascii=True, indent=2) + "\n"


def render_text(answer: Answer, *, ink: Ink, streamed: bool = False) -> str:
    """The answer with its citations and its receipt.

    Args:
        answer: What to render.
        ink: The looks.
        streamed: The model's text has been written already; only what follows it is rendered.
    """
    blocks: list[str]
    if answer.mode == "retrieved":
        text = [] if streamed else [clean(mark_uncited(answer)).rstrip("\n")]
        blocks = [*text, *_after_a_model(answer, ink, streamed=streamed)]
    elif answer.found:
        statuses = {(one.path, one.start, one.end): one.status.value for one in answer.citations}
        best = {id(item) for item in answer.evidence[:_BEST_PLACES]}
        blocks = [
            _place(item, statuses, ink, max_lines=_BEST_LINES if id(item) in best else _GLIMPSE_LINES)
            for group in group_by_file(answer.evidence)
            for item in group
        ]
    else:
        blocks = [ink.warning(clean_line(answer.answer))]
    blocks += [ink.warning(clean_line(warning)) for warning in answer.receipt.warnings]
    blocks.append(ink.dim(clean_line(receipt_line(answer.receipt))))
    return "\n\n".join(blocks) + "\n"


def group_by_file(evidence: Sequence[AnswerEvidence]) -> list[list[AnswerEvidence]]:
    """The spans of a file together, the file with the best span first."""
    groups: dict[str, list[AnswerEvidence]] = {}
    for item in evidence:
        groups.setdefault(item.path, []).append(item)
    return list(groups.values())


def mark_uncited(answer: Answer) -> str:
    """The model's text with a mark behind each sentence that has no citation."""
    text = answer.answer
    for sentence in answer.sentences_without_citation:
        text = text.replace(sentence, f"{sentence} {NO_CITATION_MARK}", 1)
    return text


def _place(
    item: AnswerEvidence,
    statuses: Mapping[tuple[str, int, int], str],
    ink: Ink,
    *,
    max_lines: int,
) -> str:
    # citations name odd paths as `shown_path` writes them
    path = clean_line(shown_path(item.path))
    status = statuses.get((path, item.start, item.end), "")
    why = "; ".join([f"{status} @ {short_revision(item.revision)}".strip(), *item.reasons])
    symbol = f"  {clean_line(item.symbol)}" if item.symbol else ""
    head = ink.place(f"{path}:{item.start}-{item.end}") + symbol
    return "\n".join([head, ink.dim(f"  {clean_line(why)}"), *_numbered(item, ink, max_lines=max_lines)])


def _numbered(item: AnswerEvidence, ink: Ink, *, max_lines: int) -> Iterator[str]:
    width = len(str(item.end))
    lines = [_shortened(line) for line in clean(item.text).split("\n")]
    shown = lines[:max_lines]
    for number, line in enumerate(ink.code("\n".join(shown), language=item.language), item.start):
        yield f"{ink.dim(f'{number:>{width + 2}}')}  {line}".rstrip()
    if left := len(lines) - len(shown):
        yield ink.dim(f"{'':>{width + 2}}  … {left:,} more line{'s' * (left != 1)}")


def _shortened(line: str) -> str:
    over = len(line) - _MAX_LINE_CHARS
    return line if over <= 0 else f"{line[:_MAX_LINE_CHARS]} … {over:,} more characters"


def _after_a_model(answer: Answer, ink: Ink, *, streamed: bool) -> Iterator[str]:
    if answer.citations:
        lines = [_citation(citation, ink) for citation in answer.citations]
        yield "\n".join([ink.dim("Citations, checked against the files (not whether the claim follows):"), *lines])
    if uncited := answer.sentences_without_citation:
        count = f"{len(uncited)} sentence{'s' * (len(uncited) != 1)} without a citation"
        listed = [f"  {clean_line(_shortened(sentence))}" for sentence in uncited] if streamed else []
        yield "\n".join([ink.warning(count + (":" if streamed else f", marked {NO_CITATION_MARK}")), *listed])


def _citation(citation: AnswerCitation, ink: Ink) -> str:
    place = ink.place(f"{clean_line(citation.path)}:{citation.start}-{citation.end}")
    status = citation.status.value
    shown = f"{status:<11}" if status in ("verified", "located") else ink.warning(f"{status:<11}")
    revision = f" @ {short_revision(citation.revision)}" if citation.revision else ""
    quote = f'  "{clean_line(_shortened(citation.quote))}"' if citation.quote else ""
    return f"  {shown} {place}{revision}{ink.dim(quote) if quote else ''}"


def short_revision(revision: str) -> str:
    """A commit by its first 12 digits; `worktree:...` as it is."""
    return revision if revision.startswith("worktree:") else revision[:12]
