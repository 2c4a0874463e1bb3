"""Reads a model's reply while it comes, as claims or, where the model writes none, as prose; both as Markdown.

What is handed on piece by piece is, joined, the rendering of the whole, however the reply is cut into pieces; the time
is linear in it. Whatever a model writes is read without an error: `Reply.problem` says what is wrong with it.
"""

import re
from dataclasses import dataclass

from ...context.mentions import uncited_sentences
from ...context.prose import Span
from ..engine.wire import sound
from .claim import Claim, read_claim, read_text
from .members import Member, MemberScanner, load_json
from .prose import BETWEEN_CLAIMS, render_claim, render_missing, render_not_found

__all__ = ["NOT_FOUND", "Part", "Reply", "ReplyReader"]

NOT_FOUND = re.compile(r"\W*not found\b", re.IGNORECASE)
"""How prose begins that says that there is no answer."""

_KEYS = ("found", "claims", "missing")
# whatever may end a citation, in any of its forms: words that hold one are an answer
_CITATION_END = re.compile(r"(?::\s?L?|#L)\d[^\[\]\n]{0,200}\]")
_CLAIMS_BEGIN = re.compile(rf'\{{\s{{0,100}}"(?:{"|".join(_KEYS)})"\s{{0,100}}:')
# a brace, and all that may stand between it and the first key with its colon
_MAX_BEGINNING_CHARS = 220
# the text of a claim that was cut off
_CUT_TEXT = re.compile(r'"text"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)', re.DOTALL)
_HALF_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{0,3}$")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the rendering.

    Attributes:
        text: Markdown.
        claim: What it renders; None for prose.
    """

    text: str
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply.

    Attributes:
        text: Its rendering; "" where nothing of it could be read.
        tail: The end of it, which was not handed on before.
        is_prose: The model wrote prose instead of claims.
        found: False when it says that the evidence holds no answer.
        claims: Those that are whole; none in prose.
        uncited: Where the sentences of claims that cite nothing stand in the text.
        problem: What keeps it from being what was asked for; "" where nothing does.
    """

    text: str
    tail: str
    is_prose: bool
    found: bool
    claims: tuple[Claim, ...] = ()
    uncited: tuple[Span, ...] = ()
    problem: str = ""


class ReplyReader:
    """Fed piece by piece. JSON may stand in a fence, and after words or thoughts that hold no citation.

    Attributes:
        is_json: Claims have begun. What was handed on before that were words around them, no part of the answer.
    """

    def __init__(self) -> None:
        self.is_json = False
        self._claims = _ClaimsReader()
        self._pieces: list[str] = []
        self._stays_prose = False
        self._has_begun = False
        self._has_words = False
        self._blank: list[str] = []
        self._held = ""

    def feed(self, text: str) -> tuple[Part, ...]:
        """What can be shown with this piece."""
        self._pieces.append(text)
        if self.is_json:
            return self._claims.feed(text)
        if not self._has_begun:
            begin = text.lstrip()
            if not begin:
                self._blank.append(text)
                return ()
            self._has_begun = True
            if begin.startswith("{"):
                return self._switch(begin)
            self._has_words = True
        self._held += text
        match = None if self._stays_prose else _CLAIMS_BEGIN.search(self._held)
        if match is None:
            return self._released()
        words = "".join(self._pieces)[: match.start() - len(self._held)]
        if NOT_FOUND.match(words) or _CITATION_END.search(words):
            self._stays_prose = True
            return self._released()
        return self._switch(self._held[match.start() :])

    def finish(self, *, is_cut: bool) -> Reply:
        """The whole reply; `is_cut` says that it was ended at a limit."""
        reply = self._claims.finish(is_cut=is_cut) if self.is_json else None
        # words that speak of such JSON are prose, all of them
        if reply and (reply.text or not self._has_words):
            return reply
        text = "".join(self._pieces)
        tail = text if reply else "".join(self._blank) + self._held
        return Reply(text, tail, is_prose=True, found=not NOT_FOUND.match(text), problem="it is no JSON")

    def _switch(self, text: str) -> tuple[Part, ...]:
        self.is_json = True
        return self._claims.feed(text)

    def _released(self) -> tuple[Part, ...]:
        """All that is held but for a brace at the end that claims may begin with."""
        brace = self._held.rfind("{")
        keep = len(self._held)
        if brace >= 0 and not self._stays_prose and _may_become_claims(self._held[brace:]):
            keep = brace
        text = "".join(self._blank) + self._held[:keep]
        self._blank, self._held = [], self._held[keep:]
        return (Part(text),) if text else ()


