"""Withholds the lines of a text that hold a secret. Works offline; never validates a secret, logs one or keeps one.

The rules are Kingfisher's (MongoDB; a native scanner that carries its rules) and those of `secret_rules.yml`. Loading
them takes 0.3 s once compiled, and 3 s the first time on a machine; scanning 0.02 s a MB. So small jobs are looked at
by a prefilter first, which 1 source file of 100 triggers, at 1 s a MB. Knows nothing of paths, encodings or where a
text comes from.
"""

import contextlib
import hashlib
import os
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .installed import installed_version

if TYPE_CHECKING:
    from kingfisher_sdk import Finding, Scanner

    from .secret_prefilter import Prefilter

__all__ = [
    "Masked",
    "configure",
    "could_hold_secret",
    "mask_of",
    "prepare",
    "prepare_early",
    "rules_hash",
    "unload",
    "withhold",
]

_VERSION = 2
_PACKAGE = "kingfisher-secret-scanner"
_OWN_RULES = Path(__file__).with_name("secret_rules.yml")

# Beyond this many characters in one process the scanner is the cheaper way: 100,000 take the prefilter 0.1 s.
_PREFILTER_MAX_CHARS = 100_000
# A long secret is withheld on every line that repeats it, also where no rule sees it for want of context.
_REPEATED_MIN_CHARS = 16
# A line of more secrets is data, and holds nothing that a parser would miss.
_BLANKED_MAX_SECRETS = 50

# On a line that is withheld, what may be a second secret or the rest of one beside it
_SUSPECT = re.compile(r"(?=[A-Za-z+/]{0,40}[0-9])[A-Za-z0-9+/]{8,}")
_ALPHANUMERIC = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text of which lines may have been withheld.

    Attributes:
        text: With a mark in place of each withheld line.
        lines: (1-based line, rule id) of each, in order.
        shape: The text with an x for each letter and digit of a secret, for a parser, which a mark would lead astray;
            None when nothing was withheld.
    """

    text: str
    lines: tuple[tuple[int, str], ...] = ()
    shape: str | None = None


class _State:
    """What this process has loaded. One scanner serves all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules_cache: Path | None = None
        self.scanner: Scanner | None = None
        self.prefilter: Prefilter | None = None
        self.prefiltered_chars = 0


_state = _State()


def configure(rules_cache: Path) -> None:
    """Names the folder for compiled rules where the installation cannot hold them. Before the first `withhold`."""
    _state.rules_cache = rules_cache


@cache
def rules_hash() -> str:
    """Names the rules and what is made of them, without loading either."""
    own = hashlib.sha256(_OWN_RULES.read_bytes()).hexdigest()[:8]
    return f"{installed_version(_PACKAGE)}.{own}.{_VERSION}"


def prepare() -> None:
    """Compiles and loads the rules, so that no later call has to. For set-up, or while something else is waited for."""
    _loaded_scanner()


def unload() -> None:
    """Lets go of the rules, 48 MB, where a long reading is over; the next text that needs them loads them again."""
    with _state.lock:
        _state.scanner = None


def prepare_early(num_chars: int) -> None:
    """Starts `prepare` beside other work, where so much text is about to be read that it will be needed.

    The scanner's native code lets other threads run: 0.3 s of a cold question pass while git and LanceDB are loaded.
    """
    if num_chars > _PREFILTER_MAX_CHARS and _state.scanner is None:
        threading.Thread(target=prepare, name="secret rules", daemon=True).start()


def withhold(text: str) -> Masked:
    """The text with each line that holds a secret replaced by a mark.

    The number of lines stays. Where two rules see one line, the one that knows the provider names it.
    """
    scanner = _state.scanner
    if scanner is None:
        if not could_hold_secret(text):
            return Masked(text)
        scanner = _loaded_scanner()
    findings = scanner.scan(text.encode("utf-8", "replace"))
    if not findings:
        return Masked(text)
    from .secret_findings import is_secret, rank

    seen = [finding for finding in findings if is_secret(finding)]
    return _masked(text.split("\n"), sorted(seen, key=rank)) if seen else Masked(text)


def could_hold_secret(text: str) -> bool:
    """False only when no rule matches. True also where finding out would take longer than loading the scanner."""
    with _state.lock:
        _state.prefiltered_chars += len(text)
        if _state.prefiltered_chars > _PREFILTER_MAX_CHARS:
            return True
        if _state.prefilter is None:
            from .secret_prefilter import Prefilter  # its patterns cost 5 ms, and a warm question reads no file

            folder = _rules_folder()
            _state.prefilter = Prefilter.load(_prefilter_path(folder)) if folder else None
        return _state.prefilter is None or _state.prefilter.could_match(text)


