"""A model's chat template as token ids: what stands before, between and behind the messages of a conversation.

Taken from a rendering of the server itself: a conversation of words that stand nowhere else is rendered, and cut at
these words. So the pieces are those of the template that the server was started with, whoever wrote it, and no template
is run here. Knows nothing of connections.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle

from .protocol import Message

__all__ = ["ChatTemplate", "Ids", "Render", "derive_template"]

Ids = tuple[int, ...]

Render = Callable[[Sequence[Message]], Ids]
"""Gives the ids that a model is sent for a conversation, up to where its reply begins."""

# each begins and ends with a letter: the ids of a template's line ends depend on what stands beside them
_WORDS = ("Amber lamps", "Cedar doors", "Silver spoons", "Walnut shelves", "Copper kettles", "Marble stairs")


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The pieces, control tokens included.

    Attributes:
        opening: Up to the system message.
        system_to_user: From its end to the first message of the user.
        user_to_assistant: From the end of a user's message to the answer.
        assistant_to_user: From the end of an answer to the next message of the user.
        end: From the end of the last message to the reply: `user_to_assistant`, but for how its last line end is cut
            into tokens where no letter follows.
    """

    opening: Ids
    system_to_user: Ids
    user_to_assistant: Ids
    assistant_to_user: Ids
    end: Ids

    def behind_system(self, contents: Sequence[Ids]) -> Ids:
        """All that follows a system message: the ids of user's and assistant's messages in turn, a user's last."""
        joints = cycle((self.user_to_assistant, self.assistant_to_user))
        pieces = [self.system_to_user, *chain.from_iterable(zip(contents, joints, strict=False))]
        return tuple(chain.from_iterable([*pieces[:-1], self.end]))


def derive_template(
    render: Render, *, encode: Callable[[str], Ids], decode: Callable[[Ids], str]
) -> ChatTemplate | None:
    """The pieces of a server's template; None where it lays a conversation out otherwise.

    Otherwise is: a message is dropped, moved or said twice; an answer begins otherwise than a reply does, as where a
    reply is to go through channels that only the server can read; or a longer conversation is not made of the pieces.

    Args:
        render: Asks the server.
        encode: The ids of a text, in which no control token is made.
        decode: The text of ids, control tokens included.
    """
    words = [encode(word) for word in _WORDS]
    pieces = _cut(render(_conversation(4)), words[:4])
    if pieces is None:
        return None
    template = ChatTemplate(*pieces)
    if decode(template.end) != decode(template.user_to_assistant):
        return None
    for num_messages in (2, 6):
        expected = (*template.opening, *words[0], *template.behind_system(words[1:num_messages]))
        if render(_conversation(num_messages)) != expected:
            return None
    return template


def _conversation(num_messages: int) -> list[Message]:
    return [message for message, _ in zip(_messages(), range(num_messages), strict=False)]


def _messages() -> Iterator[Message]:
    system, *others = _WORDS
    yield Message("system", system)
    for number, word in enumerate(others):
        yield Message("assistant" if number % 2 else "user", word)


def _cut(ids: Ids, words: Sequence[Ids]) -> list[Ids] | None:
    """What stands between the words; None where they do not each stand there once, in order."""
    pieces: list[Ids] = []
    begin = 0
    for word in words:
        places = [at for at in range(len(ids) - len(word) + 1) if ids[at : at + len(word)] == word]
        if len(places) != 1 or places[0] < begin:
            return None
        pieces.append(ids[begin : places[0]])
        begin = places[0] + len(word)
    return [*pieces, ids[begin:]]
