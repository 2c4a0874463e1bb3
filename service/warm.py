"""Has a model's server read a session's pack ahead of the next question, and keeps no turn of it.

Knows nothing of terminals or settings: a face opens the view, the engine and the session.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InputError
from .engine.completion import describe
from .engine.warming import warm_up
from .modes.asked import check_salt
from .modes.packed_prompt import request_text

if TYPE_CHECKING:
    from ..context.endpoint import OnFirstUse
    from ..context.index.index import View
    from .engine.protocol import Engine, SamplingParams, Usage
    from .modes.whole import Whole
    from .session.session import Session

__all__ = ["Warmed", "warm_session"]

_QUESTION = "Reply with the word ready."


@dataclass(frozen=True, slots=True)
class Warmed:
    """What the server has read.

    Attributes:
        why: What questions are asked with, and why.
        prompt_tokens: That were sent; as the server counted them, else as the pack has them.
        usage: As the server counted; None where it does not.
        kept_tokens: Those of the pack that are those of the pack before.
        seconds: Until the reply.
        warning: What the user should know; "" for nothing.
    """

    why: str
    prompt_tokens: int
    usage: "Usage | None"
    kept_tokens: int
    seconds: float
    warning: str


def warm_session(
    session: "Session",
    *,
    view: "View",
    engine: "Engine",
    whole: "Whole",
    params: "SamplingParams",
    max_session_tokens: int,
    salt: str | None = None,
    on_first_use: "OnFirstUse | None" = None,
) -> Warmed:
    """Brings the pack to the snapshot and sends it, with the turns so far, for one token.

    The server's chat template is asked for anew, so after a restart with another one this puts things right.

    Args:
        session: Whose next question it is for.
        view: The index of the snapshot.
        engine: What answers in the session.
        whole: The whole snapshot, for that engine.
        params: As questions are drawn.
        max_session_tokens: Budget of the turns, estimated.
        salt: Of the tenant; None for none.
        on_first_use: Gets the endpoint and the bytes of the prompt where it is not this machine.

    Raises:
        InputError: Questions are not asked with a whole pack.
        EngineError: The server could not answer.
    """
    info = describe(engine)
    if salt is not None:
        check_salt(info)
    choice = whole.choose("", view=view, find_info=lambda: info)
    if choice.packed is None:
        raise InputError(
            f"{choice.why}: most questions get what retrieval finds, and there is nothing to warm; --mode full gives "
            "them the whole"
        )
    laid = whole.lay_out(choice.packed, info, anew=True)
    earlier = session.earlier(max_tokens=max_session_tokens)
    prompt = laid.layout.prompt(earlier.messages, request_text(_QUESTION))
    begin = time.perf_counter()
    announce = None if engine.info.loopback else on_first_use
    with announce(engine.info.base_url, prompt.num_bytes) if announce else nullcontext():
        usage = warm_up(engine, prompt, params=params, salt=salt)
    return Warmed(
        why=choice.why,
        prompt_tokens=usage.prompt_tokens if usage else prompt.num_tokens or choice.packed.pack.num_tokens,
        usage=usage,
        kept_tokens=choice.packed.num_kept_tokens,
        seconds=time.perf_counter() - begin,
        warning=laid.warning,
    )
