"""Finds in a server's log why it ended. Knows nothing of processes."""

import re
from pathlib import Path

__all__ = ["cause_of"]

_TAIL_BYTES = 256 * 1024
_MAX_CHARS = 400
# vLLM's own beginning of a line: (EngineCore pid=12) ERROR 11-26 11:57:17 [core.py:70]
_PREFIX = re.compile(r"^(?:\(\w[^)]*pid=\d+\)\s*)?(?:[A-Z]+ \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\]\s?)?")
_ERROR = re.compile(r"(?:[\w.]*(?:Error|Exception)|[\w.]+: error): \S.*")
# what the outer processes say of an error in an inner one
_SECOND_HAND = re.compile(r"initialization failed|See (?:root cause|stack trace)|background process", re.IGNORECASE)


def cause_of(log: Path) -> str:
    """The last error that a log tells first-hand, on one line; else its last line; "" where it holds nothing."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [_PREFIX.sub("", line).strip() for line in text.splitlines()]
    errors = [line for line in lines if _ERROR.fullmatch(line)]
    told = [line for line in errors if not _SECOND_HAND.search(line)] or errors or [line for line in lines if line]
    return " ".join(told[-1].split())[:_MAX_CHARS] if told else ""
