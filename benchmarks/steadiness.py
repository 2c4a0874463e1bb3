"""How much of a pack that is chosen without a question changes from commit to commit, over a repository's history.

The pack of each commit is chosen twice: as the one that continues the pack before it, and as if there were none. Knows
nothing of packs' text: what an edit costs inside a file that stays is `prefix_reuse.py`'s.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from asking import Indexes
from budgets import Packing
from questions import Repository
from repoask.context.pack.selection import Standing
from repoask.context.pack.types import TokenCounter

__all__ = ["Steadiness", "measure_steadiness"]

_SHARE = 1 / 4


@dataclass(frozen=True, slots=True)
class Steadiness:
    """The mean share of the pack a commit that stands in full and did not before, with loyalty and without."""

    repository: str
    commits: int
    entered: float
    entered_anew: float

    @property
    def line(self) -> str:
        """For a person."""
        return (
            f"{self.repository}: {self.commits} commits, files that come into the pack a commit: {self.entered:.2%}"
            f" of its tokens; {self.entered_anew:.2%} where each commit chooses anew"
        )


def measure_steadiness(repository: Repository, counter: TokenCounter, indexes: Indexes, *, commits: int) -> Steadiness:
    """Chooses at a quarter of the tokens of the oldest commit, for each of the last first-parent commits."""
    budget, loyal, anew = 0, frozenset[str](), frozenset[str]()
    entered, entered_anew = [], []
    for revision in _last_commits(repository.checkout, commits):
        packing = Packing(indexes.view(repository.checkout, "", embedder=None, revision=revision), counter)
        budget = budget or int(packing.total * _SHARE)
        then, then_anew = loyal, anew
        loyal = _in_full(packing, budget, loyal)
        anew = _in_full(packing, budget, frozenset())
        if then:
            entered.append(sum(packing.tokens[path] for path in loyal - then) / budget)
            entered_anew.append(sum(packing.tokens[path] for path in anew - then_anew) / budget)
    return Steadiness(repository.name, len(entered), fmean(entered or [0.0]), fmean(entered_anew or [0.0]))


def _in_full(packing: Packing, budget: int, previous: frozenset[str]) -> frozenset[str]:
    return frozenset(each.path for each in packing.choose(budget, previous=previous).of(Standing.FULL))


def _last_commits(checkout: Path, number: int) -> list[str]:
    """The last first-parent commits, oldest first."""
    command = ["git", "-C", str(checkout), "log", "--first-parent", "--format=%H", "-n", str(number)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()[::-1]
