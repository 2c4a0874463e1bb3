"""The two streams: the answer goes to stdout, everything else to stderr, one line at a time.

Kept free of rich and pydantic, so that an error is told fast. Knows nothing of what is said.
"""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import InputError
from .clean import clean, clean_line

__all__ = [
    "ReaderGoneError",
    "folder_exists",
    "log_to_stderr",
    "prepare",
    "say",
    "tell",
    "terminal",
    "write",
    "write_bytes",
]


class ReaderGoneError(Exception):
    """The reader of stdout has seen enough. No `BrokenPipeError`: click would end with 1, which is nothing found."""


def write(text: str) -> None:
    """Writes a part of the answer, at once: a reader of a pipe or a stream waits for it."""
    sys.stdout.write(text)
    sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Writes a part of an answer that is a file's: byte for byte, but at a terminal, which would obey some of them."""
    if terminal("stdout"):
        write(clean(data.decode("utf-8", "replace")))
    else:
        with _told():
            sys.stdout.buffer.write(data)


def say(message: str) -> None:
    """Tells the user one line beside the answer."""
    with suppress(OSError):  # where nobody listens, the exit code still tells
        sys.stderr.write(f"repoask: {clean_line(message)}\n")
        sys.stderr.flush()


def tell(lines: str) -> None:
    """Shows lines beside the answer that are clean already, as a table."""
    with suppress(OSError):
        sys.stderr.write(lines)
        sys.stderr.flush()


def terminal(stream: str) -> bool:
    """Whether "stdin", "stdout" or "stderr" is a person's terminal."""
    return bool(getattr(sys, stream) and getattr(sys, stream).isatty())


def prepare() -> None:
    """Makes the streams fit to be used, whatever the caller has left of them.

    What a code page lacks is shown in escapes, where it would fail in the middle of an answer. A stream that is closed
    is replaced, and its number taken, so that no file opened later becomes the answer's.

    Raises:
        InputError: stdout is closed.
    """
    has_output = sys.stdout is not None
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            _lead_nowhere(number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for good
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    if not has_output:
        raise InputError("stdout is closed, and the answer needs a place; redirect it to a file or a pipe")
    if type(sys.stdout) is io.TextIOWrapper:
        sys.stdout = _Output.over(sys.stdout)


def folder_exists() -> bool:
    """Whether the folder that the process was started in is still there."""
    try:
        return Path.cwd().exists()
    except OSError:
        return False


def log_to_stderr() -> None:
    """Shows the warnings of the library as lines like any other."""
    logger = logging.getLogger(__package__.partition(".")[0])
    if not logger.handlers:
        logger.addHandler(_Lines(logging.WARNING))
        logger.propagate = False


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


class _Output(io.TextIOWrapper):
    """stdout, whose failures are told from those of any other file, whoever writes."""

    @classmethod
    def over(cls, stream: io.TextIOWrapper) -> "_Output":
        encoding, is_line_buffered = stream.encoding, stream.line_buffering
        return cls(stream.detach(), encoding, errors="backslashreplace", line_buffering=is_line_buffered)

    def write(self, text: str) -> int:
        with _told():
            return super().write(text)

    def flush(self) -> None:
        with _told():
            super().flush()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        _lead_nowhere(1)
        raise ReaderGoneError from error
    except OSError as error:
        _lead_nowhere(1)
        raise InputError(f"cannot write the answer: {error.strerror}") from error


def _lead_nowhere(number: int) -> None:
    """What is left to be written to a stream is dropped, where the interpreter would fail once more at exit."""
    null = os.open(os.devnull, os.O_RDWR)
    if null != number:
        os.dup2(null, number)
        os.close(null)
