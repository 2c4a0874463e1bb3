"""Fetches a tokenizer from the Hugging Face hub, which happens only when the user named it there. Knows no format."""

from pathlib import Path

from ....errors import ConfigError, OfflineError

__all__ = ["fetch_tokenizer"]

_PREFIX = "hf:"
_FILE = "tokenizer.json"


def fetch_tokenizer(
    name: str, *, offline: bool = False, endpoint: str | None = None, cache: Path | None = None
) -> Path:
    """The `tokenizer.json` of a model on the hub, from the hub's own cache on this machine where it is there.

    Args:
        name: ORG/MODEL, or ORG/MODEL@REVISION.
        offline: Look into the cache alone.
        endpoint: Of a mirror; None for the hub.
        cache: None for that of all programs that fetch from the hub.

    Raises:
        OfflineError: It is not in the cache, and may not be fetched.
        ConfigError: The hub does not hand it out.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repo, _, revision = name.partition("@")
    try:
        path = huggingface_hub.hf_hub_download(
            repo, _FILE, revision=revision or None, local_files_only=offline, endpoint=endpoint, cache_dir=cache
        )
    except LocalEntryNotFoundError as error:
        if offline:
            raise OfflineError(
                f"{_PREFIX}{name}: not in the hub's cache on this machine, and --offline forbids fetching it"
            ) from error
        raise ConfigError(f"{_PREFIX}{name}: the hub cannot be reached; name a folder on this machine") from error
    except HFValidationError as error:
        raise ConfigError(f"{_PREFIX}{name}: no name of a model; write it as hf:ORG/MODEL[@REVISION]") from error
    except (HfHubHTTPError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"{_PREFIX}{name}: {_FILE} cannot be fetched ({reason}); for a model that asks for consent, log in "
            "with `hf auth login`, or name a folder on this machine"
        ) from error
    return Path(path)
