"""The one tree of exceptions.

    RepoaskError                    exit 4, a fault of repoask itself
    ├── InputError                  exit 2, what the user gave cannot be used
    │   ├── SourceError             the repository or folder named
    │   │   └── RevisionError       the commit, tag or branch named
    │   ├── ConfigError             a setting, a settings file, a flag
    │   ├── IndexStoreError         an index that is newer, locked or cannot be written
    │   ├── PackError               a pack that is damaged, of another version, or cannot be continued
    │   ├── SessionError            a session that is not there, of another source, or cannot be kept
    │   │   └── DamagedSessionError sessions that cannot be read as they lie on disk
    │   ├── ModelError              a model's files: not to be had, not whole, or not what they should be
    │   ├── MissingExtraError       a part that is not installed, with its install line
    │   └── OfflineError            a connection that --offline refuses
    └── EngineError                 exit 3, the model's server
        ├── EngineUnreachableError  no connection, or it broke off
        └── EngineReplyError        it answered with something that cannot be used
            └── EngineBusyError     it takes no more requests for now

A message names the thing, the limit and the way out, in one line. Knows nothing of terminals or HTTP: the edge
picks the exit code from `exit_code`, or the status.
"""

__all__ = [
    "ConfigError",
    "DamagedSessionError",
    "EngineBusyError",
    "EngineError",
    "EngineReplyError",
    "EngineUnreachableError",
    "IndexStoreError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "OfflineError",
    "PackError",
    "RepoaskError",
    "RevisionError",
    "SessionError",
    "SourceError",
]


class RepoaskError(Exception):
    """Anything that repoask raises on purpose."""

    exit_code = 4


class InputError(RepoaskError):
    """What the user gave cannot be used."""

    exit_code = 2


class SourceError(InputError):
    """The repository, folder or URL cannot be read."""


class RevisionError(SourceError):
    """The repository has no such commit, tag or branch."""


class ConfigError(InputError):
    """A setting, a settings file or a flag is wrong."""


class IndexStoreError(InputError):
    """The index cannot be used as it lies on disk."""


class PackError(InputError):
    """A pack cannot be read, continued or kept."""


class SessionError(InputError):
    """A session cannot be found, asked or kept."""


class DamagedSessionError(SessionError):
    """The store of sessions, or a turn in it, is damaged."""


class ModelError(InputError):
    """A model's files are not to be had, not whole, or not what they should be."""


class MissingExtraError(InputError):
    """An optional part is not installed."""


class OfflineError(InputError):
    """A connection was refused because of --offline."""


class EngineError(RepoaskError):
    """The model's server could not answer."""

    exit_code = 3


class EngineUnreachableError(EngineError):
    """No connection to the model's server, or it broke off."""


class EngineReplyError(EngineError):
    """The model's server answered with something that cannot be used."""


class EngineBusyError(EngineReplyError):
    """The model's server takes no more requests for now."""
