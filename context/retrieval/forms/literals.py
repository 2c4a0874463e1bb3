"""Reads the literal strings and the `/patterns/` that a question asks for as they stand.

A quoted name is a name, not a literal. Knows nothing of what stands in the repository.
"""

import re
from dataclasses import dataclass

from ..question import is_name, quoted_texts

__all__ = ["Literal", "Pattern", "Wanted", "read_wanted"]

_MOST_READ = 4_000  # a longer question is a paste, which quotes this and that
_MOST = 5
_BODY = r"(?:[^/\\\n\[]|\\[^\n]|\[(?:\\[^\n]|[^\]\\\n]){0,200}\]){1,500}"
_PATTERN = re.compile(
    rf"(?:(?<=^)|(?<=[\s(`]))/(?P<body>{_BODY})/(?P<flags>[ims]{{0,3}})(?=$|[\s)`.,;?!])", re.MULTILINE
)
_WHOLE = re.compile(r"/(?P<body>[^\n]+)/(?P<flags>[ims]{0,3})")
_SAID = re.compile(r"(?:\b(?:match\w*|regex\w*|pattern|grep|rg|search\w*)(?:\s+for)?:?\s+\(?|`)$", re.IGNORECASE)
_IS_SPECIAL = re.compile(r"[\\^$*+?{}\[\]|]|\.[*+?]")
_PHRASE = re.compile(r"[\w\s]+")
_TELLING = re.compile(r"\w\w.*\w|\w.*\w\w", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string that is asked for as it stands."""

    text: str

    @property
    def is_phrase(self) -> bool:
        """Whether it is words alone, which people put in quotes for other reasons too."""
        return _PHRASE.fullmatch(self.text) is not None

    @property
    def shown(self) -> str:
        """How it is called in a sentence."""
        return f"“{_short(self.text)}”"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression.

    Attributes:
        body: Between the slashes.
        flags: Of `ims`; lines are searched one by one, so that only `i` changes anything.
        is_meant: It can be nothing else, so that a mistake in it is to be told.
    """

    body: str
    flags: str
    is_meant: bool

    @property
    def shown(self) -> str:
        """How it is called in a sentence."""
        return f"/{_short(self.body)}/{self.flags}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for as it stands, and whether it asks for nothing else."""

    literals: tuple[Literal, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    is_all: bool = False


def read_wanted(text: str) -> Wanted:
    """The literals and patterns of a question."""
    text = text.strip()
    if len(text) > _MOST_READ:
        return Wanted()
    if (whole := _WHOLE.fullmatch(text)) and not re.search(r"\s/|/\s", whole["body"]):
        return Wanted(patterns=(_pattern(whole, is_meant=True),), is_all=True)
    matches = list(_PATTERN.finditer(text))
    patterns = [_pattern(match, is_meant=_is_said(match, text)) for match in matches]
    patterns = [each for each in patterns if each.is_meant or each.flags or _IS_SPECIAL.search(each.body)]
    rest = _PATTERN.sub(" ", text) if patterns else text
    quoted = quoted_texts(rest)
    literals = [each for each in quoted if not is_name(each) and each.strip()]
    for each in quoted:
        rest = rest.replace(each, " ")
    is_all = bool(literals or patterns) and not re.search(r"\w", rest) and len(literals) == len(quoted)
    kept = literals if is_all else [each for each in literals if _TELLING.search(each)]
    return Wanted(tuple(map(Literal, kept[:_MOST])), tuple(patterns[:_MOST]), is_all)


def _pattern(match: re.Match[str], *, is_meant: bool) -> Pattern:
    return Pattern(match["body"].replace(r"\/", "/"), match["flags"], is_meant)


def _is_said(match: re.Match[str], text: str) -> bool:
    return bool(_SAID.search(text[max(0, match.start() - 40) : match.start()]))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
