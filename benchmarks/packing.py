"""What packing costs beside other packers: processor time of the whole process tree and seconds, cold and warm.

    python benchmarks/packing.py REPOSITORY... --tokenizer PATH --peers FOLDER... [--large] [--rounds 5] [--json FILE]

Each repository (a work tree or a bare git directory) is cloned into a temporary folder. A packer writes all of it as
one text and, where it can, counts tokens; ours is `python -m repoask pack`, its modules compiled as an installer
compiles them. Cold: no cache of its own. Warm: the same again. `git ls-files | xargs cat` is the floor that any packer
pays, an interpreter that starts and ends the one that ours pays. With --large all repositories together are one more:
its peak memory, and a pack of it continued after one edit. Figures are medians.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from processes import Run, run

_RUNNER = Path(__file__).with_name("packing_run.py")
_FLOOR = "git ls-files -z | xargs -0 cat > "


@dataclass(frozen=True, slots=True)
class Cost:
    """One packer on one repository; medians. None for what it has not: a cache, a count."""

    repository: str
    files: int
    packer: str
    cold_cpu: float
    cold_s: float
    warm_cpu: float | None
    warm_s: float | None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Large:
    """All repositories as one."""

    files: int
    tokens: int
    cold: Run
    repack: dict[str, Any]


class Bench:
    """Measures in a folder that is removed afterwards.

    Args:
        work: The folder.
        tokenizer: A file or folder, as `--tokenizer` takes it.
        peers: Folders to look for the other packers' programs in.
        rounds: Of each measure; cold ones take half as many.
    """

    def __init__(self, work: Path, *, tokenizer: str, peers: Sequence[Path], rounds: int) -> None:
        self._work, self._tokenizer, self._rounds = work, tokenizer, rounds
        self._path = os.pathsep.join(map(str, peers))
        self._count = 0
        # an installation's first run compiles the secret rules and compares the tokenizer's libraries
        self._run_ours(_tiny(work), "first", work / "tiny.txt")

    def versions(self) -> dict[str, str]:
        """The peers that were found, and what they say they are."""
        found = {name: shutil.which(name, path=self._path) for name in ("repomix", "gitingest", "files-to-prompt")}
        return {name: _version(Path(program)) for name, program in found.items() if program}

    def costs(self, tree: Path) -> list[Cost]:
        """Each packer on one work tree."""
        num_files = len(_listed(tree))
        rows = [self._cost(tree, num_files, "repoask", cached=True), self._cost(tree, num_files, "floor", cached=False)]
        rows += [self._cost(tree, num_files, name, cached=name == "repomix") for name in self.versions()]
        start = [run([sys.executable, "-c", ""]) for _ in range(self._rounds)]
        rows.append(Cost(tree.name, 0, "python -c ''", *_medians(start), None, None))
        return rows

    def large(self, tree: Path) -> Large:
        """Memory of a cold pack, and a pack that is continued."""
        cold = self._run_ours(tree, "large", self._work / "large.txt", watch=True)
        tokens = _tokens(self._work / "large")
        command = [sys.executable, _RUNNER, tree, self._work / "large", self._tokenizer, str(self._rounds)]
        repack = json.loads(run(command, environment=_compiling()).stdout)
        return Large(len(_listed(tree)), tokens, cold, repack)

    def _cost(self, tree: Path, num_files: int, packer: str, *, cached: bool) -> Cost:
        colds = [self._once(tree, packer, f"{packer}-{self._next()}") for _ in range(max(2, self._rounds // 2))]
        home = f"{packer}-{self._next()}"
        if cached:
            self._once(tree, packer, home)
        warms = [self._once(tree, packer, home) for _ in range(self._rounds)] if cached else []
        tokens = _tokens(self._work / home) if packer == "repoask" else None
        warm_cpu, warm_s = _medians(warms) if warms else (None, None)
        return Cost(tree.name, num_files, packer, *_medians(colds), warm_cpu, warm_s, tokens)

    def _once(self, tree: Path, packer: str, home: str) -> Run:
        out = self._work / "out"
        if packer == "repoask":
            return self._run_ours(tree, home, out.with_suffix(".txt"))
        folder = self._work / home
        folder.mkdir(exist_ok=True)
        places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(folder))
        program = str(shutil.which(packer, path=self._path))
        command = {
            "floor": ["sh", "-c", f"{_FLOOR} '{out}' 2> /dev/null; true"],
            "repomix": [program, "--quiet", "-o", str(out)],
            "gitingest": [program, ".", "-o", str(out)],
            "files-to-prompt": [program, ".", "-o", str(out)],
        }[packer]
        return run(command, environment={**os.environ, **places}, folder=tree)

    def _run_ours(self, tree: Path, home: str, out: Path, *, watch: bool = False) -> Run:
        cache = self._work / home
        cache.mkdir(exist_ok=True)
        for kept in ("rules", "tokenizers"):
            once = self._work / "first" / kept
            if once.is_dir() and not (cache / kept).exists():
                (cache / kept).symlink_to(once)
        command = [sys.executable, "-m", "repoask", "pack", tree, "-o", out]
        command += ["--tokenizer", self._tokenizer, "--index-dir", cache]
        return run(command, environment=_compiling(), watch=watch)

    def _next(self) -> int:
        self._count += 1
        return self._count


def clone(repository: Path, work: Path) -> Path:
    """A work tree of its own."""
    name = next((part for part in reversed(repository.resolve().parts) if part not in {"repo", ".git"}), "repository")
    tree = work / name.rpartition("+")[2]
    subprocess.run(["git", "clone", "--quiet", "--local", str(repository), str(tree)], check=True)
    return tree


def joined(trees: Sequence[Path], work: Path) -> Path:
    """One repository of several, their ignore rules left out."""
    whole = work / "all"
    for tree in trees:
        shutil.copytree(tree, whole / tree.name, symlinks=True, ignore=shutil.ignore_patterns(".git", ".git*"))
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), (*author, "commit", "-q", "-m", "all")):
        subprocess.run(["git", *command], cwd=whole, check=True, stderr=subprocess.DEVNULL)
    return whole


def table(costs: Sequence[Cost], large: Large | None) -> str:
    """All figures as Markdown."""
    lines = [
        "| repository | files | packer | tokens | cold CPU s | cold s | warm CPU s | warm s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cost in costs:
        tokens = f"{cost.tokens:,}" if cost.tokens else ""
        warm = ["" if value is None else f"{value:.3f}" for value in (cost.warm_cpu, cost.warm_s)]
        cells = [f"{cost.files:,}", cost.packer, tokens, f"{cost.cold_cpu:.3f}", f"{cost.cold_s:.3f}", *warm]
        lines.append(f"| {cost.repository} | " + " | ".join(cells) + " |")
    if large:
        steps = ", ".join(
            f"{step} {times['ms']:.0f} ({times['cpu_ms']:.0f} of the processor)"
            for step, times in large.repack["steps"].items()
        )
        lines += [
            "",
            f"All together: {large.files:,} files, {large.tokens:,} tokens, cold {large.cold.cpu:.2f} s of processor "
            f"time, {large.cold.seconds:.2f} s, peak RSS {large.cold.rss / 1e6:.0f} MB of the process tree.",
            f"After one edit, in one process, ms: {steps}; {large.repack['new_tokens']:.0f} tokens to prefill.",
        ]
    return "\n".join(lines)


def _compiling() -> dict[str, str]:
    """The environment without what would have every module compiled anew in each run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _tokens(cache: Path) -> int:
    """Of the one pack that is kept."""
    (manifest,) = cache.glob("sources/*/packs/v*/*.json")
    return int(json.loads(manifest.read_bytes())["tokens"])


