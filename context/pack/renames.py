"""Which of the files that came are files that went, under another path. Knows nothing of the log."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["find_renames"]

# As git has it by default: half of the lines.
_SIMILAR = 0.5
# More files than this on a side are a move of a tree with edits in every file; whole files are written then.
_MAX_FILES = 300
# A line in more files than this tells nothing of which file it is from.
_MAX_SHARING = 20


def find_renames(
    gone: Mapping[str, str],
    come: Mapping[str, str],
    *,
    gone_lines: Callable[[str], Iterable[str]],
    come_lines: Callable[[str], Iterable[str]],
) -> dict[str, str]:
    """New path -> old path; every path at most once.

    Args:
        gone: Path -> content of files that are no more.
        come: The same of new files.
        gone_lines: The lines of one that is gone.
        come_lines: The lines of a new one.
    """
    renames = _equal(gone, come)
    left_gone = sorted(gone.keys() - set(renames.values()))
    left_come = sorted(come.keys() - renames.keys())
    if left_gone and left_come and max(len(left_gone), len(left_come)) <= _MAX_FILES:
        come_counts = {path: come_lines(path) for path in left_come}
        renames |= _similar({path: gone_lines(path) for path in left_gone}, come_counts)
    return renames


def _equal(gone: Mapping[str, str], come: Mapping[str, str]) -> dict[str, str]:
    by_content: dict[str, list[str]] = defaultdict(list)
    for path in sorted(gone, reverse=True):
        by_content[gone[path]].append(path)
    return {path: by_content[come[path]].pop() for path in sorted(come) if by_content.get(come[path])}


def _similar(gone: Mapping[str, Iterable[str]], come: Mapping[str, Iterable[str]]) -> dict[str, str]:
    renames: dict[str, str] = {}
    taken: set[str] = set()
    for _, path, old in sorted(_similar_pairs(gone, come)):
        if path not in renames and old not in taken:
            renames[path] = old
            taken.add(old)
    return renames


def _similar_pairs(
    gone: Mapping[str, Iterable[str]], come: Mapping[str, Iterable[str]]
) -> Iterator[tuple[float, str, str]]:
    """(-similarity, new path, old path) of those that share enough lines."""
    counts = {path: _count_lines(lines) for path, lines in gone.items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for path, old_counts in counts.items():
        for line in old_counts:
            holders[line].append(path)
    telling = {line: paths for line, paths in holders.items() if len(paths) <= _MAX_SHARING}
    for path, lines in come.items():
        new_counts = _count_lines(lines)
        shared: Counter[str] = Counter()
        for line, count in new_counts.items():
            for old in telling.get(line, ()):
                shared[old] += min(count, counts[old][line])
        for old, count in shared.items():
            similarity = count / max(new_counts.total(), counts[old].total())
            if similarity >= _SIMILAR:
                yield -similarity, path, old


def _count_lines(lines: Iterable[str]) -> Counter[str]:
    return Counter(line for line in lines if line.strip())
