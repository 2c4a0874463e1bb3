"""Tells the questions that ask for uses or for history from all others, and what they ask them of.

Knows the English of people who ask about code, and nothing of any repository.
"""

import re

__all__ = ["asks_for_history", "subject_of_uses"]

_MOST_SAID = 1_000  # characters

# "what is X used for" asks for a purpose, "what does X use" for what X itself calls: neither is here
_USE = (
    r"(?:calls?|uses?|invokes?|consumes?|imports?|references?|refers? to|overrides?|instantiates?|subclasses|extends?"
    r"|inherits? from|(?:depend|rel[iy]e?)s? (?:up)?on)"
)
_USING = r"(?:calling|using|invoking|importing|referencing|overriding|(?:depending|relying) (?:up)?on)"
_USED = r"(?:used|called|invoked|referenced|imported|instantiated|consumed|overridden|needed)"
_ASKER = (
    r"(?:who|what|anyone|anybody|anything|somebody|something"
    r"|which(?:\s+(?!to\b)[\w-]+){1,4}?|what\s+(?:other\s+)?\w+)"
)
_ADVERBS = r"(?:else|still|also|actually|directly|currently|all|ever|really|that|can|may|might|would|will|could)"
_CHANGE = (
    r"(?:chang|alter|modif|edit|remov|delet|drop|renam|replac|rewrit|mov|swap|refactor|loosen|tighten|relax|break"
    r"|touch|tweak|adjust|rework|extend|restrict|reorder|fix|switch|add|invert|lower|rais|increas|decreas)\w*"
)
_BY_PEOPLE = r"(?:i|we|you|one|someone|somebody)(?:\s+(?:were to|was to|want(?:ed)? to|had to|would|should|ever|just))*"
_REST = r"(?P<subject>[^?;]+)"
_CLAUSE = r"(?P<subject>(?:(?!,\s*(?:which|what|who|where|would|will|does|do|is|are|how|can|could)\b)[^?;])+)"

# a consequence that is asked for; "what should I do if I change ..." asks for advice
_CONSEQUENCE = re.compile(
    r"\b(?:which|who|where|anything|affect(?:s|ed)?|impact(?:s|ed)?|break(?:s|ing)?|differently"
    r"|what(?!\s+(?:should|must|can|do|shall)\s+(?:i|we|you|one)\b))\b",
    re.IGNORECASE,
)
_AFFECTED = re.compile(
    r"\b(?:affect(?:s|ed)?|impact(?:s|ed)?|breaks?|broken|differ\w*|shifts?|which|who|what else|what other)\b",
    re.IGNORECASE,
)

