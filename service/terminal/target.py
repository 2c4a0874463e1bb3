"""Reads the words after `ask`: which folder or URL, and where the question comes from.

Knows nothing of options, and opens no source: what is no folder is left to whoever opens it, with its own message.
"""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import InputError
from ...ingest.sources import is_url
from .commands import COMMANDS

__all__ = ["MAX_QUESTION_BYTES", "Target", "check_question", "read_stdin", "read_target"]

MAX_QUESTION_BYTES = 100_000

# What nobody writes as a question: ./x ../x ~/x, C:\x and \\server\x, and / with nothing but a path behind it.
_WRITTEN_AS_PATH = re.compile(r"\.{1,2}|(\.{1,2}|~)?[\\/]\S*|~|[A-Za-z]:[\\/].*")
_BARE_URL = re.compile(r"[\w-]+(\.[\w-]+)+/[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked.

    Attributes:
        source: A path or URL.
        question: Its text; None when it was not given and a person must be asked.
        from_stdin: The question is read from stdin.
    """

    source: str
    question: str | None = None
    from_stdin: bool = False


def read_target(words: Sequence[str]) -> Target:
    """Tells source and question apart.

    One word alone: an existing path or a URL asks for a question, `-` reads one, anything else is a question about
    the folder that one is in. Two words: the source, then the question or `-`.

    Raises:
        InputError: No question, too many words, or a word that is nearly a command.
    """
    if not words:
        return Target(".")
    source, *rest = words
    if len(rest) > 1:
        raise InputError(_too_many(words))
    if rest:
        _refuse_near_miss(source)
        return Target(source, from_stdin=True) if rest[0] == "-" else Target(source, check_question(rest[0]))
    if source == "-":
        return Target(".", from_stdin=True)
    if _is_source(source):
        return Target(source)
    _refuse_near_miss(source)
    return Target(".", check_question(source))


def check_question(text: str) -> str:
    """The question without the space around it.

    Raises:
        InputError: It is empty or too long.
    """
    if not text.strip():
        raise InputError("the question is empty; write it in quotes, or - to read it from stdin")
    if len(text.encode("utf-8", "surrogateescape")) > MAX_QUESTION_BYTES:
        raise InputError(f"the question is over {MAX_QUESTION_BYTES:,} bytes; put what it quotes into a file")
    return text.strip()


def read_stdin() -> str:
    """The question that stands on stdin, not yet checked.

    Raises:
        InputError: It cannot be read.
    """
    try:
        # more than is allowed, so that a longer one is known from one that just fits
        return sys.stdin.buffer.read(MAX_QUESTION_BYTES + 1).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"stdin cannot be read ({error.strerror}); give the question in quotes") from error


def _is_source(word: str) -> bool:
    return os.path.lexists(word) or is_url(word) or _WRITTEN_AS_PATH.fullmatch(word) is not None


def _too_many(words: Sequence[str]) -> str:
    if words[0] in COMMANDS:
        return f"options follow the command: repoask {words[0]} --option ..."
    source = f"{words[0]} " if _is_source(words[0]) else ""
    question = " ".join(words[1:] if source else words)
    return f'put the question into quotes: repoask {source}"{question}"'


def _refuse_near_miss(word: str) -> None:
    if not word or _is_source(word):
        return
    if near := _near(word):
        raise InputError(f"{word}: no such folder; did you mean the command `{near}`? As a question: repoask . {word}")
    if _BARE_URL.fullmatch(word):
        raise InputError(f"{word}: no such folder; did you mean https://{word} ?")


def _near(word: str) -> str:
    if word.lower() in ("help", "version"):
        return f"--{word.lower()}"
    # the first letter is seldom mistyped, and without it `flask` and `task` are near `ask`
    names = [name for name in COMMANDS if name[0] == word[0].lower()]
    from difflib import get_close_matches  # 1 ms, and only the misspelt need it

    # letters that changed places are two mistakes to difflib, too many in a word of three: `aks`
    swapped = [name for name in names if sorted(name) == sorted(word.lower())]
    matches = swapped or get_close_matches(word.lower(), names, n=1, cutoff=0.75)
    return matches[0] if matches else ""
