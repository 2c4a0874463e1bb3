"""Asks a model for claims, reads them as they come, and asks once more where they are not of the form asked for.

Hands the rendering on through a gate. Checks citations only as far as the gate and the second try need it. Knows
nothing of evidence, answers or receipts.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..context.citations import CitationChecker, any_valid
from ..context.mentions import parse_citations
from ..errors import EngineError
from .claims.checking import check_claims
from .claims.claim import SCHEMA, Claim
from .claims.prose import code_block
from .claims.reply import Reply, ReplyReader
from .engine.completion import complete
from .engine.protocol import Completion, Engine, Prompt, SamplingParams
from .gate import Gate
from .prompting import repair_prompt

__all__ = ["Asked", "Draft", "Drafter"]

# a reply that begins so is data, however it was meant
_DATA = re.compile(r'\s*(?:```\w*\s*)?(?:\{|\[\s*[\[{"])')


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with its reply."""

    prompt: Prompt
    completion: Completion


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote.

    Attributes:
        reply: As it is to be shown.
        completion: The one that it was read from.
        asked: All requests that it took, oldest first.
        warnings: What the reader should know of its form, one sentence each.
    """

    reply: Reply
    completion: Completion
    asked: tuple[Asked, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    asked: Asked
    reply: Reply
    is_usable: bool
    is_cut: bool


class Drafter:
    """Asks one engine for one answer."""

    def __init__(
        self,
        engine: Engine,
        *,
        params: SamplingParams,
        checker: CitationChecker,
        gate: Gate,
        salt: str | None = None,
        go_on: Callable[[Prompt, str, str], Prompt | None] = repair_prompt,
        on_place: Callable[[int], None] | None = None,
    ) -> None:
        """Asks nothing yet.

        Args:
            engine: The model's server.
            params: How to draw the reply.
            checker: Of the answer's citations.
            gate: Gets the text as it comes; it is left to the caller to end it.
            salt: See `Engine.generate`.
            go_on: The prompt behind a reply that has a problem, from the first prompt, the reply and the problem; None
                where it cannot be made.
            on_place: Gets the place in the server's queue.
        """
        self._engine = engine
        self._params = params
        self._checker = checker
        self._gate = gate
        self._salt = salt
        self._go_on = go_on
        self._on_place = on_place

    def draft(self, prompt: Prompt) -> Draft:
        """The reply, of the second try where the first was of no use.

        Raises:
            EngineError: The model's server could not answer.
        """
        first = self._try(prompt)
        if first.is_usable:
            return _drafted(first, [first], _told_of_part(first.reply))
        again = None if first.is_cut else self._go_on(prompt, first.asked.completion.text, first.reply.problem)
        if again is None:
            return self._as_it_came([first])
        self._gate.drop()
        try:
            second = self._try(again)
        except EngineError as error:
            if self._gate.is_open:  # half an answer was shown
                raise
            return self._as_it_came([first], f", and asking again failed ({error})")
        if second.is_usable:
            told = f"The model's first reply was not of the form asked for ({first.reply.problem}); it was asked again."
            return _drafted(second, [first, second], (told, *_told_of_part(second.reply)))
        return self._as_it_came([first, second], ", also when it was asked again")

    def _try(self, prompt: Prompt) -> _Attempt:
        reader = ReplyReader()

        def read(text: str) -> None:
            was_json = reader.is_json
            parts = reader.feed(text)
            if reader.is_json and not was_json:
                self._gate.drop()  # words around the JSON
            for part in parts:
                self._gate.feed(part.text, is_confirmed=partial(self._holds, [part.claim]) if part.claim else None)

        completion = complete(
            self._engine,
            prompt,
            params=self._params,
            schema=SCHEMA,
            salt=self._salt,
            on_delta=read,
            on_place=self._on_place,
        )
        is_cut = completion.finish_reason == "length"
        reply = reader.finish(is_cut=is_cut)
        is_usable = bool(reply.text) if is_cut else self._is_usable(reply)
        if is_usable and reply.tail:
            self._gate.feed(reply.tail, is_confirmed=None if reply.is_prose else lambda: self._is_proven(reply))
        return _Attempt(Asked(prompt, completion), reply, is_usable, is_cut)

    def _is_usable(self, reply: Reply) -> bool:
        """Whether it is what was asked for, or the answer is in it all the same."""
        if reply.is_prose:
            return not reply.found or bool(parse_citations(reply.text, paths=self._checker.paths))
        return not reply.problem or self._is_proven(reply)

    def _is_proven(self, reply: Reply) -> bool:
        """Whether one citation of its claims is valid, or none is needed."""
        return not reply.found or self._holds(reply.claims)

    def _holds(self, claims: Sequence[Claim]) -> bool:
        return any(any_valid(claim.citations) for claim in check_claims(claims, self._checker))

    def _as_it_came(self, attempts: Sequence[_Attempt], how: str = "") -> Draft:
        """The best of what is of no use: claims whose citations fail, prose without any, else what was written."""
        newest = attempts[::-1]
        with_claims = next((one for one in newest if one.reply.claims), None)
        best = with_claims or next((one for one in newest if _is_prose(one.reply)), newest[0])
        reply = best.reply
        if not reply.claims and not _is_prose(reply):
            text = code_block(best.asked.completion.text)
            reply = Reply(text, "", is_prose=True, found=True, problem=reply.problem or "it was cut off")
        self._gate.drop()
        self._gate.feed(reply.text, is_confirmed=lambda: False)
        told = f"The model's reply is not of the form asked for ({reply.problem}){how}; it is shown as it came."
        return _drafted(best, attempts, (told,), reply)


def _drafted(
    shown: _Attempt, attempts: Sequence[_Attempt], warnings: tuple[str, ...], reply: Reply | None = None
) -> Draft:
    return Draft(reply or shown.reply, shown.asked.completion, tuple(one.asked for one in attempts), warnings)


def _told_of_part(reply: Reply) -> tuple[str, ...]:
    if reply.is_prose or not reply.problem:
        return ()
    return (f"A part of the model's reply could not be read ({reply.problem}); the rest is shown.",)


def _is_prose(reply: Reply) -> bool:
    return reply.is_prose and not _DATA.match(reply.text)
