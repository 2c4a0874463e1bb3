"""The way in: `repoask` and `python -m repoask`.

Imports the command line late, so that Ctrl-C while that is imported, 60 ms on a slow machine, is one line as later.
"""

import atexit
import os
import signal
import sys
from contextlib import suppress
from types import FrameType

__all__ = ["main"]

_IMPORT_MACHINERY = "<frozen importlib._bootstrap>"
# Ctrl-C, what `kill` and CI send, a terminal that is closed: whatever is half written is removed before the end.
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def main() -> None:
    """Runs the command line and exits."""
    ending = _Ending()
    atexit.register(ending.leave)  # the first to be registered is the last to be called
    # a process that was started in the background ignores Ctrl-C, one under nohup a hangup, and goes on ignoring it
    usual = (signal.default_int_handler, signal.SIG_DFL)
    endings = [number for number in _ENDINGS if signal.getsignal(number) in usual]
    for number in endings:
        signal.signal(number, _leave)
    from .cli import main as run

    for number in endings:
        signal.signal(number, _interrupt)
    try:
        run()
    except SystemExit as ended:
        ending.code = ended.code if isinstance(ended.code, int) else None
        raise


class _Ending:
    """Ends the process once threads have ended and all that is to be done at exit is done.

    What the interpreter does then, freeing every object and module, takes 15 ms of 130, and the system does it at once.
    """

    code: int | None = None

    def leave(self) -> None:
        if self.code is None:
            return
        with suppress(Exception):  # the interpreter tells what goes wrong here
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code)


def _leave(_: int, __: FrameType | None) -> None:
    # an exception here may be swallowed by the import machinery, and nothing needs to be put away yet
    with suppress(OSError):
        os.write(2, b"repoask: interrupted\n")
    os._exit(130)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # an exception within the machinery of a late import may be swallowed, or leave a lock that hangs every later import
    if frame is not None and frame.f_code.co_filename == _IMPORT_MACHINERY:
        _leave(number, frame)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
