"""Renders an answer as text for a person, or as JSON. Everything that comes from a repository or a model is cleaned.

Knows nothing of how an answer was made, nor whether anyone reads it; the ink gives the looks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from ...context.citations import shown_path
from ..answer import Answer, AnswerCitation, AnswerCommit, AnswerEvidence
from .clean import clean, clean_line
from .ink import Ink
from .receipt_line import receipt_line

__all__ = [
    "NO_CITATION_MARK",
    "commit_place",
    "count_uncited",
    "current_place",
    "group_by_file",
    "is_prose",
    "mark_uncited",
    "missing_words",
    "place_statuses",
    "render_json",
    "render_text",
    "short_revision",
    "shown_lines",
]

# one line of minified code must not fill the screen
_MAX_LINE_CHARS = 300
# much of the best places, of the others the beginning: ten whole ones are 500 lines, and the best scroll away
_BEST_PLACES = 3
_BEST_LINES = 40
_GLIMPSE_LINES = 8
_MESSAGE_LINES = 4  # of the best commits
NO_CITATION_MARK = "[no citation]"


def render_json(answer: Answer) -> str:
    """The whole answer, ASCII alone: no terminal obeys it and no code page lacks it."""
    return json.dumps(asdict(answer), ensure_ascii=True, indent=2) + "\n"


def render_text(answer: Answer, *, ink: Ink, streamed: bool = False) -> str:
    """The answer with its citations and its receipt.

    Args:
        answer: What to render.
        ink: The looks.
        streamed: The model's text has been written already; only what follows it is rendered.
    """
    blocks: list[str]
    if is_prose(answer):
        text = [] if streamed else [clean(mark_uncited(answer)).rstrip("\n")]
        blocks = [*text, *_after_a_model(answer, ink, streamed=streamed)]
    elif answer.found:
        statuses = place_statuses(answer)
        best = {id(item) for item in answer.evidence[:_BEST_PLACES]}
        blocks = [
            _place(item, statuses, ink, max_lines=_BEST_LINES if id(item) in best else _GLIMPSE_LINES)
            for group in group_by_file(answer.evidence)
            for item in group
        ]
    else:
        blocks = [ink.warning(clean_line(answer.answer))]
    if answer.commits:
        blocks.append("\n".join([ink.dim("Commits that touched these lines:"), *_commits(answer.commits, ink)]))
    if missing := missing_words(answer):
        blocks.append(ink.warning(clean_line(missing)))
    blocks += [ink.warning(clean_line(warning)) for warning in answer.receipt.warnings]
    blocks.append(ink.dim(clean_line(receipt_line(answer.receipt))))
    return "\n\n".join(blocks) + "\n"


def is_prose(answer: Answer) -> bool:
    """Whether its text is what is to be read: a model's, or that of a session, which keeps no evidence."""
    return answer.mode != "extractive" or (answer.found and not answer.evidence)


def group_by_file(evidence: Sequence[AnswerEvidence]) -> list[list[AnswerEvidence]]:
    """The spans of a file together, the file with the best span first."""
    groups: dict[str, list[AnswerEvidence]] = {}
    for item in evidence:
        groups.setdefault(item.path, []).append(item)
    return list(groups.values())


def mark_uncited(answer: Answer) -> str:
    """The model's text with a mark behind each sentence that has no citation."""
    text = answer.answer
    for _, end in reversed(answer.uncited):
        text = f"{text[:end]} {NO_CITATION_MARK}{text[end:]}"
    return text


def count_uncited(answer: Answer) -> str:
    """How many sentences have no citation, in words; "" when all have one."""
    count = len(answer.sentences_without_citation)
    return f"{count:,} sentence{'s' * (count != 1)} without a citation" if count else ""


def missing_words(answer: Answer) -> str:
    """Names the words of the question that stand nowhere, in one line; "" when all do, or when the answer says so."""
    if not answer.missing or (answer.mode == "extractive" and not answer.found):
        return ""
    return f"Nowhere in this repository: {', '.join(answer.missing)}"


