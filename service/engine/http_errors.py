"""Turns what can go wrong with a model's server over HTTP into one clear line each. Knows no prompts and no replies."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2

from ...context.retry_after import asked_wait
from ...errors import EngineBusyError, EngineError, EngineReplyError, EngineUnreachableError, RepoaskError
from .retrying import Failure

__all__ = ["cleaned", "failure_of", "of_connection", "of_silence", "of_status", "server_message", "translated"]

_MAX_MESSAGE_CHARS = 200


@contextmanager
def translated(*, url: str, model: str, timeout_s: float, api_key: str | None) -> Iterator[None]:
    """Raises `EngineError`s in place of the errors of the HTTP library.

    Args:
        url: Of the endpoint, for the message.
        model: Likewise.
        timeout_s: Likewise.
        api_key: Never appears in a message, also where the server repeats it.
    """
    try:
        yield
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise of_silence(url=url, timeout_s=timeout_s) from error
    except httpx2.HTTPStatusError as error:
        said = server_message(_content(error.response))
        headers = error.response.headers
        raise of_status(
            error.response.status_code, said, headers=headers, url=url, model=model, api_key=api_key
        ) from error
    except httpx2.TransportError as error:
        raise of_connection(error, url=url) from error
    # ValueError: no JSON, no UTF-8, or a number of more digits than Python reads
    except (ValueError, httpx2.DecodingError, RecursionError) as error:
        raise EngineReplyError(
            f"{url}: the reply is garbled ({type(error).__name__}); is this a model's server?"
        ) from error
    except ExceptionGroup as group:  # anyio tries all addresses of a host at once
        refused = group.subgroup(RepoaskError)
        raise _first(refused) if refused else of_connection(_first(group), url=url) from group


def failure_of(error: Exception) -> Failure | None:
    """What `retried` weighs of an error. A server that stays silent is not asked again: the user has waited for it."""
    if isinstance(error, httpx2.HTTPStatusError):
        status = error.response.status_code
        # to the server of repoask it means that segments are missing
        return None if status == 409 else Failure(status, error.response.headers)
    is_broken = isinstance(error, httpx2.TransportError) and not isinstance(error, httpx2.TimeoutException)
    return Failure() if is_broken else None


def server_message(body: object) -> str:
    """What the server said, as it said it; "" when it said nothing that is meant to be read."""
    for key in ("error", "message", "detail"):
        if isinstance(body, dict) and key in body:
            body = body[key]
    # a page of HTML is no message
    return body if isinstance(body, str) and not body.lstrip().startswith("<") else ""


def of_silence(*, url: str, timeout_s: float) -> EngineUnreachableError:
    """The error of a server that says nothing."""
    return EngineUnreachableError(
        f"{url}: no reply within {timeout_s:g} s; try again, or raise the timeout (timeout_s)"
    )


def of_status(
    status: int, said: str, *, headers: Mapping[str, str], url: str, model: str, api_key: str | None
) -> EngineError:
    """The error of a status code.

    Args:
        status: Not of success.
        said: What the server said with it.
        headers: Of the response.
        url: As `translated`.
        model: As `translated`.
        api_key: As `translated`.
    """
    said = cleaned(said, api_key)
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
        asked = asked_wait(headers)
        problem = f"takes no more requests for now ({status})"
        wait = f"wait {asked:,.0f} s, as it asks" if asked else "wait"
        return EngineBusyError(f"{url}: the server {problem}{said}; {wait}, or check the quota of the account")
    elif status >= 500:
        problem, way_out = "failed", "look at its log, or try again"
    elif 300 <= status < 400:
        target = cleaned(headers.get("location", ""), api_key)
        problem, way_out = "redirects elsewhere, which is not followed", f"name that as --base-url: {target}"
    else:
        problem, way_out = "refused the request", "check --model and --base-url"
    return EngineReplyError(f"{url}: the server {problem} ({status}){said}; {way_out}")


def of_connection(error: Exception, *, url: str) -> EngineUnreachableError:
    """The error of a connection that was not made, or broke off."""
    cause = error.__cause__ or error
    refused = next((each for each in (error, cause) if isinstance(each, httpx2.ConnectError)), None)
    if refused is not None:
        said = cleaned(str(refused), None)
        return EngineUnreachableError(
            f"{url}: no connection ({said}); start the server, or name another with --base-url"
        )
    return EngineUnreachableError(
        f"{url}: the connection broke off ({type(cause).__name__}); look at the server's log, or try again"
    )


def cleaned(message: str, api_key: str | None) -> str:
    """One printable line of bounded length, without the key."""
    if api_key:
        message = message.replace(api_key, "***")
    flat = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    return flat if len(flat) <= _MAX_MESSAGE_CHARS else f"{flat[:_MAX_MESSAGE_CHARS]}..."


def _content(response: httpx2.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError, httpx2.ResponseNotRead):
        return None


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
