"""What repoask remembers beside its settings: where text was sent, what was measured, what broke, and when.

Trust in settings files lies in the same folder and is written by `config`. Knows nothing of sources or servers.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from ...config import Folders, read_state, write_state

__all__ = ["State"]

_LOOKS, _ENDPOINTS, _TRUSTED, _LOGS = "looks.json", "endpoints.json", "trusted.json", "logs"
_MEASURED = "measured.json"


class State:
    """The tables in the state folder. Each is small, read anew and replaced whole."""

    def __init__(self, folders: Folders) -> None:
        self._folder = folders.state

    @property
    def logs(self) -> Path:
        """Where what broke is written down."""
        return self._folder / _LOGS

    def has_used(self, use: str) -> bool:
        """Whether an endpoint was used so before; `use` names it and what it is sent."""
        return use in read_state(self._folder / _ENDPOINTS)

    def note_use(self, use: str) -> None:
        """An endpoint is used so now."""
        self._put(_ENDPOINTS, use, datetime.now(UTC).isoformat(timespec="seconds"))

    def measured(self, base_url: str, model: str) -> str:
        """What was last measured of an endpoint and model; "" where nothing was."""
        return read_state(self._folder / _MEASURED).get(f"{base_url}#{model}", "")

    def note_measured(self, base_url: str, model: str, line: str) -> None:
        """This was measured of an endpoint and model now."""
        self._put(_MEASURED, f"{base_url}#{model}", line)

    def is_due(self, look: str, *, every_s: float) -> bool:
        """Whether this was last looked for so long ago. What it answers with yes counts as done now."""
        try:
            last = float(read_state(self._folder / _LOOKS).get(look, "0"))
        except ValueError:
            last = 0.0
        # a clock that was set back must not silence it until it has caught up
        if 0 <= time.time() - last < every_s:
            return False
        self._put(_LOOKS, look, str(int(time.time())))
        return True

    def forget(self) -> list[str]:
        """Removes every trace of what was asked and where it was sent; says of what, as "2 crash logs"."""
        logs = sorted(self.logs.glob("crash-*.log"))
        found = {
            "trusted file": len(read_state(self._folder / _TRUSTED)),
            "used endpoint": len(read_state(self._folder / _ENDPOINTS)),
            "measurement": len(read_state(self._folder / _MEASURED)),
            "crash log": len(logs),
        }
        for file in (*(self._folder / name for name in (_TRUSTED, _ENDPOINTS, _MEASURED, _LOOKS)), *logs):
            file.unlink(missing_ok=True)
        return [f"{count:,} {what}{'s' * (count > 1)}" for what, count in found.items() if count]

    def _put(self, table: str, key: str, value: str) -> None:
        file = self._folder / table
        write_state(file, read_state(file) | {key: value})
