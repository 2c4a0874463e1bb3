"""What tokens cost: tokens a CPU-second and memory of every library on real source, and how far off the estimate is.

    python benchmarks/tokenizing.py --tokenizer FOLDER_OR_FILE... --repository FOLDER...

Each library runs in a process of its own, over the same texts, one file at a time, on one thread.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median

from repoask.context.pack.tokenizers.encoding import Encoding
from repoask.context.pack.tokenizers.estimate import EstimatingCounter
from repoask.context.pack.tokenizers.gigatoken import GigatokenEncoding
from repoask.context.pack.tokenizers.huggingface import HuggingFaceEncoding, TokenizerJson
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.context.pack.tokenizers.quick import QuickEncoding
from repoask.context.pack.tokenizers.tiktoken_ranks import RanksEncoding, RanksFile
from repoask.ingest.languages import language_of

_LIBRARIES = ("oracle", "gigatoken", "quick")
_MAX_FILE_BYTES = 300_000
_MAX_CHARS = 20_000_000
_SLOW_CHARS = 4_000_000  # enough for the oracle and the quick one


def main() -> None:
    """Prints two tables, and writes them as JSON where `--json` names a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", nargs="+", required=True)
    parser.add_argument("--repository", nargs="+", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--library", choices=_LIBRARIES, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.library:
        texts = _texts(options.repository)
        json.dump(_measured(Path(options.tokenizer[0]), options.library, options.cache, texts), sys.stdout)
        return
    speeds = {name: _speeds(name, options.repository) for name in options.tokenizer}
    errors = _errors(options.tokenizer, _texts(options.repository))
    _print_speeds(speeds)
    _print_errors(errors)
    if options.json:
        options.json.write_text(json.dumps({"speeds": speeds, "errors": errors}, indent=1))


def _texts(repositories: Sequence[Path]) -> list[tuple[str, str, str]]:
    """Repository, language and text of the files that git knows and that are UTF-8, in turn of all repositories."""
    found: list[tuple[str, str, str]] = []
    for repository in repositories:
        listed = subprocess.run(["git", "-C", repository, "ls-files", "-z"], capture_output=True, check=True).stdout
        chars = 0
        for name in sorted(listed.decode("utf-8", "surrogateescape").split("\0")):
            path = repository / name
            if not path.is_file() or path.is_symlink() or not 0 < path.stat().st_size <= _MAX_FILE_BYTES:
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            chars += len(text)
            if "\0" not in text:
                found.append((repository.name, language_of(name) or "other", text))
            if chars > _MAX_CHARS / len(repositories):
                break
    return found


def _speeds(tokenizer: str, repositories: Sequence[Path]) -> dict[str, dict[str, float] | None]:
    found: dict[str, dict[str, float] | None] = {}
    with tempfile.TemporaryDirectory() as cache:
        open_tokenizer(tokenizer, cache=Path(cache)).count(["\u00e9"])  # prepares the quick file
        for library in _LIBRARIES:
            command = [sys.executable, __file__, "--tokenizer", tokenizer, "--library", library, "--cache", cache]
            done = subprocess.run([*command, "--repository", *repositories], capture_output=True, check=False)
            found[library] = json.loads(done.stdout) if done.returncode == 0 else None
    return found


def _measured(path: Path, library: str, cache: Path, texts: Sequence[tuple[str, str, str]]) -> dict[str, float]:
    before = _peak_mb()
    started = time.process_time()
    encode = _encoder(path, library, cache)
    load_s = time.process_time() - started
    loaded = _peak_mb()
    started, tokens, chars = time.process_time(), 0, 0
    for *_, text in texts:
        if library == "quick" and not text.isascii():
            continue
        tokens += len(encode(text))
        chars += len(text)
        if library != "gigatoken" and chars > _SLOW_CHARS:
            break
    seconds = time.process_time() - started
    return {
        "load_s": load_s, "tokens": tokens, "tokens_per_s": tokens / seconds,
        "loaded_mb": loaded - before, "peak_mb": _peak_mb() - before,
    }  # fmt: skip


def _encoder(path: Path, library: str, cache: Path) -> Callable[[str], Sequence[int]]:
    if library == "quick":
        quick = next(filter(None, map(QuickEncoding.read, cache.glob("*.quick"))))
        return lambda text: () if (ids := quick.encode(text)) is None else ids  # type: ignore[return-value]
    file = _file(path)
    encoding: Encoding
    if library == "gigatoken":
        encoding = GigatokenEncoding(file)
    else:
        encoding = RanksEncoding(file) if isinstance(file, RanksFile) else HuggingFaceEncoding(file)
    file.release()
    return lambda text: encoding.encode(text)  # type: ignore[return-value]  # an array of ids has a length too


def _file(path: Path) -> RanksFile | TokenizerJson:
    if path.is_dir():
        path = next(path / name for name in ("tokenizer.json", "tokenizer.model") if (path / name).is_file())
    return TokenizerJson(path) if path.suffix == ".json" else RanksFile(path)


def _peak_mb() -> float:
    """Of this process since it began; `ru_maxrss` would be the parent's, which is larger."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _errors(tokenizers: Sequence[str], texts: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, float]]:
    """How far the estimate is from the mean of the tokenizers, by language; and how far these are from it."""
    plain = [text for *_, text in texts]
    counts = [open_tokenizer(name).count(plain) for name in tokenizers]
    truth = [mean(row) for row in zip(*counts, strict=True)]
    guesses = EstimatingCounter().count(plain)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, (repository, language, text) in enumerate(texts):
        if len(text) > 200:
            groups[f"language {language}"].append(place)
            groups[f"repository {repository}"].append(place)
            groups["all"].append(place)
    found = {name: _error(places, guesses, truth) for name, places in sorted(groups.items()) if len(places) >= 20}
    for name, count in zip(tokenizers, counts, strict=True):
        found[f"tokenizer {Path(name).name}"] = _error(range(len(plain)), count, truth)
    return found


def _error(places: Sequence[int], guesses: Sequence[float], truth: Sequence[float]) -> dict[str, float]:
    total = sum(guesses[place] for place in places) / sum(truth[place] for place in places) - 1
    each = sorted(abs(guesses[place] / max(truth[place], 1) - 1) for place in places)
    return {"files": len(places), "total": total, "median": median(each), "p90": each[int(len(each) * 0.9)]}


def _print_speeds(speeds: dict[str, dict[str, dict[str, float] | None]]) -> None:
    print(
        "| tokenizer | library | M tokens a CPU-second | against the oracle | load s (CPU) | MB loaded | MB at most |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, libraries in speeds.items():
        oracle = libraries["oracle"]
        for library, found in libraries.items():
            cells = "- | - | - | - | -" if found is None or oracle is None else " | ".join(_cells(found, oracle))
            print(f"| {Path(name).name} | {library} | {cells} |")


def _cells(found: dict[str, float], oracle: dict[str, float]) -> Iterator[str]:
    yield f"{found['tokens_per_s'] / 1e6:.2f}"
    yield f"{found['tokens_per_s'] / oracle['tokens_per_s']:.1f}x"
    yield f"{found['load_s']:.2f}"
    yield f"{found['loaded_mb']:.0f}"
    yield f"{found['peak_mb']:.0f}"


def _print_errors(errors: dict[str, dict[str, float]]) -> None:
    print("\n| of the estimate | files | total | median file | 90% of files within |\n|---|---|---|---|---|")
    for name, found in errors.items():
        print(f"| {name} | {found['files']:,} | {found['total']:+.1%} | {found['median']:.1%} | {found['p90']:.1%} |")


if __name__ == "__main__":
    main()
