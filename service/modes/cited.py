"""The lines that an answer from a whole snapshot cites, as evidence: retrieval need not have chosen them.

So a reader sees them, and a session can tell later whether they have changed. Knows nothing of models.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...context.citations import shown_path
from ...context.types import Citation, CitationStatus, Evidence

if TYPE_CHECKING:
    from ...context.index.index import View

__all__ = ["cited_evidence"]

_REASON = "cited by the answer"
# whole files are cited too, and nobody wants to keep those
_MAX_LINES = 200
_MAX_SPANS = 100
_STANDS = frozenset({CitationStatus.VERIFIED, CitationStatus.LOCATED})


def cited_evidence(citations: Iterable[Citation], *, view: "View", known: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """A span for each citation that stands and of which not all lines are in the evidence that is known.

    Args:
        citations: As they were checked.
        view: The index of the snapshot; its text has secrets withheld.
        known: What is evidence already.
    """
    paths = {shown_path(entry.path): entry.path for entry in view.snapshot.entries}
    held: dict[str, set[int]] = {}
    for item in known:
        held.setdefault(shown_path(item.path), set()).update(range(item.start, item.end + 1))
    found: list[Evidence] = []
    for citation in dict.fromkeys(citations):
        lines = range(citation.start, citation.end + 1)
        if (
            citation.status not in _STANDS
            or len(lines) > _MAX_LINES
            or held.get(citation.path, set()).issuperset(lines)
        ):
            continue
        text = view.text(paths[citation.path])
        if text is not None and len(found) < _MAX_SPANS:
            found.append(_evidence(citation, paths[citation.path], text))
            held.setdefault(citation.path, set()).update(lines)
    return tuple(found)


def _evidence(citation: Citation, path: str, text: str) -> Evidence:
    return Evidence(
        path=path,
        start=citation.start,
        end=citation.end,
        symbol="",
        kind="",
        language="",
        revision=citation.revision,
        score=0.0,
        reasons=(_REASON,),
        text="\n".join(text.split("\n")[citation.start - 1 : citation.end]),
    )
