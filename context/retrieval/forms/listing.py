"""Finds the files that a written path means: ours, those of another machine, and those of an installed copy of us.

Knows paths alone, but for the manifests at the root that say under which name others install this repository.
"""

import re
from collections import defaultdict
from functools import cached_property, lru_cache

from ..corpus import Corpus

__all__ = ["Listing", "normal"]

_SCHEME = re.compile(r"^(?:file:/{0,2}|[a-z-]{2,20}://[^/]*|[A-Za-z]:(?=/))")
_QUERY = re.compile(r"\?[^/]*$")
_RUNTIME = re.compile(
    r"^<|^node:|^internal/|(^|/)rustc/[0-9a-f]+/"
    r"|(^|/)lib(64)?/python[\d.]+/(?!site-packages/|dist-packages/)"
    r"|(^|/)lib/ruby/[\d.]+/(?!gems/)"
    r"|/[Gg]o[-\d./x]*/src/[^./]+(/[^./]+)*/[^/]+\.(go|s)$"  # the first folder of others' code is a host, with a dot
)
_INSTALLED = re.compile(
    r".*(?:^|/)(?:site-packages|dist-packages|node_modules|pkg/mod|gems|registry/src/[^/]+|vendor|deps)/(.+)"
)
_VERSION = re.compile(r"(?:@v?\d[^/]*|-v?\d+\.[\w.]*)(?=/)")
_NAMES = {
    "go.mod": re.compile(r"^module\s+(\S+)", re.MULTILINE),
    "package.json": re.compile(r'"name"\s*:\s*"([^"\n]+)"'),
    "composer.json": re.compile(r'"name"\s*:\s*"([^"\n]+)"'),
    "Cargo.toml": re.compile(r'^name\s*=\s*"([^"\n]+)"', re.MULTILINE),
}
_OWN_FOLDERS = 2  # that the path of another machine must share with ours, unless ours is at the root


def normal(written: str) -> str:
    """A path as git writes it: no scheme, drive or query, forward slashes, no leading `./`."""
    path = _QUERY.sub("", _SCHEME.sub("", written.replace("\\", "/")))
    while path.startswith("./"):
        path = path[2:]
    return path


class Listing:
    """The live files of a corpus by name; listed when first asked, once a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def called(self, written: str) -> list[int]:
        """The files of that path or whose path ends so, the shallowest first."""
        path = normal(written)
        return [file for ours, file in self._named(path) if ours == path or ours.endswith(f"/{path}")]

    def at(self, path: str) -> int | None:
        """The file of exactly that path."""
        return next((file for ours, file in self._by_name.get(path.rpartition("/")[2], []) if ours == path), None)

    def in_trace(self, written: str) -> int | None:
        """The file that a frame means, whose path may be absolute and of another machine; None for others' code."""
        path = normal(written)
        if _RUNTIME.search(path):
            return None
        installed = _INSTALLED.fullmatch(path)
        return self._installed(_VERSION.sub("", installed[1])) if installed else self._elsewhere(path)

    def of_package(self, package: str, name: str) -> int | None:
        """The file of that name in a package of the JVM: by its folders, or by what its head declares."""
        folders = package.replace(".", "/")
        if under := self.called(f"{folders}/{name}" if folders else name):
            return under[0]
        declares = re.compile(rf"^\s*package\s+{re.escape(package)}\b", re.MULTILINE)
        return next((file for _, file in self._named(name) if package and declares.search(self._head(file))), None)

    def inside(self, folder: str) -> list[tuple[str, int]]:
        """The files directly in a folder, by path; a folder may be given by the end of its path."""
        name = normal(folder).strip("/")
        holding = [
            (ours, file)
            for files in self._by_name.values()
            for ours, file in files
            if (parent := ours.rpartition("/")[0]) == name or parent.endswith(f"/{name}")
        ]
        shallowest = min((ours.count("/") for ours, _ in holding), default=0)
        return sorted(each for each in holding if each[0].count("/") == shallowest) if name else []

    @property
    def _by_name(self) -> dict[str, list[tuple[str, int]]]:
        return _by_name(self._corpus)

    def _named(self, path: str) -> list[tuple[str, int]]:
        found = self._by_name.get(path.rpartition("/")[2], [])
        return sorted(found, key=lambda each: (each[0].count("/"), each[0]))

    def _installed(self, path: str) -> int | None:
        """A file of a copy of this repository, by its whole path inside the folder of packages."""
        if "/" in path and (whole := self.called(path)):
            return whole[0]
        for name in self._own_names:
            if path.startswith(f"{name}/"):
                ours = path.removeprefix(f"{name}/")
                return next((file for own, file in self._named(ours) if own == ours), None)
        return None

    def _elsewhere(self, path: str) -> int | None:
        """The file with the longest common end."""
        parts = [part for part in path.split("/") if part]
        best, best_shared = None, 0
        for ours, file in self._named(path):
            own = ours.split("/")
            shared = _shared(own, parts)
            if shared > best_shared and shared >= min(_OWN_FOLDERS, len(own), len(parts)):
                best, best_shared = file, shared
        return best

    @cached_property
    def _own_names(self) -> list[str]:
        """What others call this repository when they install it."""
        gems = [name.removesuffix(".gemspec") for name in self._by_name if name.endswith(".gemspec")]
        found = [
            name[1]
            for manifest, pattern in _NAMES.items()
            for path, file in self._named(manifest)
            if path == manifest and (name := pattern.search(self._head(file)))
        ]
        return sorted(gems + found)

    def _head(self, file: int) -> str:
        chunks = self._corpus.chunks_of(file)
        if not chunks:
            return ""
        segment, row = self._corpus.chunk(chunks.start)
        return segment.texts[row]


@lru_cache(maxsize=2)
def _by_name(corpus: Corpus) -> dict[str, list[tuple[str, int]]]:
    named: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for segment, first in corpus.parts():
        live = corpus.live[first : first + segment.num_files].tolist()
        for row, path in enumerate(segment.paths):
            if live[row]:
                named[path.rpartition("/")[2]].append((path, first + row))
    return dict(named)


def _shared(left: list[str], right: list[str]) -> int:
    shared = 0
    while shared < min(len(left), len(right)) and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    return shared
