from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.errors import EngineReplyError
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams
from repoask.service.engine.warming import warm_up

PROMPT = Prompt(messages=(Message("user", "ready?"),))
PARAMS = SamplingParams(temperature=0.0, seed=None, max_tokens=100)


def test_one_token_is_asked_for_and_what_was_counted_told(serve: Callable[..., Any], scripted: ModuleType) -> None:
    server = serve(scripted.stream("I"))
    usage = warm_up(OpenAIEngine(server.base_url, "x", timeout_s=5), PROMPT, params=PARAMS, salt="ab")
    assert usage is not None
    assert (usage.prompt_tokens, usage.cached_tokens) == (900, 64)
    assert (server.requests[0].body["max_tokens"], server.requests[0].body["cache_salt"]) == (1, "ab")


def test_a_token_without_text_is_enough_where_it_is_counted(serve: Callable[..., Any], scripted: ModuleType) -> None:
    server = serve(scripted.stream(""), scripted.stream("", usage=False))
    engine = OpenAIEngine(server.base_url, "x", timeout_s=5)
    assert warm_up(engine, PROMPT, params=PARAMS) is not None
    with pytest.raises(EngineReplyError, match="wrote nothing"):
        warm_up(engine, PROMPT, params=PARAMS)
