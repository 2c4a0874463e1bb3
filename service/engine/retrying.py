"""Sends a request again where the server may have room later, waits as it says, and says that it waits.

By hand: the client library waits up to two minutes without a word. Knows nothing of prompts, replies or libraries.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ...context.retry_after import asked_wait

__all__ = ["MAX_WAIT_S", "Failure", "retried"]

MAX_WAIT_S = 60.0
"""Who asks for a longer wait is not waited for: the user is told."""

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_FIRST_WAIT_S = 0.5
# shorter waits are over before anyone has read of them
_TOLD_FROM_S = 1.0
_LOGGER = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed.

    Attributes:
        status: Of the reply; None where the connection broke.
        headers: Of the reply.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


async def retried(
    send: Callable[[], Awaitable[_Result]],
    *,
    url: str,
    max_retries: int,
    failure_of: Callable[[Exception], Failure | None],
) -> _Result:
    """What `send` gives, called again after a broken connection, 408, 409, 425, 429 and 5xx.

    Args:
        send: Sends the request.
        url: Of the endpoint, for the line that tells of a wait.
        max_retries: How often it may be called again.
        failure_of: Reads an error; None for one after which nothing is sent again.
    """
    for attempt in range(max_retries):
        try:
            return await send()
        except Exception as error:
            failure = failure_of(error)
            wait_s = None if failure is None else _wait(failure, attempt=attempt)
            if failure is None or wait_s is None:
                raise
            if wait_s >= _TOLD_FROM_S:
                why = "broke off" if failure.status is None else f"answers {failure.status}"
                _LOGGER.warning(
                    "%s: the server %s; trying again in %.0f s (%d of %d)", url, why, wait_s, attempt + 1, max_retries
                )
            await asyncio.sleep(wait_s)
    return await send()


def _wait(failure: Failure, *, attempt: int) -> float | None:
    """How long to wait before the next try; None for none."""
    if failure.status is not None:
        if failure.status not in _RETRIED:
            return None
        asked = asked_wait(failure.headers)
        if asked is not None:
            return asked if asked <= MAX_WAIT_S else None
    # apart from one another, so that those who were turned away together do not come back together
    return _FIRST_WAIT_S * 2.0**attempt * random.uniform(0.75, 1.0)  # noqa: S311 - no secret