_CONDITIONS = (
    re.compile(rf"\b(?:if|when|by)\s+{_BY_PEOPLE}\s+(?P<verb>{_CHANGE})\s+{_CLAUSE}", re.IGNORECASE),
    re.compile(rf"\bby\s+(?P<verb>{_CHANGE.replace('w*', 'w*ing')})\s+{_CLAUSE}", re.IGNORECASE),
)
_HAPPENINGS = re.compile(
    rf"\bif\s+(?P<subject>(?:(?!,)[^?;])+\s{_CHANGE}\b[^,?;]*)",
    re.IGNORECASE,
)
_HAPPENED_OTHERWISE = re.compile(
    r"\bif\s+(?P<subject>(?:(?!,)[^?;])+?)\s+(?:were|was|is|are|did|does|behave[sd]?|work(?:s|ed)?)\s+[^,?]*?"
    r"\b(?:differently|otherwise|gone|missing|wrong|different)\b",
    re.IGNORECASE,
)
_DIRECT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_ASKER}\s+(?:{_ADVERBS}\s+)*{_USE}\s+{_REST}",
        rf"\b{_ASKER}\s+(?:is|are|was|were)\s+(?:{_ADVERBS}\s+)*{_USING}\s+{_REST}",
        rf"\bwhere(?:\s+else|\s+all)?\s+(?:is|are|was|were|does|do|gets?)\s+(?P<subject>[^?.;]{{1,160}}?)\s+"
        rf"(?:get\s+)?(?:{_ADVERBS}\s+)*{_USED}\s*(?:$|[?.,;!]|(?:and|in|from|anywhere|across|within|inside|by)\b)",
        rf"\bwhere\s+(?:else\s+)?(?:do|does|did|can)\s+(?:we|you|i|it|they|anyone|anything)\s+(?:{_ADVERBS}\s+)*"
        rf"{_USE}\s+{_REST}",
        r"\b(?:callers?|call[- ]?sites?|usages?|uses|users|consumers?|dependents?|dependants?)\s+of\s+" + _REST,
        r"\b(?:references?|calls)\s+to\s+" + _REST,
        r"\b(?:subclasses|subtypes|overrid(?:es|ers)|implementors|implementers)\s+of\s+" + _REST,
        r"\b(?:impact|effects?|consequences?|blast radius|ripple effects?)\s+of\s+(?:a\s+|the\s+|any\s+)?"
        r"(?:change|changing|removing|renaming|deleting|altering|modifying|replacing|dropping)\s+"
        r"(?:to\s+|in\s+|of\s+)?" + _REST,
        rf"\b(?:is|are|does|do|was|were)\s+(?P<subject>[^?.;]{{1,160}}?)\s+(?:still\s+(?:get\s+)?{_USED}\b"
        rf"|(?:get\s+)?{_USED}\s+(?:anywhere|elsewhere|at all|by\s+any\w+))",
        rf"\b(?:by\s+)?(?:what|which\s+\w+|who|whom|where)\s+(?:else\s+)?(?:is|are)\s+"
        rf"(?P<subject>[^?.;]{{1,160}}?)\s+{_USED}\s+(?:by|in|from)\s*(?:$|[?.!])",
        rf"\b(?P<subject>[\w.:#`()]+)\s+(?:is|are)\s+{_USED}\s+(?:by|in)\s+(?:what|which|whom|who)\b",
        r"\b(?:is|are|would be|will be|gets?)\s+(?:affected|impacted|broken)\s+by\s+(?:a\s+|the\s+|any\s+)?"
        r"(?:changes?\s+(?:to|in|of)\s+|changing\s+)?" + _REST,
        r"\b(?:what|who|which\s+\w+(?:\s+\w+)?)\s+(?:would|will|could|might|does|do)\s+"
        r"(?:changing|removing|renaming|deleting|altering|modifying|replacing|dropping)\s+"
        r"(?P<subject>[^?;]+?)\s+(?:break|affect|impact|touch|influence)",
    )
)
_HISTORY = re.compile(
    r"\bwhen\s+(?:was|were|did|has|have)\b(?!\s+(?:i|we|you)\b)[^?;]*"
    r"\b(?:chang|add|introduc|remov|renam|delet|creat|mov|fix|revert|roll|merg|land|deprecat|rewr|replac)\w*"
    r"|\b(?:why|by whom|how come)\s+(?:was|were|did|has|have)\b[^?;]*"
    r"\b(?:changed?|added|introduced|removed?|renamed?|deleted|created|moved?|fixed|revert(?:ed)?|rolled back|merged"
    r"|deprecated|rewritten|replaced)\b"
    r"|\bwho\s+(?:last\s+)?(?:changed|wrote|added|introduced|removed|renamed|deleted|authored|fixed|touched|edited"
    r"|modified|committed|moved|reverted)\b"
    r"|\b(?:what|which)\s+(?:commits?|changes?|revisions?|pull requests?|patch(?:es)?)\b[^?;]*"
    r"\b(?:chang|add|introduc|remov|renam|delet|creat|mov|fix|revert|br[eo]|touch|caus|ma[dk]e|led)\w*"
    r"|\bwhat\s+introduced\b"
    r"|\b(?:history|blame|git log|changes over time|evolution)\s+(?:of|for|behind)\b"
    r"|\bsince\s+(?:when|which\s+(?:commit|version|release))\b"
    r"|\b(?:in|as of|from)\s+which\s+(?:commit|version|release)\s+(?:was|were|did|is|has)\b"
    r"|\bhow\s+(?:has|have|did)\b[^?;]*\b(?:changed?|evolved?)\b",
    re.IGNORECASE,
)


def subject_of_uses(text: str) -> str | None:
    """What a question asks the uses of, or the effects of changing, in its own words; None when it asks neither.

    The subject may be a pronoun: "what does X do and who calls it" says it of what it named before.
    """
    text = _said(text)
    for pattern in _CONDITIONS:
        if (found := pattern.search(text)) and _CONSEQUENCE.search(_without(text, found)):
            return found["subject"].strip(" .,")
    for pattern in (_HAPPENINGS, _HAPPENED_OTHERWISE):
        if (found := pattern.search(text)) and _AFFECTED.search(_without(text, found)):
            return found["subject"].strip(" .,")
    for pattern in _DIRECT:
        if found := pattern.search(text):
            return found["subject"].strip(" .,")
    return None


def asks_for_history(text: str) -> bool:
    """Whether a question asks when, why or by whom something came to be as it is."""
    return bool(_HISTORY.search(_said(text)))


def _said(text: str) -> str:
    """What a person says before and after a pasted text: the patterns take time by the square of the length."""
    return text if len(text) <= 2 * _MOST_SAID else f"{text[:_MOST_SAID]}; {text[-_MOST_SAID:]}"


def _without(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " + text[found.end() :]
