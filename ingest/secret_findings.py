"""Tells which findings of the scanner are secrets, and which of two on one line counts. Knows no text and no scanner.

Imported where something was found: a question whose files are known needs none of it.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from .secret_values import is_credential, is_placeholder, is_published, is_random, is_sample

if TYPE_CHECKING:
    from kingfisher_sdk import Finding

__all__ = ["is_secret", "rank", "short_name"]

# A rule's helper findings name accounts, hosts and ids; these alone are secrets by themselves.
_SECRET_HELPER = re.compile(r"secret|passphrase|security-token|consumer-key")
# `postgres://user:password@localhost` in documentation and tests; nothing that opens a door
_URI_RULE = "betterleaks.generic-credential-uri"
# From one heading in a test to the next there may be a page of code.
_KEY_BLOCK_RULE = "betterleaks.private-key"
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{32}")

_OWN = "repoask."
# What each rule of ours asks of a value; the others' shapes say enough.
_JUDGES: dict[str, Callable[[str], bool]] = {
    "repoask.assigned-secret": is_random,
    "repoask.plain-secret": partial(is_random, bare=True),
    "repoask.authorization": is_credential,
    "repoask.credential-url": is_random,
}


def rank(finding: "Finding") -> tuple[bool, int, str]:
    """Sorts findings: the first of a line counts."""
    return finding.rule_id.startswith(_OWN), finding.location["start_offset"], finding.rule_id


def is_secret(finding: "Finding") -> bool:
    """Whether a value must be withheld."""
    if finding.rule_id.startswith(_OWN):
        judge = _JUDGES.get(finding.rule_id)
        return judge(finding.secret) if judge else not is_sample(finding.secret)
    if is_published(finding.secret):
        return False
    if finding.rule_id == _URI_RULE:
        return not is_placeholder(finding.secret)
    if finding.rule_id == _KEY_BLOCK_RULE and "\n" in finding.secret:
        return _KEY_BODY.search(finding.secret) is not None
    return finding.visible or _SECRET_HELPER.search(short_name(finding.rule_id)) is not None


def short_name(rule: str) -> str:
    """A rule's id without where the rule is from: `veles.secrets/openrouter` is openrouter."""
    return rule.rsplit("/", 1)[-1].removeprefix("betterleaks.").removeprefix(_OWN)
