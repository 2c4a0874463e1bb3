"""The Hugging Face hub: what a model's repository holds, and its files as streams. Writes nothing to disk.

The client library finds the endpoint (HF_ENDPOINT) and the token (HF_TOKEN, or the file that `hf auth login` writes);
the token goes to the hub alone, never on to where it sends for large files. What the hub tells is not trusted: names,
sizes and hashes are checked before they are used. The library's own download (2.4) is not used: interrupted, it begins
a file anew, and it checks no hash.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ...errors import ModelError, OfflineError
from .record import Licence, ModelFile, is_model_name

if TYPE_CHECKING:
    import httpx2

__all__ = ["Hub", "HubModel"]

_TIMEOUT_S = 30.0
_MAX_REASON = 200
_MAX_LINK = 1_000
_COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model's repository at one commit.

    Attributes:
        name: ORG/NAME, as the hub spells it.
        revision: The commit.
        licence: Of the model.
        files: All of the repository.
        page: For people.
    """

    name: str
    revision: str
    licence: Licence
    files: tuple[ModelFile, ...]
    page: str


class Hub:
    """The hub, or a mirror of it."""

    def __init__(self, *, is_offline: bool = False, endpoint: str | None = None, token: str | None = None) -> None:
        """Connects to nothing yet.

        Args:
            is_offline: Refuse to.
            endpoint: Of a mirror; None for what the environment names, else the hub.
            token: None for the one that the client library finds.
        """
        self._is_offline = is_offline
        self._endpoint = endpoint
        self._token = token

    def model(self, name: str, revision: str | None = None) -> HubModel:
        """What the hub has of a model.

        Raises:
            OfflineError: It may not be asked.
            ModelError: It cannot be reached, has no such model or revision, or what it tells cannot be used.
        """
        if not is_model_name(name) or "/" not in name:
            raise ModelError(f"{name[:80]}: no name of a model on the hub; write it as ORG/NAME, or name a folder")
        if self._is_offline:
            raise OfflineError(f"{name}: --offline forbids asking the hub; name a folder on this machine")
        from huggingface_hub import HfApi

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # warnings would run over the terminal's own lines
        api = HfApi(endpoint=self._endpoint, token=self._token)
        page = f"{api.endpoint}/{name}"
        with _translated(name, page=page):
            told = api.model_info(name, revision=revision, files_metadata=True, timeout=_TIMEOUT_S)
        if not isinstance(told.sha, str) or not _COMMIT.fullmatch(told.sha):
            raise ModelError(f"{name}: the hub tells no commit of it; check HF_ENDPOINT")
        files = tuple(_file(name, each) for each in told.siblings or ())
        if len({file.path.lower() for file in files}) != len(files):
            raise ModelError(f"{name}: two of its files differ in case alone; they cannot be kept on every disk")
        return HubModel(name, told.sha, _licence(told, page=page), files, page)

    @contextmanager
    def opened(self, model: HubModel, file: ModelFile, *, begin: int = 0) -> Iterator["httpx2.Response"]:
        """A file's bytes from `begin` on, as a stream; one from the start where the hub knows no ranges.

        Raises:
            ModelError: The hub does not hand it out, or cannot be reached.
        """
        from huggingface_hub import hf_hub_url, hf_raise_for_status

        # documented, though not in `__all__`
        from huggingface_hub.utils import build_hf_headers, http_stream_backoff  # type: ignore[attr-defined]

        url = hf_hub_url(model.name, file.path, revision=model.revision, endpoint=self._endpoint)
        # no compression: the bytes are counted and hashed as they come
        headers = build_hf_headers(token=self._token) | {"accept-encoding": "identity"}
        if begin:
            headers["range"] = f"bytes={begin}-"
        with ExitStack() as stack:
            # what goes wrong while it is read is for whoever reads: a break can be gone on from
            with _translated(model.name, page=model.page, licence=model.licence.name):
                stream = http_stream_backoff("GET", url, headers=headers, timeout=_TIMEOUT_S, follow_redirects=True)
                response = stack.enter_context(stream)
                hf_raise_for_status(response)
            yield response


def _licence(told: Any, *, page: str) -> Licence:
    card: Mapping[str, Any] = told.card_data.to_dict() if told.card_data is not None else {}
    name = card.get("license_name") or card.get("license") or ""
    link = str(card.get("license_link") or "")
    if link and not link.startswith(("http://", "https://")):
        link = f"{page}/blob/main/{link}"
    return Licence(
        name=(", ".join(map(str, name)) if isinstance(name, list) else str(name))[:_MAX_REASON],
        link=link[:_MAX_LINK],
        is_gated=told.gated not in (None, False),
    )


def _file(name: str, told: Any) -> ModelFile:
    lfs = told.lfs
    try:
        return ModelFile(
            path=told.rfilename,
            size=lfs.size if lfs else told.size,
            sha256=_hash(lfs.sha256, digits=64) if lfs else "",
            blob_id="" if lfs else _hash(told.blob_id, digits=40),
        )
    except ValueError as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise ModelError(f"{name}: its file {str(told.rfilename)[:80]!r} cannot be taken: {why}") from error


def _hash(told: object, *, digits: int) -> str:
    """A hash that the hub must tell, or nothing could be checked."""
    if isinstance(told, str) and len(told) == digits:
        return told
    raise ValueError("the hub tells no hash of it")


@contextmanager
def _translated(name: str, *, page: str, licence: str = "") -> Iterator[None]:
    """Tells in one line what the hub refuses, and what to do."""
    import httpx2
    from huggingface_hub import errors

    gives = "give your token by HF_TOKEN or `hf auth login`"
    try:
        yield
    except errors.GatedRepoError as error:
        named = f" ({licence})" if licence else ""
        raise ModelError(
            f"{name}: its licence{named} must be accepted first: do so at {page}, then {gives} and pull again"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"{name}: the hub has no such revision of it; leave --revision out for the newest") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(f"{name}: not on the hub, or private; check the name, or {gives}") from error
    except errors.OfflineModeIsEnabled as error:
        raise OfflineError(f"{name}: HF_HUB_OFFLINE forbids asking the hub; unset it, or name a folder") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise ModelError(f"{name}: the hub refuses it ({status}): {gives}; see {page}") from error
        if status == HTTPStatus.NOT_FOUND:
            raise ModelError(f"{name}: not found ({_reason(error)}); check the name, and HF_ENDPOINT") from error
        raise ModelError(f"{name}: the hub answers {status} ({_reason(error)}); try again later") from error
    except httpx2.HTTPError as error:
        raise ModelError(f"{name}: the hub cannot be reached ({_reason(error)}); check the network") from error
    except (LookupError, TypeError, ValueError) as error:  # where the library reads what it expects
        raise ModelError(f"{name}: what answers is no hub ({_reason(error)}); check HF_ENDPOINT") from error


def _reason(error: Exception) -> str:
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:_MAX_REASON]
