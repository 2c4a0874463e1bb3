"""Checks claims against the files: each citation by itself, what is quoted for a claim in all that it cites.

Never says that a claim follows from what it cites.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...context.citations import CitationChecker
from ...context.mentions import parse_citations, quotes_of, uncited_sentences
from ...context.prose import Span
from ...context.types import Citation, Mention
from .claim import Claim
from .reply import Reply

__all__ = ["CheckedClaim", "CheckedReply", "check_claims", "check_reply"]


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim with what was checked about each of its citations."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class CheckedReply:
    """What was checked about a reply.

    Attributes:
        citations: All of them, in order.
        claims: None where it is prose.
        uncited: Where in its text something is claimed and nothing cited.
    """

    citations: tuple[Citation, ...]
    claims: tuple[CheckedClaim, ...]
    uncited: tuple[Span, ...]


def check_reply(reply: Reply, checker: CitationChecker) -> CheckedReply:
    """A reply, checked, of claims or of prose."""
    if not reply.is_prose:
        claims = check_claims(reply.claims, checker)
        return CheckedReply(tuple(one for claim in claims for one in claim.citations), claims, reply.uncited)
    mentions = parse_citations(reply.text, paths=checker.paths)
    uncited = uncited_sentences(reply.text, mentions) if reply.found else ()
    return CheckedReply(checker.check(mentions), (), uncited)


def check_claims(claims: Sequence[Claim], checker: CitationChecker) -> tuple[CheckedClaim, ...]:
    """The claims, checked; those that a text cites by itself, as `[path:start-end]`, come behind its own."""
    mentions = [_mentions(claim, checker, group) for group, claim in enumerate(claims)]
    citations = iter(checker.check([one for group in mentions for one in group]))
    return tuple(
        CheckedClaim(claim.text, tuple(dict.fromkeys(next(citations) for _ in group)))
        for claim, group in zip(claims, mentions, strict=True)
    )


def _mentions(claim: Claim, checker: CitationChecker, group: int) -> list[Mention]:
    """The citations of a claim side by side: they share what its text quotes, and each has its own quote first."""
    own = [one.quote for one in claim.citations if one.quote]
    shared = (*own, *quotes_of(claim.text))
    mentions = [
        Mention(
            one.path, one.start, one.end, "", tuple(dict.fromkeys((*filter(None, [one.quote]), *shared))), group, (0, 0)
        )
        for one in claim.citations
    ]
    known = {(one.path, one.start, one.end) for one in claim.citations}
    written = parse_citations(claim.text, paths=checker.paths)
    return mentions + [
        replace(one, quotes=shared, group=group) for one in written if (one.path, one.start, one.end) not in known
    ]
