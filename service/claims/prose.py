"""Renders claims as Markdown: a paragraph each, with what it quotes and `[path:start-end]` at its end.

Checks nothing, and cleans nothing for a terminal.
"""

import re
from collections.abc import Iterator

from ...context.citations import shown_path
from .claim import Cited, Claim

__all__ = ["BETWEEN_CLAIMS", "code_block", "code_span", "render_claim", "render_missing", "render_not_found"]

BETWEEN_CLAIMS = "\n\n"

_TICKS = re.compile("`+")
_FENCE_AT_END = re.compile(r"(?:^|\n)[ \t]*(?:`{3,}|~{3,})[ \t]*$")


def render_claim(claim: Claim) -> str:
    """A paragraph. What stands in the text already, a citation or a quote, is not written twice."""
    flat = _flat(claim.text)
    tail = ", ".join(_citations(claim, flat))
    if not tail:
        return claim.text
    if _FENCE_AT_END.search(claim.text):
        return f"{claim.text}\n{tail}"
    body, stop = (
        (claim.text[:-1], ".") if claim.text.endswith(".") and not claim.text.endswith("..") else (claim.text, "")
    )
    colon = ":" if tail.startswith("`") and body[-1:].isalnum() else ""
    return f"{body}{colon} {tail}{stop}"


def render_missing(missing: str) -> str:
    """What an answer says that it lacks."""
    return f"Missing: {missing}"


def render_not_found(why: str) -> str:
    """An answer that is none."""
    return f"NOT FOUND: {why or 'the evidence does not answer the question.'}"


def code_span(text: str) -> str:
    """A code span that holds any text of one line."""
    run = max(map(len, _TICKS.findall(text)), default=0)
    if not run:
        return f"`{text}`"
    fence = "`" * (run + 1)
    return f"{fence} {text} {fence}"


def code_block(text: str) -> str:
    """A fenced block that holds any text."""
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}\n{text.strip()}\n{fence}"


def _citations(claim: Claim, flat: str) -> Iterator[str]:
    for cited in dict.fromkeys(claim.citations):
        place = _place(cited)
        quote = _flat(cited.quote)
        shown = [code_span(quote)] if quote and quote not in flat else []
        if place not in claim.text:
            shown.append(place)
        if shown:
            yield " ".join(shown)


def _place(cited: Cited) -> str:
    return f"[{shown_path(cited.path)}:{cited.start}-{cited.end}]"


def _flat(text: str) -> str:
    return " ".join(text.split())
