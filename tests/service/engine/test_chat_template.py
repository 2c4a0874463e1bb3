"""Templates of several shapes, rendered by a tokenizer that makes control tokens of their names."""

from collections.abc import Callable, Sequence

import pytest
from repoask.service.engine.chat_template import ChatTemplate, Ids, derive_template
from repoask.service.engine.protocol import Message

Lay = Callable[[Sequence[Message]], str]


def encode(text: str) -> Ids:
    return tuple(text.encode())


def decode(ids: Ids) -> str:
    return bytes(ids).decode()


def derived(lay: Lay) -> ChatTemplate | None:
    return derive_template(lambda messages: encode(lay(messages)), encode=encode, decode=decode)


def llama(messages: Sequence[Message]) -> str:
    return "<bos>" + "".join(f"<{one.role}>\n\n{one.content.strip()}<eot>" for one in messages) + "<assistant>\n\n"


def gemma(messages: Sequence[Message]) -> str:
    """The system message stands in the first one of the user."""
    system, first, *rest = messages
    turns = [Message("user", f"{system.content}\n\n{first.content}"), *rest]
    return "<bos>" + "".join(f"<turn>{one.role}\n{one.content}<end>\n" for one in turns) + "<turn>assistant\n"


@pytest.mark.parametrize("lay", [llama, gemma])
def test_a_conversation_is_laid_out_as_the_server_does(lay: Lay) -> None:
    template = derived(lay)
    assert template is not None
    said = [
        Message("system", "Be short."),
        Message("user", "Question: a?"),
        Message("assistant", "It is b."),
        Message("user", "and c?"),
    ]
    system, *contents = (encode(message.content) for message in said)
    for count in (1, 3):
        laid = (*template.opening, *system, *template.behind_system(contents[:count]))
        assert decode(laid) == lay(said[: count + 1])


def without_system(messages: Sequence[Message]) -> str:
    return llama(messages[1:])


def system_last(messages: Sequence[Message]) -> str:
    return llama([*messages[1:], messages[0]])


def said_twice(messages: Sequence[Message]) -> str:
    return llama([messages[0], *messages])


def in_channels(messages: Sequence[Message]) -> str:
    """An answer stands in a channel, which the reply has yet to choose."""
    turns = [Message(one.role, f"<final>{one.content}" if one.role == "assistant" else one.content) for one in messages]
    return llama(turns)


def counted(messages: Sequence[Message]) -> str:
    return f"{len(messages)}{llama(messages)}"


@pytest.mark.parametrize("lay", [without_system, system_last, said_twice, in_channels, counted])
def test_another_shape_is_told(lay: Lay) -> None:
    assert derived(lay) is None