def mask_of(rule: str) -> str:
    """The line shown in place of a withheld one."""
    from .secret_findings import short_name

    return f"[withheld: {short_name(rule)}]"


def _loaded_scanner() -> "Scanner":
    with _state.lock:
        if _state.scanner is None:
            _state.scanner = _load_scanner()
        return _state.scanner


def _masked(lines: list[str], findings: "Sequence[Finding]") -> Masked:
    rules: dict[int, str] = {}
    parts: defaultdict[int, set[str]] = defaultdict(set)
    for finding in findings:
        first, last = finding.location["line"], finding.location["end_line"]
        pieces = finding.secret.split("\n")
        for line in range(first, last + 1):
            rules.setdefault(line, finding.rule_id)
            parts[line].update([lines[line - 1]] if first < line < last else [pieces[0], pieces[-1]])
    for line, secret, rule in _repeats(lines, {finding.secret: finding.rule_id for finding in findings}):
        rules.setdefault(line, rule)
        parts[line].add(secret)
    withheld = tuple(sorted(rules.items()))
    shapes = lines.copy()
    for line, rule in withheld:
        shapes[line - 1] = _blanked(lines[line - 1], parts[line])
        lines[line - 1] = mask_of(rule)
    return Masked("\n".join(lines), withheld, "\n".join(shapes))


def _repeats(lines: Sequence[str], rules: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
    """Each line that holds a long secret, the secret and its rule. Takes no longer for many secrets than for one."""
    by_head: defaultdict[str, list[str]] = defaultdict(list)
    for secret in rules:
        if len(secret) >= _REPEATED_MIN_CHARS and "\n" not in secret:
            by_head[secret[:_REPEATED_MIN_CHARS]].append(secret)
    if not by_head:
        return
    for line, content in enumerate(lines, start=1):
        for start in range(len(content) - _REPEATED_MIN_CHARS + 1):
            for secret in by_head.get(content[start : start + _REPEATED_MIN_CHARS], ()):
                if content.startswith(secret, start):
                    yield line, secret, rules[secret]


def _blanked(line: str, secrets: Collection[str]) -> str:
    """The line with the letters and digits of each secret, and of what may be one, turned into x."""
    if len(secrets) > _BLANKED_MAX_SECRETS:
        return _x_out(line)
    # the longest first, for one may be a part of another
    for secret in sorted(secrets, key=len, reverse=True):
        line = line.replace(secret, _x_out(secret))
    return _SUSPECT.sub(lambda match: _x_out(match[0]), line)


def _x_out(secret: str) -> str:
    return _ALPHANUMERIC.sub("x", secret)


def _load_scanner() -> "Scanner":
    # imported here: its native library takes 0.05 s, and most runs never need it
    from kingfisher_sdk import Rules, Scanner

    from .secret_prefilter import Prefilter

    folder = _rules_folder()
    rules = Rules([_OWN_RULES], confidence="medium", cache=folder is not None, cache_dir=folder)
    if folder is not None and not _prefilter_path(folder).exists():
        ids = [rule["id"] for rule in rules.metadata()]
        # a full or read-only disk costs the next run 0.3 s, no more
        with contextlib.suppress(OSError):
            Prefilter.of_patterns(rules.detail(rule_id)["pattern"] for rule_id in ids).save(_prefilter_path(folder))
    return Scanner(rules, base64=False)


def _prefilter_path(folder: Path) -> Path:
    from .secret_prefilter import FORMAT_VERSION

    return folder / f"prefilter-{rules_hash()}.{FORMAT_VERSION}.json"


def _rules_folder() -> Path | None:
    """Where compiled rules are kept: in the installation if it is a virtual environment of ours, else as configured.

    Never the scanner's default, which other programs share; only a folder that none but this user can write to.
    """
    inside = Path(sys.prefix, "var", "repoask", "rules") if sys.prefix != sys.base_prefix else None
    for folder in (inside, _state.rules_cache):
        if folder is None:
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and _is_private(folder):
            return folder
    return None


def _is_private(folder: Path) -> bool:
    if sys.platform == "win32":
        return True  # the user's profile and its environments are private by their access lists
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
