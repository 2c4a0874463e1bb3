"""Tells the questions that need all of a repository from those that a few places answer.

An inventory lists or counts whatever is of a kind, a review judges the whole, a summary tells what it is and how it is
built. Knows the English of people who ask about code, and nothing of any repository.
"""

import re
from typing import Literal

from .intents import asks_for_history, subject_of_uses

__all__ = ["Breadth", "breadth_of"]

Breadth = Literal["inventory", "review", "summary"]

_MOST_SAID = 1_000  # characters: who pastes more asks about what he pastes

# what a question names or quotes is not what it asks for: "where is `list_all_users` defined?"
_NAMED = re.compile(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|\b\w+(?:_\w+)+\b|\b[a-z]+[A-Z]\w*\b|[\w./-]+\.\w{1,5}\b")

_WHOLE = (
    r"(?:code ?-?base|repo(?:sitory)?|project|source(?: code| tree)?|application|app|program|library|framework|system"
    r"|documentation|docs|collection|corpus|documents)"
)
_THE = r"(?:the|this|our|my|your|an?)"
_ENTIRE = rf"(?:(?:{_THE}\s+)?(?:whole|entire|complete|full|overall)\s+|{_THE}\s+)"
_THE_WHOLE = rf"(?:{_ENTIRE}(?:[\w-]+\s+)?{_WHOLE}|(?:{_THE}\s+)?(?:whole|entire)\s+(?:thing|code))"
_ALL = r"(?:all(?:\s+of)?(?:\s+the)?|every(?:\s+single)?|each(?:\s+and\s+every)?|any\s+and\s+all)"
_KIND = r"(?!\s*(?:the\s+)?(?:time|way|day|night|right|together|about)\b)"
_PLACES = (
    rf"(?:across|throughout|anywhere\s+in|everywhere\s+in|over|through(?:out)?\s+all\s+of|in\s+all\s+of)\s+"
    rf"(?:{_THE_WHOLE}|all\s+(?:the\s+)?(?:files|modules|packages|services|components))"
)

_INVENTORY = (
    rf"\b(?:list|enumerate|catalogu?e|inventory|find|show(?:\s+me)?|name|identify|collect|gather|give\s+me|extract)\s+"
    rf"(?:me\s+)?{_ALL}{_KIND}\s+\w",
    r"\b(?:complete|full|exhaustive|comprehensive)\s+(?:list|inventory|catalogu?e|index|enumeration)\s+of\b",
    r"\binventory\s+of\b",
    r"\bwhat\s+are\s+(?:all\s+(?:of\s+)?the|all)\b",
    r"\bwhich\s+(?:\w+\s+){1,3}(?:(?:do|are|have)\s+(?:not|no)|don't|aren't|haven't|lack|miss)\b",
    rf"\bhow\s+many\s+(?:different\s+|distinct\s+)?\w+(?:\s+\w+){{0,4}}\s+(?:are\s+there|exist|do(?:es)?\s+{_THE}\s+"
    rf"(?:\w+\s+)?{_WHOLE}\s+(?:have|define|contain|use))",
    rf"\bcount\s+(?:{_ALL}|the\s+number\s+of)\b",
    r"\b(?:every|all)\s+(?:the\s+)?(?:place|places|spot|spots|location|locations|occurrences?|instances?)\s+"
    r"(?:where|that|in\s+which|of|the)\b",
)
_REVIEW = (
    rf"\b(?:review|audit|assess|critique|evaluate|inspect|check|scan|analy[sz]e|examine|lint)\s+{_THE_WHOLE}\b",
    rf"\b(?:review|audit|assessment|analysis|evaluation|critique)\s+of\s+{_THE_WHOLE}\b",
    r"\b(?:security|performance|accessibility|code|quality|architecture|design|threat)\s+(?:audit|review)\s+(?:of|for)\b",
    r"\b(?:inconsisten(?:t|cy|cies)|contradict\w*|dead\s+code|unused\s+code|duplicat(?:ed|e|ion)(?:\s+\w+)?\s+(?:code|logic)"
    rf"|code\s+smells?|technical\s+debt|anti-?patterns?)\b[^?.]*\b(?:{_PLACES}|in\s+{_THE_WHOLE}|between\s+(?:the\s+)?\w+s\b)",
    rf"\b(?:inconsistently|consistently|uniformly)\b[^?.]*\b{_PLACES}",
    rf"\b{_PLACES}[^?.]*\b(?:inconsisten\w*|consisten\w*|duplicat\w*|repeated|missing)\b",
    rf"\bwhat\s+(?:is|are|'s)\s+(?:the\s+)?(?:worst|biggest|main|most\s+\w+|greatest)\s+"
    rf"(?:problems?|issues?|weakness(?:es)?|risks?|bugs?|flaws?|vulnerabilit(?:y|ies))\s+(?:of|in|with)\s+{_THE_WHOLE}\b",
    rf"\b(?:any|what|which|are\s+there)\s+(?:\w+\s+)?(?:bugs|vulnerabilities|security\s+(?:holes|issues|problems))\s+in\s+"
    rf"{_THE_WHOLE}\b",
)
_SUMMARY = (
    rf"\bsummar(?:i[sz]e|y\s+of)\s+(?:what\s+)?{_THE_WHOLE}\b",
    rf"\b(?:overview|tour|outline|walk-?through|big\s+picture|high-?level\s+(?:view|description|explanation))\s+"
    rf"(?:of|through)\s+(?:{_THE_WHOLE}|{_THE}\s+(?:\w+\s+)?(?:architecture|modules|packages|components|code))\b",
    rf"\b(?:explain|describe|document|summari[sz]e|outline|sketch|draw)\s+(?:me\s+)?{_ENTIRE}"
    rf"(?:(?:high-?level|software|system|general)\s+)?architecture\b",
    rf"\b(?:explain|describe|understand|walk\s+me\s+through|take\s+me\s+through|introduce\s+me\s+to)\s+(?:how\s+)?"
    rf"{_THE_WHOLE}(?=\s*(?:$|[?.,;!]|\b(?:to|works?|is|does|for|in|as)\b))",
    rf"\bwhat\s+(?:does|is)\s+{_THE}\s+(?:\w+\s+)?{_WHOLE}(?=\s*(?:$|[?.,;!]|\b(?:do|about|for|all\s+about)\b))",
    rf"\bhow\s+(?:is|are)\s+{_THE_WHOLE}\s+(?:structured|organi[sz]ed|laid\s+out|built\s+up|architected|designed)\b",
    r"\bwhat\s+(?:is|are)\s+(?:the\s+)?(?:main|overall|key|major|core)\s+(?:\w+\s+)?"
    r"(?:modules|components|parts|packages|layers|architecture|subsystems|building\s+blocks)\b",
)
_WANTED: tuple[tuple[Breadth, tuple[str, ...]], ...] = (
    ("review", _REVIEW),
    ("summary", _SUMMARY),
    ("inventory", _INVENTORY),
)
_PATTERNS = tuple((breadth, re.compile("|".join(patterns), re.IGNORECASE)) for breadth, patterns in _WANTED)


def breadth_of(question: str) -> Breadth | None:
    """What makes a question need all of a repository; None where a few places can answer it.

    Uses of a thing and its history are no inventories: the graph of references and git have all of them.
    """
    if len(question) > _MOST_SAID:
        return None
    said = _NAMED.sub(" it ", question)
    if subject_of_uses(question) is not None or asks_for_history(question):
        return None
    return next((breadth for breadth, pattern in _PATTERNS if pattern.search(said)), None)
