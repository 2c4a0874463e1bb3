"""Turns the client library's errors into one clear line each. Knows nothing of prompts or replies."""

from collections.abc import Iterator
from contextlib import contextmanager

import openai

from ...errors import EngineReplyError
from . import http_errors
from .http_errors import cleaned
from .retrying import Failure

__all__ = ["failure_of", "server_message", "translated"]


@contextmanager
def translated(*, url: str, model: str, timeout_s: float, api_key: str | None) -> Iterator[None]:
    """Raises `EngineError`s in place of the errors of the client library and of the HTTP library below it.

    Args:
        url: Of the endpoint, for the message.
        model: Likewise.
        timeout_s: Likewise.
        api_key: Never appears in a message, also where the server repeats it.
    """
    try:
        with http_errors.translated(url=url, model=model, timeout_s=timeout_s, api_key=api_key):
            yield
    except openai.APITimeoutError as error:
        raise http_errors.of_silence(url=url, timeout_s=timeout_s) from error
    except openai.APIStatusError as error:
        headers = error.response.headers
        raise http_errors.of_status(
            error.status_code, server_message(error), headers=headers, url=url, model=model, api_key=api_key
        ) from error
    except openai.APIConnectionError as error:
        raise http_errors.of_connection(error, url=url) from error
    except openai.APIError as error:
        message = cleaned(error.message, api_key)
        raise EngineReplyError(f"{url}: the server broke off with an error: {message}") from error
    except openai.OpenAIError as error:
        raise EngineReplyError(f"{url}: {cleaned(str(error), api_key)}") from error


def failure_of(error: Exception) -> Failure | None:
    """What `retried` weighs of an error. A server that stays silent is not asked again: the user has waited for it."""
    if isinstance(error, openai.APIStatusError):
        return Failure(error.status_code, error.response.headers)
    is_broken = isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)
    return Failure() if is_broken else None


def server_message(error: openai.APIStatusError) -> str:
    """What the server said, as it said it; "" when it said nothing that is meant to be read."""
    return http_errors.server_message(error.body)
