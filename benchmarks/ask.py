"""Speed and memory of one question, process start to answer, on real repositories.

    python benchmarks/ask.py REPOSITORY... [--rounds 5] [--json FILE]

Each repository (a work tree or a bare git directory) is cloned into a temporary folder, so nothing of the caller's is
touched, and asked through the command line as a user would: cold (no index), warm (nothing changed), and after one
edited file. `git grep` of one word in the same work tree stands beside it as the floor that any such tool pays.
Memory is the peak over the whole process tree, sampled every 10 ms: RSS summed (shared pages counted once a process)
and PSS (shared pages divided). Figures are medians over the rounds; stages are those of the receipt.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from processes import run

QUESTION = "where are errors turned into messages for the user?"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: wall seconds, peak memory of the process tree in bytes, the answer."""

    seconds: float
    rss: int
    pss: int
    answer: dict[str, object]


@dataclass(slots=True)
class Row:
    """The medians for one repository; seconds unless named otherwise."""

    repository: str
    files: int
    megabytes: float
    cold: float = 0.0
    warm: float = 0.0
    edited: float = 0.0
    git_grep: float = 0.0
    cold_rss_mb: float = 0.0
    cold_pss_mb: float = 0.0
    warm_rss_mb: float = 0.0
    stages_cold: dict[str, float] = field(default_factory=dict)
    stages_warm: dict[str, float] = field(default_factory=dict)
    stages_edited: dict[str, float] = field(default_factory=dict)


def ask(repository: Path, home: Path, *, watch: bool = False) -> Asked:
    """Asks once in a fresh process; raises when it fails."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
    }
    command = [sys.executable, "-m", "repoask", "ask", str(repository), QUESTION, "--json"]
    done = run(command, environment=environment, watch=watch)
    return Asked(done.seconds, done.rss, done.pss, json.loads(done.stdout))


def _median(measure: Callable[[], float], rounds: int) -> float:
    return statistics.median(measure() for _ in range(rounds))


def _stages(asked: Asked) -> dict[str, float]:
    receipt = asked.answer["receipt"]
    assert isinstance(receipt, dict)
    return dict(receipt["seconds"])


def _edit(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def measure(repository: Path, *, rounds: int, work: Path) -> Row:
    """All figures of one repository."""
    name = next((part for part in reversed(repository.resolve().parts) if part not in {"repo", ".git"}), "repository")
    tree = work / name
    subprocess.run(["git", "clone", "--quiet", "--local", str(repository), str(tree)], check=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=tree, capture_output=True, check=True).stdout.split(b"\0")
    files = [tree / os.fsdecode(path) for path in listed if path]
    files = [path for path in files if path.is_file() and not path.is_symlink()]
    row = Row(name, len(files), round(sum(path.stat().st_size for path in files) / 1e6, 1))

    homes = [work / f"{name}-home-{number}" for number in range(max(1, rounds // 2))]
    for home in homes:
        home.mkdir()
    # The first question of an installation compiles the secret rules once; it is not part of any repository's figure.
    ask(_tiny(work), homes[0])
    colds = [ask(tree, home) for home in homes]
    row.cold = statistics.median(cold.seconds for cold in colds)
    row.stages_cold = _stages(colds[0])

    home = homes[0]
    warms = [ask(tree, home) for _ in range(rounds)]
    row.warm = statistics.median(warm.seconds for warm in warms)
    row.stages_warm = _stages(warms[-1])

    edited = _file_to_edit(files)
    original = edited.read_text(encoding="utf-8")
    runs = []
    for number in range(rounds):
        _edit(edited, original + f"\n# edit {number}\n")
        runs.append(ask(tree, home))
    _edit(edited, original)
    row.edited = statistics.median(each.seconds for each in runs)
    row.stages_edited = _stages(runs[-1])

    def grep() -> float:
        started = time.perf_counter()
        subprocess.run(["git", "grep", "-c", "errors"], cwd=tree, stdout=subprocess.DEVNULL, check=False)
        return time.perf_counter() - started

    row.git_grep = _median(grep, rounds)
    watched_home = work / f"{name}-home-watched"
    watched_home.mkdir()
    watched = ask(tree, watched_home, watch=True)
    row.cold_rss_mb, row.cold_pss_mb = round(watched.rss / 1e6), round(watched.pss / 1e6)
    row.warm_rss_mb = round(ask(tree, watched_home, watch=True).rss / 1e6)
    return row


def _file_to_edit(files: list[Path]) -> Path:
    """A source file of middling size: the median of those between 5 and 60 KB."""
    code = {".py", ".rb", ".go", ".c", ".rs", ".ts", ".java", ".js", ".php", ".kt", ".swift", ".cs"}
    sized = sorted((path.stat().st_size, path) for path in files if path.suffix in code)
    fitting = [path for size, path in sized if 5_000 <= size <= 60_000] or [path for _, path in sized]
    return fitting[len(fitting) // 2]


def _tiny(work: Path) -> Path:
    folder = work / "tiny"
    folder.mkdir(exist_ok=True)
    (folder / "a.py").write_text("token = 'q7Zk2mX9vB4nR8sT1wY6uE3oP5aD0fG'\n", encoding="utf-8")
    return folder


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, and the stages of each below it."""
    lines = [
        "| repository | files | MB | cold s | warm s | one edit s | git grep s "
        "| cold RSS MB | cold PSS MB | warm RSS MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.repository} | {row.files} | {row.megabytes} | {row.cold:.2f} | {row.warm:.2f} | {row.edited:.2f} "
        f"| {row.git_grep:.2f} | {row.cold_rss_mb:.0f} | {row.cold_pss_mb:.0f} | {row.warm_rss_mb:.0f} |"
        for row in rows
    ]
    lines.append("")
    for row in rows:
        for kind in ("cold", "warm", "edited"):
            stages = getattr(row, f"stages_{kind}")
            told = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in stages.items())
            lines.append(f"- {row.repository}, {kind}: {told}")
    return "\n".join(lines)


def main() -> None:
    """Measures each repository given and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="repoask-benchmark-"))
    try:
        rows = [measure(path, rounds=options.rounds, work=work) for path in options.repositories]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    memory = psutil.virtual_memory().total / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    print(f"{machine}; medians of {options.rounds} rounds (cold: {max(1, options.rounds // 2)})\n")
    print(table(rows))
    if options.json:
        report = {"machine": machine, "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
