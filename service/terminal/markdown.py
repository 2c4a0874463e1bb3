"""Renders an answer as Markdown, for a comment, an issue or a file. Knows nothing of terminals."""

import re
from collections.abc import Mapping

from ...context.citations import shown_path
from ..answer import Answer, AnswerCitation, AnswerCommit, AnswerEvidence
from ..claims.prose import code_span
from .clean import clean, clean_line
from .receipt_line import receipt_line
from .render import (
    NO_CITATION_MARK,
    commit_place,
    count_uncited,
    current_place,
    group_by_file,
    is_prose,
    mark_uncited,
    missing_words,
    place_statuses,
    short_revision,
    shown_lines,
)

__all__ = ["escaped", "render_markdown"]


def render_markdown(answer: Answer) -> str:
    """The answer, its citations as a list, and the receipt in one line."""
    if is_prose(answer):
        blocks = [clean(mark_uncited(answer)).rstrip("\n")]
        if answer.citations:
            heading = "**Citations**, checked against the files (not whether the claim follows)"
            blocks.append("\n".join([heading, "", *map(_citation, answer.citations)]))
        if count := count_uncited(answer):
            blocks.append(f"> {count}, marked {escaped(NO_CITATION_MARK)}")
    elif answer.found:
        statuses = place_statuses(answer)
        blocks = [_place(item, statuses) for group in group_by_file(answer.evidence) for item in group]
    else:
        blocks = [clean_line(answer.answer)]
    if answer.commits:
        blocks.append("\n".join(["**Commits** that touched these lines", "", *map(_commit, answer.commits)]))
    if missing := missing_words(answer):
        blocks.append(f"> {escaped(clean_line(missing))}")
    blocks += [f"> {escaped(clean_line(warning))}" for warning in answer.receipt.warnings]
    blocks.append(f"---\n\n{escaped(clean_line(receipt_line(answer.receipt)))}")
    return "\n\n".join(blocks) + "\n"


def _place(item: AnswerEvidence, statuses: Mapping[tuple[str, int, int], str]) -> str:
    symbol = f" {_code(item.symbol)}" if item.symbol else ""
    text = "\n".join(line for _, line in shown_lines(item))
    status = statuses.get((shown_path(item.path), item.start, item.end), "")
    status = f" {status}" if status else ""
    fence = "`" * max(3, _longest_run(text) + 1)
    why = f"\n\n{escaped(clean_line('; '.join(item.reasons)))}" if item.reasons else ""
    place = f"{_code(f'{item.path}:{item.start}-{item.end}')}{symbol}{status} @ {short_revision(item.revision)}"
    return f"{place}{why}\n\n{fence}{item.language}\n{text}\n{fence}"


def _citation(citation: AnswerCitation) -> str:
    quote = f": {_code(citation.quote)}" if citation.quote else ""
    revision = f" @ {short_revision(citation.revision)}" if citation.revision else ""
    now = f", now {_code(current_place(citation))}" if citation.now else ""
    place = _code(f"{citation.path}:{citation.start}-{citation.end}")
    return f"- {citation.status.value} {place}{revision}{now}{quote}"


def _commit(commit: AnswerCommit) -> str:
    said = clean_line(f"{commit.date[:10]} {commit.author}: {commit.subject}")
    return f"- {_code(commit_place(commit))} {escaped(said)} ({escaped(clean_line(commit.reason))})"


def _code(text: str) -> str:
    """A code span that holds any text."""
    return code_span(clean_line(text))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def escaped(text: str) -> str:
    """Text without markup other than its code spans: a reason or a path must not become a link, an image or HTML."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\*_\[\]<>#!|`])", r"\\\1", part) for part in parts)
