"""Reads a question: the words that carry it, the things it names, and what kind of file it asks for.

Knows the English of people who ask about code, and nothing of any repository.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .. import terms
from .intents import subject_of_uses
from .stopwords import STOP_WORDS, WEAK_WORDS
from .thesaurus import Entry, Related, entries_in

__all__ = ["WEAK", "Name", "Question", "Word", "is_name", "quoted_texts", "read_question"]

WEAK = 0.35
"""What a word counts that questions are built from."""

_PART_OF_NAME = 0.5  # `session_interface` is asked for as a whole first
_JOINED_PAIR = 0.5  # "file name" may be `filename` in the code

_LEAD_IN = re.compile(
    r"^\s*(?:(?:hi|hello|hey)\b[\s,!.]*)?(?:please\s+|(?:can|could|would) you (?:please )?|i(?:'d| would) like to )?"
    r"(?:(?:show|tell|explain)(?: to)?(?: me| us)?|know|find out)?\b(?: the following)?[\s,:]*",
    re.IGNORECASE,
)
_RAW_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"`([^`\n]{1,200})`|\"([^\"\n]{1,200})\"|(?<!\w)'([^'\n]{1,80})'(?!\w)")
_IS_NAME = re.compile(r"[@$&*~.:#-]{0,2}\w[\w-]*(?:(?:\.|::|#|->)[\w-]+)*[?!]?(?:\(\))?")
_IS_PHRASE = re.compile(r"[\w\s.:#>-]+")
_NAME = re.compile(r"\w+(?:(?:\.|::|#|->)\w+)*(?:\(\))?")
_LOOKS_LIKE_CODE = re.compile(
    r"[a-z0-9]_+[a-z0-9]|[A-Z0-9]_+[A-Z0-9]|^_+\w|[a-z0-9][A-Z]|[A-Z]{2,}[a-z]|\w(?:::|#|->)\w|\(\)$"
)
_QUALIFIED = re.compile(r"[A-Za-z_]\w+\.[A-Za-z_]\w+")
_SEPARATOR = re.compile(r"\.|::|#|->")

_ABOUT_TESTS = re.compile(r"\b(tests?|tested|testing|specs?|fixtures?|mocks?|mocked|assertions?)\b", re.IGNORECASE)
_ABOUT_DOCS = re.compile(
    r"\b(docs?|document(?:s|ed|ation)|readme|changelog|history|guides?|tutorials?|section|manual|guidelines?"
    r"|(?:upgrade|upgrading|release|migration) notes?|contribut(?:e|es|ing|ors?)|explained|advise[sd]?|recipe for"
    r"|(?:which|what) (?:release|(?:page|chapter|article|note|recipe)s? (?:explain|say|tell|describe|show)s?))\b",
    re.IGNORECASE,
)
_ABOUT_HISTORY = re.compile(r"\b(changelog|history|release notes|changes in|what changed)\b", re.IGNORECASE)
_ABOUT_SETTINGS = re.compile(
    r"\b(which|what) (?:[\w-]+ )?(settings?|options?|flags?|features?|variables?)\b", re.IGNORECASE
)
# "how do I ..." asks what to do, "how does it ..." how it is done
_ABOUT_DOING = re.compile(
    r"\bhow (?:can|do|should|could|would|must|may) (?:i|you|one|someone|somebody|people|users?)\b"
    r"|\bhow (?:can|should|could|must|may) we\b",
    re.IGNORECASE,
)
_ABOUT_EXAMPLES = re.compile(r"\b(examples?|samples?|demos?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A term of the question.

    Attributes:
        text: As it was written, for showing.
        key: The hash of its term.
        weight: How much it counts; 1 for a word that carries the question.
        related: Terms that often stand for it, with how much each counts.
        optional: It is a guess of another spelling, whose absence means nothing.
    """

    text: str
    key: int
    weight: float
    related: tuple[tuple[int, float], ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A thing that the question names, as code or in quotes.

    Attributes:
        text: As it was written.
        key: The `identifier_key` of its last part.
        owners: The parts before it, as `identifier_key`s: `MethodView` of `MethodView.dispatch_request`.
        quoted: It was written in quotes or backticks.
    """

    text: str
    key: int
    owners: tuple[int, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    Attributes:
        text: As it was asked.
        words: The terms to look for, each once.
        names: The things named.
        about_tests, about_docs, about_history, about_examples: It asks for that kind of file.
        about_settings: It asks for a setting, or for what one is to do: code, data and documents may tell.
        about_uses: It asks where something is used, or what a change affects.
    """

    text: str
    words: tuple[Word, ...]
    names: tuple[Name, ...] = ()
    about_tests: bool = False
    about_docs: bool = False
    about_history: bool = False
    about_settings: bool = False
    about_examples: bool = False
    about_uses: bool = False


def read_question(text: str) -> Question:
    """What a question asks for. Words that carry nothing are left out, unless there are no others."""
    names = _names(text)
    tokens = _RAW_WORD.findall(_LEAD_IN.sub("", text)) or _RAW_WORD.findall(text)
    content = [token for token in tokens if token.lower() not in STOP_WORDS] or tokens
    about_uses = subject_of_uses(text) is not None
    return Question(
        text=text,
        words=_words(content, tokens),
        names=names,
        about_tests=bool(_ABOUT_TESTS.search(text)),
        about_docs=bool(_ABOUT_DOCS.search(text)),
        about_history=bool(_ABOUT_HISTORY.search(text)),
        about_settings=bool(_ABOUT_SETTINGS.search(text) or (not about_uses and _ABOUT_DOING.search(text))),
        about_examples=bool(_ABOUT_EXAMPLES.search(text)),
        about_uses=about_uses,
    )


def quoted_texts(text: str) -> list[str]:
    """What stands in quotes or backticks, in order."""
    return [next(group for group in match.groups() if group) for match in _QUOTED.finditer(text)]


def is_name(quoted: str) -> bool:
    """Whether a quoted text reads as the name of something, not as a string that is to be found as it stands."""
    return _IS_NAME.fullmatch(quoted) is not None


def _names(text: str) -> tuple[Name, ...]:
    found: dict[str, Name] = {}
    for quoted in quoted_texts(text):
        if is_name(quoted) or _IS_PHRASE.fullmatch(quoted):  # "session interface" may be called SessionInterface
            found.setdefault(quoted, _name(quoted, quoted=True))
    for written in _NAME.findall(_QUOTED.sub(" ", text)):
        if _LOOKS_LIKE_CODE.search(written) or _QUALIFIED.fullmatch(written):
            found.setdefault(written, _name(written, quoted=False))
    if not found and len(alone := _NAME.findall(text)) == 1:
        found[alone[0]] = _name(alone[0], quoted=False)
    return tuple(found.values())


def _name(written: str, *, quoted: bool) -> Name:
    parts = [part for part in _SEPARATOR.split(written.removesuffix("()").strip()) if part]
    keys = tuple(terms.identifier_key(part) for part in parts) or (terms.identifier_key(written),)
    return Name(written, keys[-1], keys[:-1], quoted)


def _words(content: list[str], tokens: list[str]) -> tuple[Word, ...]:
    words: dict[int, Word] = {}
    for token in content:
        for word in _words_of_token(token):
            known = words.get(word.key)
            if known is None or known.weight < word.weight:
                words[word.key] = word
    for word in _joined_pairs(set(content), tokens):
        words.setdefault(word.key, word)
    _relate(words, tokens)
    return tuple(words.values())


def _relate(words: dict[int, Word], tokens: Sequence[str]) -> None:
    """Gives words what the thesaurus has for them; a phrase gives its terms to those of its words that carry something.

    One without such a word, as "give up" is, becomes a word of its own.
    """
    related: dict[int, dict[int, float]] = {}
    for entry in entries_in(tokens):
        carrying = [key for stem in entry.stems if (key := terms.term_hash(stem)) in words]
        if not carrying:
            guess = _guess(entry, tokens)
            words.setdefault(guess.key, guess)
        for key in carrying:
            known = related.setdefault(key, {})
            for term, share in entry.related:
                # what stands for a phrase is shared among its words
                known[term] = max(known.get(term, 0.0), share / len(carrying) ** 0.5)
    for key, known in related.items():
        others: Related = tuple((term, share) for term, share in known.items() if term != key)
        words[key] = replace(words[key], related=others)


def _guess(entry: Entry, tokens: Sequence[str]) -> Word:
    said = tokens[entry.start : entry.stop]
    return Word(" ".join(said), entry.as_one, 1.0, entry.related, optional=True)


def _words_of_token(token: str) -> list[Word]:
    weight = WEAK if token.lower() in WEAK_WORDS else 1.0
    found = terms.terms_of(token)
    whole = [_word(token, term, weight) for term in found[:1]]
    return whole + [_word(token, term, weight * _PART_OF_NAME) for term in found[1:]]


def _word(written: str, term: str, weight: float) -> Word:
    return Word(written, terms.term_hash(term), weight)


def _joined_pairs(content: set[str], tokens: list[str]) -> list[Word]:
    return [
        Word(f"{left} {right}", terms.identifier_key(left + right), _JOINED_PAIR, optional=True)
        for left, right in pairwise(tokens)
        if left in content and right in content and left.isalpha() and right.isalpha()
    ]
