"""Reads a file of questions, a JSON object a line: `{"question": "..."}`. Other keys are ignored.

A line is read when the one before it has been answered, so that a program may write one and wait for its reply. Blank
lines are passed over. What holds no question is handed on with the reason, for the reply to stay in step with the
lines. Knows nothing of how a question is answered.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...errors import InputError
from ..printable import printable
from .target import MAX_QUESTION_BYTES, check_question

__all__ = ["QuestionLine", "open_questions", "read_questions"]

_MAX_LINE_BYTES = 10 * MAX_QUESTION_BYTES  # every byte of the longest question as an escape, and other keys
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """What one line holds.

    Attributes:
        where: The file and the number of the line.
        question: Without the space around it; "" where there is an error.
        error: `where`, and why it holds no question; "" where it does.
    """

    where: str
    question: str = ""
    error: str = ""


@contextmanager
def open_questions(name: str) -> Iterator[BinaryIO]:
    """Opens the file; `-` is stdin.

    Raises:
        InputError: It cannot be read.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it may fail so
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise InputError(f"{name}: cannot be read ({reason}); name a file of JSON lines, or - for stdin") from error
    with stream:
        yield stream


def read_questions(stream: BinaryIO, *, name: str) -> Iterator[QuestionLine]:
    """The lines that are not blank, in order; `name` is the file's, for messages.

    Raises:
        InputError: The file cannot be read any further.
    """
    shown = "stdin" if name == "-" else name
    for number, line in enumerate(_lines(stream, shown), 1):
        content = line.removeprefix(_BOM) if number == 1 else line
        if content.strip():
            where = f"{shown}:{number}"
            try:
                yield QuestionLine(where, question=_question(content))
            except InputError as error:
                yield QuestionLine(where, error=f"{where}: {error}")


def _lines(stream: BinaryIO, shown: str) -> Iterator[bytes]:
    """Each line, of one that is too long the beginning."""
    while True:
        try:
            line = rest = stream.readline(_MAX_LINE_BYTES + 1)
            while len(rest) > _MAX_LINE_BYTES and not rest.endswith(b"\n"):
                rest = stream.readline(_MAX_LINE_BYTES + 1)
        except OSError as error:
            raise InputError(f"{shown}: cannot be read ({error.strerror})") from error
        if not line:
            return
        yield line


def _question(line: bytes) -> str:
    if len(line) > _MAX_LINE_BYTES:
        raise InputError(f"the line is over {_MAX_LINE_BYTES:,} bytes")
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise InputError(f'not JSON ({reason}); write {{"question": "..."}}') from error
    question = row.get("question") if isinstance(row, dict) else None
    if not isinstance(question, str):
        raise InputError('no text under "question"; write {"question": "..."}')
    if not question.strip():
        raise InputError("the question is empty")
    return check_question(printable(question))
