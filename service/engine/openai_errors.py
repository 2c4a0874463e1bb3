"""Turns what can go wrong with a model's server into one clear line each. Knows nothing of prompts or replies."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from ...context.retry_after import asked_wait
from ...errors import EngineBusyError, EngineError, EngineReplyError, EngineUnreachableError, RepoaskError

__all__ = ["server_message", "translated"]

_MAX_MESSAGE_CHARS = 200


@contextmanager
def translated(*, url: str, model: str, timeout_s: float, api_key: str | None) -> Iterator[None]:
    """Raises `EngineError`s in place of the client library's own errors.

    Args:
        url: Of the endpoint, for the message.
        model: Likewise.
        timeout_s: Likewise.
        api_key: Never appears in a message, also where the server repeats it.
    """
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError) as error:
        raise EngineUnreachableError(
            f"{url}: no reply within {timeout_s:g} s; try again, or raise the timeout (timeout_s)"
        ) from error
    except openai.APIStatusError as error:
        raise _of_status(error, url=url, model=model, api_key=api_key) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise EngineUnreachableError(_of_connection(error, url=url)) from error
    except openai.APIError as error:
        message = _cleaned(error.message, api_key)
        raise EngineReplyError(f"{url}: the server broke off with an error: {message}") from error
    except (json.JSONDecodeError, UnicodeDecodeError, httpx2.DecodingError, RecursionError) as error:
        raise EngineReplyError(
            f"{url}: the reply is garbled ({type(error).__name__}); is this a model's server?"
        ) from error
    except openai.OpenAIError as error:
        raise EngineReplyError(f"{url}: {_cleaned(str(error), api_key)}") from error
    except ExceptionGroup as group:  # anyio tries all addresses of a host at once
        refused = group.subgroup(RepoaskError)
        raise _first(refused) if refused else EngineUnreachableError(_of_connection(_first(group), url=url)) from group


def server_message(error: openai.APIStatusError) -> str:
    """What the server said, as it said it; "" when it said nothing that is meant to be read."""
    body = error.body
    for key in ("error", "message", "detail"):
        if isinstance(body, dict) and key in body:
            body = body[key]
    # a page of HTML is no message
    return body if isinstance(body, str) and not body.lstrip().startswith("<") else ""


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _of_status(error: openai.APIStatusError, *, url: str, model: str, api_key: str | None) -> EngineError:
    status = error.status_code
    said = _cleaned(server_message(error), api_key)
    said = f": {said}" if said else ""
    if status in {401, 403}:
        problem = "refused the key" if api_key else "wants a key"
        way_out = "set REPOASK_API_KEY, or name a variable with api_key_env"
    elif status == 404:
        problem = f"knows no model {model!r}, or no such page"
        way_out = "check --model, and that --base-url is right (it usually ends in /v1)"
    elif status == 413 or (status in {400, 422} and "context" in said):
        problem, way_out = "finds the prompt too long", "give it less with --limit or evidence_tokens"
    elif status == 429:
        asked = asked_wait(error.response.headers)
        problem = f"takes no more requests for now ({status})"
        wait = f"wait {asked:,.0f} s, as it asks" if asked else "wait"
        return EngineBusyError(f"{url}: the server {problem}{said}; {wait}, or check the quota of the account")
    elif status >= 500:
        problem, way_out = "failed", "look at its log, or try again"
    elif 300 <= status < 400:
        target = _cleaned(error.response.headers.get("location", ""), api_key)
        problem, way_out = "redirects elsewhere, which is not followed", f"name that as --base-url: {target}"
    else:
        problem, way_out = "refused the request", "check --model and --base-url"
    return EngineReplyError(f"{url}: the server {problem} ({status}){said}; {way_out}")


def _of_connection(error: Exception, *, url: str) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, httpx2.ConnectError):
        return f"{url}: no connection ({_cleaned(str(cause), None)}); start the server, or name another with --base-url"
    return f"{url}: the connection broke off ({type(cause).__name__}); look at the server's log, or try again"


def _cleaned(message: str, api_key: str | None) -> str:
    """One printable line of bounded length, without the key."""
    if api_key:
        message = message.replace(api_key, "***")
    flat = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    return flat if len(flat) <= _MAX_MESSAGE_CHARS else f"{flat[:_MAX_MESSAGE_CHARS]}..."
