"""Renders an answer as Markdown, for a comment, an issue or a file. Knows nothing of terminals."""

import re

from ..answer import Answer, AnswerCitation, AnswerEvidence
from .clean import clean, clean_line
from .receipt_line import receipt_line
from .render import group_by_file, mark_uncited, short_revision

__all__ = ["render_markdown"]


def render_markdown(answer: Answer) -> str:
    """The answer, its citations as a list, and the receipt in one line."""
    if answer.mode == "retrieved":
        blocks = [clean(mark_uncited(answer)).rstrip("\n")]
        if answer.citations:
            blocks.append("\n".join(["**Citations**", "", *map(_citation, answer.citations)]))
    elif answer.found:
        blocks = [_place(item) for group in group_by_file(answer.evidence) for item in group]
    else:
        blocks = [clean_line(answer.answer)]
    blocks += [f"> {clean_line(warning)}" for warning in answer.receipt.warnings]
    blocks.append(f"---\n\n{_escaped(clean_line(receipt_line(answer.receipt)))}")
    return "\n\n".join(blocks) + "\n"


def _place(item: AnswerEvidence) -> str:
    symbol = f" {_code(item.symbol)}" if item.symbol else ""
    text = clean(item.text)
    fence = "`" * max(3, _longest_run(text) + 1)
    why = f"\n\n{_escaped(clean_line('; '.join(item.reasons)))}" if item.reasons else ""
    place = f"{_code(f'{item.path}:{item.start}-{item.end}')}{symbol} @ {short_revision(item.revision)}"
    return f"{place}{why}\n\n{fence}{item.language}\n{text}\n{fence}"


def _citation(citation: AnswerCitation) -> str:
    quote = f": {_code(citation.quote)}" if citation.quote else ""
    revision = f" @ {short_revision(citation.revision)}" if citation.revision else ""
    return f"- {citation.status.value} {_code(f'{citation.path}:{citation.start}-{citation.end}')}{revision}{quote}"


def _code(text: str) -> str:
    """A code span that holds any text."""
    text = clean_line(text)
    run = _longest_run(text)
    if not run:
        return f"`{text}`"
    fence = "`" * (run + 1)
    return f"{fence} {text} {fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _escaped(text: str) -> str:
    """Text without markup other than its code spans: a reason or a path must not become a link, an image or HTML."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\*_\[\]<>#!|`])", r"\\\1", part) for part in parts)
