"""The two streams: the answer goes to stdout, everything else to stderr, one line at a time.

Kept free of rich and pydantic, so that an error is told fast. Knows nothing of what is said.
"""

import io
import logging
import sys

from .clean import clean_line

__all__ = ["log_to_stderr", "say", "terminal", "use_any_encoding", "write"]


def write(text: str) -> None:
    """Writes a part of the answer, at once: a reader of a pipe or a stream waits for it."""
    sys.stdout.write(text)
    sys.stdout.flush()


def say(message: str) -> None:
    """Tells the user one line beside the answer."""
    sys.stderr.write(f"repoask: {clean_line(message)}\n")
    sys.stderr.flush()


def terminal(stream: str) -> bool:
    """Whether "stdin", "stdout" or "stderr" is a person's terminal."""
    return bool(getattr(sys, stream) and getattr(sys, stream).isatty())


def use_any_encoding() -> None:
    """Lets both streams show in escapes what a code page lacks, where they would fail in the middle of an answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def log_to_stderr() -> None:
    """Shows the warnings of the library as lines like any other."""
    logger = logging.getLogger(__package__.partition(".")[0])
    if not logger.handlers:
        logger.addHandler(_Lines(logging.WARNING))
        logger.propagate = False


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())