def place_statuses(answer: Answer) -> dict[tuple[str, int, int], str]:
    """What was checked about each place: (path as `shown_path` writes it, first line, last line) -> status."""
    return {(one.path, one.start, one.end): one.status.value for one in answer.citations}


def shown_lines(item: AnswerEvidence) -> list[tuple[int, str]]:
    """The lines of a span with their numbers; of many blank ones in a row, as notebooks have them, the first two."""
    lines = list(enumerate(clean(item.text).split("\n"), item.start))
    blank = [not line.strip() for _, line in lines]
    return [line for index, line in enumerate(lines) if index < 2 or not all(blank[index - 2 : index + 1])]


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
    lines = shown_lines(item)
    shown = lines[:max_lines]
    coloured = ink.code("\n".join(_shortened(line) for _, line in shown), language=item.language)
    for (number, _), line in zip(shown, coloured, strict=False):
        yield f"{ink.dim(f'{number:>{width + 2}}')}  {line}".rstrip()
    if left := item.end - shown[-1][0] if len(shown) < len(lines) else 0:
        yield ink.dim(f"{'':>{width + 2}}  … {left:,} more line{'s' * (left != 1)}")


def _shortened(line: str) -> str:
    over = len(line) - _MAX_LINE_CHARS
    return line if over <= 0 else f"{line[:_MAX_LINE_CHARS]} … {over:,} more characters"


def _after_a_model(answer: Answer, ink: Ink, *, streamed: bool) -> Iterator[str]:
    if answer.citations:
        lines = [_citation(citation, ink) for citation in answer.citations]
        yield "\n".join([ink.dim("Citations, checked against the files (not whether the claim follows):"), *lines])
    if count := count_uncited(answer):
        uncited = answer.sentences_without_citation if streamed else ()
        listed = [f"  {clean_line(_shortened(sentence))}" for sentence in uncited]
        yield "\n".join([ink.warning(count + (":" if streamed else f", marked {NO_CITATION_MARK}")), *listed])


def _citation(citation: AnswerCitation, ink: Ink) -> str:
    place = ink.place(f"{clean_line(citation.path)}:{citation.start}-{citation.end}")
    status = citation.status.value
    shown = f"{status:<11}" if status in ("verified", "located") else ink.warning(f"{status:<11}")
    revision = f" @ {short_revision(citation.revision)}" if citation.revision else ""
    now = f" -> {ink.place(clean_line(current_place(citation)))}" if citation.now else ""
    quote = f'  "{clean_line(_shortened(citation.quote))}"' if citation.quote else ""
    return f"  {shown} {place}{revision}{now}{ink.dim(quote) if quote else ''}"


def current_place(citation: AnswerCitation) -> str:
    """Where the lines of a stale citation stand now, as `path:start-end @ revision`; "" where that is not known."""
    now = citation.now
    return f"{now.path}:{now.start}-{now.end} @ {short_revision(now.revision)}" if now else ""


def _commits(commits: Sequence[AnswerCommit], ink: Ink) -> Iterator[str]:
    for number, one in enumerate(commits):
        yield f"  {one.commit[:12]}  {one.date[:10]}  {clean_line(one.author)}  {clean_line(_shortened(one.subject))}"
        yield f"    {ink.place(commit_place(one))}  {ink.dim(clean_line(one.reason))}"
        if number < _BEST_PLACES:
            lines = [line for line in clean(one.body).split("\n") if line.strip()]
            yield from (ink.dim(f"    {_shortened(line)}") for line in lines[:_MESSAGE_LINES])


def commit_place(commit: AnswerCommit) -> str:
    """The lines that a commit touched, as they are cited: `path:start-end@commit`."""
    return f"{clean_line(shown_path(commit.path))}:{commit.start}-{commit.end}@{commit.commit[:12]}"


def short_revision(revision: str) -> str:
    """A commit by its first 12 digits; `worktree:...` as it is."""
    return revision if revision.startswith("worktree:") else revision[:12]
