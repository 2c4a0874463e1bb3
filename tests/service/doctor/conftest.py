"""A server on loopback that behaves as models' servers do, well or badly, as a test wishes."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

CHARS_PER_TOKEN = 4.0


@dataclass(frozen=True)
class Habits:
    """How a server behaves.

    Attributes:
        context: Tokens that it holds.
        over: What becomes of a longer prompt: "refuse", "cut" (its beginning goes), "die", "garble", "busy" or "forget"
            (it is counted in full, its beginning not found).
        counts: Whether it counts tokens.
        babbles: Writes until it may write no more.
        finds: Whether the model finds the codes at all.
        schema: "obey", "ignore", "refuse", or "blanks" after the brace until it is cut off.
        caches: A prompt sent before costs no prefill; "reported" or "silent", "" for none.
        prefill_s: Seconds a 1,000 tokens.
        piece_s: Seconds a piece of the reply.
        streams: Whether it streams.
    """

    context: int = 1_000_000
    over: str = "refuse"
    counts: bool = True
    babbles: bool = False
    finds: bool = True
    schema: str = "obey"
    caches: str = ""
    prefill_s: float = 0.0
    piece_s: float = 0.0
    streams: bool = True


class Behaviour:
    """Writes the reply to a request."""

    def __init__(self, scripted: ModuleType, habits: Habits, wait: Callable[[float], object]) -> None:
        self._wait = wait
        self._scripted = scripted
        self._habits = habits
        self._seen: set[str] = set()

    def reply(self, body: dict[str, Any]) -> Any:
        habits = self._habits
        text = body["messages"][0]["content"]
        num_tokens = int(len(text) / CHARS_PER_TOKEN)
        if num_tokens > habits.context:
            if (over := self._over(num_tokens)) is not None:
                return over
            text = text[-int(habits.context * CHARS_PER_TOKEN) :]
            num_tokens = num_tokens if habits.over == "forget" else habits.context
        if "response_format" in body and habits.schema == "refuse":
            return self._scripted.error(400, "response_format is not supported")
        cached = num_tokens - 10 if habits.caches and text in self._seen else 0
        self._seen.add(text)
        self._wait(habits.prefill_s * (num_tokens - cached) / 1000)
        return self._written(self._answer(text, body), num_tokens, cached if habits.caches == "reported" else 0)

    def _over(self, num_tokens: int) -> Any:
        match self._habits.over:
            case "refuse":
                limit = self._habits.context
                return self._scripted.error(400, f"maximum context length is {limit} tokens, not {num_tokens}")
            case "busy":
                return self._scripted.error(429, "tokens a minute", retry_after="600")
            case "die":
                return self._scripted.Reply(b"", truncate=True)
            case "garble":
                return self._written("!" * 200, num_tokens, 0)
        return None

    def _answer(self, text: str, body: dict[str, Any]) -> str:
        if self._habits.babbles:
            return " ".join(f"word{number}" for number in range(body["max_tokens"]))
        if "response_format" in body:
            schema = body["response_format"]["json_schema"]["schema"]
            word = schema["properties"]["zq_mood"]["enum"][0]
            if self._habits.schema == "blanks":
                return "{" + " \n" * 9
            obeys = self._habits.schema == "obey"
            return json.dumps({"zq_mood": word, "zq_flag": True}) if obeys else "Paris is the capital of France."
        if "Count from" in text:
            return " ".join(map(str, range(1, 101)))
        codes = re.findall(r"The code of the gate \w+ is (\d+)\.", text)
        return " ".join(codes) if codes and self._habits.finds else "I do not know."

    def _written(self, text: str, num_tokens: int, cached: int) -> Any:
        scripted, habits = self._scripted, self._habits
        usage = {
            "prompt_tokens": num_tokens,
            "completion_tokens": len(text.split()),
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        if not habits.streams:
            choice = {"message": {"content": text}, "finish_reason": "stop"}
            return scripted.json_reply(
                {"model": "served", "choices": [choice], "usage": usage if habits.counts else None}
            )
        pieces = [scripted.chunk(word + " ") for word in text.split(" ")] + [
            scripted.chunk(finish="length" if text.endswith("\n") else "stop")
        ]
        if habits.counts:
            pieces.append(scripted.event({"choices": [], "usage": usage}))
        return scripted.Reply([*pieces, scripted.event("[DONE]")], pause_s=habits.piece_s)


@pytest.fixture
def behaving(scripted: ModuleType) -> Iterator[Callable[..., Any]]:
    """`behaving(context=4096, over="cut")` starts a server with these habits, stopped when the test ends."""
    server_type = sys.modules[scripted.__name__].OpenAIServer

    class BehavingServer(server_type):  # type: ignore[misc, valid-type] # the module is loaded by its path
        def __init__(self, habits: Habits) -> None:
            super().__init__(pages={"/version": scripted.json_reply({"version": "0.32.0"})})
            self.behaviour = Behaviour(scripted, habits, self.closing.wait)

        def next_reply(self) -> Any:
            return self.behaviour.reply(self.requests[-1].body)

    with ExitStack() as stack:
        yield lambda **habits: stack.enter_context(BehavingServer(Habits(**habits)))