def _medians(runs: Sequence[Run]) -> tuple[float, float]:
    return statistics.median(one.cpu for one in runs), statistics.median(one.seconds for one in runs)


def _listed(tree: Path) -> list[bytes]:
    return subprocess.run(["git", "ls-files", "-z"], cwd=tree, capture_output=True, check=True).stdout.split(b"\0")[:-1]


def _version(program: Path) -> str:
    if (program.parent / "pip").exists():  # not each of them tells
        shown = subprocess.run([program.parent / "pip", "show", program.name], capture_output=True, check=True).stdout
        return next(line[9:] for line in shown.decode().splitlines() if line.startswith("Version: "))
    return subprocess.run([program, "--version"], capture_output=True, check=True, text=True).stdout.strip()


def _tiny(work: Path) -> Path:
    folder = work / "one-file"
    folder.mkdir()
    (folder / "a.py").write_text("token = 'q7Zk2mX9vB4nR8sT1wY6uE3oP5aD0fG'\n", encoding="utf-8")
    return folder


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--peers", nargs="*", type=Path, default=[])
    parser.add_argument("--large", nargs="*", type=Path, help="All repositories and these together are one more.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="repoask-benchmark-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        bench = Bench(work, tokenizer=options.tokenizer, peers=options.peers, rounds=options.rounds)
        trees = [clone(path, work) for path in options.repositories]
        costs = [cost for tree in trees for cost in bench.costs(tree)]
        large = None
        if options.large is not None:
            large = bench.large(joined([*trees, *(clone(path, work) for path in options.large)], work))
        versions = bench.versions()
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; medians of {options.rounds} rounds; {told}\n\n{table(costs, large)}")
    if options.json:
        report = {"machine": machine, "peers": versions, "costs": [asdict(cost) for cost in costs]}
        if large:
            report["large"] = {**asdict(large), "cold": {**asdict(large.cold), "stdout": ""}}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