def _may_become_claims(text: str) -> bool:
    """Whether a text that begins with a brace may go on as `_CLAIMS_BEGIN`."""
    if len(text) > _MAX_BEGINNING_CHARS:
        return False
    rest = text[1:].lstrip()
    keys = [f'"{key}"' for key in _KEYS]
    return any(key.startswith(rest) or (rest.startswith(key) and not rest[len(key) :].strip()) for key in keys)


class _ClaimsReader:
    """Reads the JSON. A claim is handed on once it is certain that the answer has any: `found` said so, or it cites."""

    def __init__(self) -> None:
        self._scanner = MemberScanner(items_of="claims")
        self._found: bool | None = None
        self._missing: str | None = None
        self._claims: list[Claim] = []
        self._is_certain = False
        self._num_items = 0
        self._num_shown = 0
        self._length = 0
        self._uncited: list[Span] = []
        self._texts: list[str] = []
        self._problem = ""

    def feed(self, text: str) -> tuple[Part, ...]:
        for member in self._scanner.feed(text):
            try:
                self._take(member)
            except ValueError as error:
                self._note(self._place(member), error)
        return self._shown() if self._is_certain else ()

    def finish(self, *, is_cut: bool) -> Reply:
        is_whole = self._scanner.is_done
        if is_cut and not is_whole and not self._claims:
            self._claims += _begun_claim(self._scanner.unfinished)
        found = bool(self._claims) and (self._is_certain or self._found is None)
        tail = "".join(part.text for part in self._shown()) if found else ""
        if found and self._missing:
            tail += self._added(render_missing(self._missing))
        if not found and (self._found is False or self._missing):
            tail += self._added(render_not_found(self._missing or " ".join(claim.text for claim in self._claims)))
        return Reply(
            text="".join(self._texts),
            tail=tail,
            is_prose=False,
            found=found or not self._texts,
            claims=tuple(self._claims) if found else (),
            uncited=tuple(self._uncited),
            problem="" if is_cut and not is_whole else self._wrong(),
        )

    def _take(self, member: Member) -> None:
        if member.key == "claims":
            self._num_items += 1
            if not member.is_item:
                raise ValueError("it is no list")
            claim = read_claim(load_json(member.text))
            self._claims.append(claim)
            self._is_certain = self._is_certain or claim.cites
        elif member.key == "found" and self._found is None:
            value = load_json(member.text)
            if not isinstance(value, bool):
                raise ValueError("it is neither true nor false")
            self._found = value
            self._is_certain = self._is_certain or value
        elif member.key == "missing" and self._missing is None:
            self._missing = read_text(load_json(member.text))
        else:
            load_json(member.text)  # passed over, but it has to be JSON

    def _place(self, member: Member) -> str:
        if member.is_item:
            return f"`claims[{self._num_items - 1}]`"
        return f"`{member.key}`" if member.key in _KEYS else "a member"

    def _note(self, place: str, error: ValueError) -> None:
        self._problem = self._problem or f"{place}: {error}"

    def _wrong(self) -> str:
        """What keeps it from being what was asked for; "" where nothing does."""
        if self._problem or self._scanner.problem:
            return self._problem or self._scanner.problem
        if not self._scanner.is_done:
            return "the JSON ends too soon"
        if self._found is None and not self._claims:
            return "`found` or `claims` is missing"
        if self._found and not self._claims:
            return "`found` is true and there is no claim"
        return ""

    def _shown(self) -> tuple[Part, ...]:
        parts = []
        for claim in self._claims[self._num_shown :]:
            start = self._length + (len(BETWEEN_CLAIMS) if self._texts else 0)
            parts.append(Part(self._added(render_claim(claim)), claim))
            if not claim.cites:
                self._uncited += [(start + left, start + right) for left, right in uncited_sentences(claim.text, ())]
        self._num_shown = len(self._claims)
        return tuple(parts)

    def _added(self, paragraph: str) -> str:
        text = (BETWEEN_CLAIMS if self._texts else "") + paragraph
        self._texts.append(text)
        self._length += len(text)
        return text


def _begun_claim(text: str) -> list[Claim]:
    """The claim whose JSON was cut off, as far as its text came."""
    match = _CUT_TEXT.search(text)
    try:
        written = load_json(f'"{_HALF_ESCAPE.sub("", match[1])}"') if match else ""
    except ValueError:
        return []
    return [Claim(f"{sound(written).strip()} \u2026")] if written.strip() else []
