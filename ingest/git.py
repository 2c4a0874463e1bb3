"""Runs git, hardened once: the only module that imports GitPython or starts a process.

A repository is hostile until proven otherwise. Its config may name programs (fsmonitor, hooks, filters, a pager, an
ssh command), so only plumbing that needs none of them is run, with every such setting overridden and every transport
forbidden. `git status` and `git diff` are never used: they may run clean filters.

Knows nothing of what a snapshot is, nor of which files are wanted.
"""

import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import IO, Any, cast

from ..errors import SourceError
from .blockers import WAITS, check_objects, check_repository, find_blocker
from .hardening import FETCH_ENVIRONMENT, FETCH_OVERRIDES, NEUTRAL_ENVIRONMENT, OVERRIDES, SEALED_ENVIRONMENT

__all__ = ["Git", "RunningGit", "make_bare"]

# What git says after any failure of a transport; the reason stands before it.
_SAYS_NOTHING = (
    "fatal: Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists",
    "hint:",
)
_WAY_OUT = "`git fsck` tells which object is damaged or may not be read; a fresh clone mends it"
# What git says after one of these is a consequence.
_NO_SPACE = "No space left on device"
_CAUSES = (_NO_SPACE, "Permission denied", "Too many open files")
_DAMAGE = re.compile(
    r"bad (?:tree |commit |)object|corrupt|unable to read|missing (?:blob|tree|commit)|unable to unpack"
)
# 20 MB less for a pack of 100 MB, at the same speed: git otherwise maps all of it and keeps 96 MB of delta bases
_LITTLE_MEMORY = (
    *("-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=8m"),
    *("-c", "core.deltaBaseCacheLimit=16m"),
)
_STALL_S = 1.0  # listing 5,000 files takes 0.06: what takes longer may wait for a FIFO, so it is worth a look
_LIMIT_S = 300.0  # for what no look explains: the slowest disk has listed a large repository by then


class RunningGit:
    """A git process that was started; ended and reaped by `result`, or by leaving the `with` block.

    Args:
        process: What was started.
        about: What an error is to name.
        find_blocker: Called after a second without an end; names the file that git waits for, if it finds one.
        limit_s: How long `result` waits after that.
    """

    def __init__(
        self, process: Popen[bytes], *, about: str, find_blocker: Callable[[], str | None], limit_s: float = _LIMIT_S
    ) -> None:
        self._process = process
        self._about = about
        self._limit_s = limit_s
        self._find_blocker = find_blocker
        self._drainer: threading.Thread | None = None

    def __enter__(self) -> "RunningGit":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        if self._drainer:
            self._drainer.join()
        self.stdout.close()
        self.stderr.close()
        self._process.wait()

    @property
    def stdout(self) -> IO[bytes]:
        """What git prints."""
        return cast("IO[bytes]", self._process.stdout)

    @property
    def stderr(self) -> IO[bytes]:
        """What git complains about, or its progress."""
        return cast("IO[bytes]", self._process.stderr)

    def result(self, *, ok_codes: tuple[int, ...] = (0,)) -> bytes:
        """Waits and returns all output.

        Raises:
            SourceError: git failed, which carries its own last line; or it waits for a file that never ends.
        """
        output, complaint = self._communicate()
        self.check(complaint, ok_codes=ok_codes)
        return output

    def output_within(self, limit_s: float) -> tuple[bytes, bytes, bool]:
        """What git prints and complains of within a time, and whether it ended by itself; else it is killed."""
        try:
            return *self._process.communicate(timeout=limit_s), True
        except TimeoutExpired:
            self._process.kill()
            return *self._process.communicate(), False

    def ignore_complaints(self) -> None:
        """Reads stderr away, so that a git which complains much never waits for a reader of its output alone."""

        def read_away() -> None:
            while self.stderr.read(65536):
                pass

        self._drainer = threading.Thread(target=read_away, daemon=True)
        self._drainer.start()

    def exit_code(self) -> int:
        """Waits and returns the code alone, for commands that answer by it."""
        self._communicate()
        return self._process.returncode

    def _communicate(self) -> tuple[bytes, bytes]:
        try:
            return self._process.communicate(timeout=_STALL_S)
        except TimeoutExpired:
            self._refuse_blocker()
        try:
            return self._process.communicate(timeout=self._limit_s)
        except TimeoutExpired as error:
            self._process.kill()
            raise SourceError(
                f"{self._about}: git gave no answer within {self._limit_s:.0f} s; try a sub-folder"
            ) from error

    def _refuse_blocker(self) -> None:
        blocker = self._find_blocker()
        if blocker is not None:
            self._process.kill()
            raise SourceError(f"{blocker}: {WAITS}")

    def check(self, complaint: bytes, *, ok_codes: tuple[int, ...] = (0,)) -> None:
        """Raises when the process, which must have ended its output, failed."""
        if self._process.wait() not in ok_codes:
            raise SourceError(f"{self._about}: git cannot read it: {_explain(_last_line(complaint))}")


class Git:
    """git for one repository, with its git directory and work tree given, never discovered or configured.

    Args:
        git_dir: The git directory of the work tree.
        work_tree: The top of the work tree; None for a bare repository.
        common_dir: The directory that all work trees share; `git_dir` when None.
    """

    def __init__(self, git_dir: Path, *, work_tree: Path | None, common_dir: Path | None = None) -> None:
        common = common_dir or git_dir
        self._top = work_tree or git_dir
        self._folders = (git_dir, common)
        self._work_tree = work_tree
        self._checked = False
        # GIT_COMMON_DIR also makes git pass over `core.worktree` and `core.bare` of the repository's config.
        self._location = {
            "GIT_DIR": str(git_dir),
            "GIT_WORK_TREE": str(self._top),
            "GIT_COMMON_DIR": str(common),
            "GIT_INDEX_FILE": str(git_dir / "index"),
            "GIT_OBJECT_DIRECTORY": str(common / "objects"),
            "GIT_SHALLOW_FILE": str(common / "shallow"),
            "GIT_GRAFT_FILE": str(common / "info" / "grafts"),
        }

    def start(self, *args: str, stdin: IO[bytes] | None = None) -> RunningGit:
        """Starts a command that reads the repository and nothing else."""
        command = [_git(), *_as_options(OVERRIDES), *args]
        return self._start(command, environment={**SEALED_ENVIRONMENT, **self._location}, stdin=stdin)

    def run(self, *args: str, ok_codes: tuple[int, ...] = (0,)) -> bytes:
        """Runs a command that reads the repository and returns its output.

        Raises:
            SourceError: git failed; carries git's own last line.
        """
        with self.start(*args) as running:
            return running.result(ok_codes=ok_codes)

    def start_fetch(self, *args: str, about: str) -> RunningGit:
        """Starts a command that may use the network. Only for a repository of our own making.

        Args:
            args: The command.
            about: What an error is to name, for the URL itself may hold a password.
        """
        command = [_git(), *_as_options(FETCH_OVERRIDES), *args]
        return self._start(command, environment={**FETCH_ENVIRONMENT, **self._location}, about=about)

    def start_user_config(self, key: str, *, default: str) -> RunningGit:
        """Starts reading a path from the user's own settings; the repository's are not looked at."""
        environment = {**NEUTRAL_ENVIRONMENT, **self._location, "GIT_ALLOW_PROTOCOL": "none"}
        command = [_git(), "config", "--global", "--type=path", "--default", default, "--get", key]
        return self._start(command, environment=environment)

    def ignores(self, folder: str) -> bool:
        """Whether the ignore rules leave this folder out and nothing in it is tracked."""
        with self.start_check_ignore("--quiet", "--", f"./{folder}") as running:
            return running.exit_code() == 0 and not self.run("ls-files", "-z", "--", folder)

    def start_check_ignore(
        self, *args: str, settings: Iterable[str] = (), stdin: IO[bytes] | None = None
    ) -> RunningGit:
        """Starts telling which paths the ignore rules leave out.

        It alone takes no literal pathspecs: "./" before a path keeps a leading ":" from being one.
        """
        options = _as_options((*OVERRIDES, *settings))
        environment = {**SEALED_ENVIRONMENT, **self._location, "GIT_LITERAL_PATHSPECS": "0"}
        return self._start([_git(), *options, "check-ignore", *args], environment=environment, stdin=stdin)

    def read_blobs(self, blob_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Reads blobs in one process, in the order given. One that is missing is passed over."""
        wanted_ids = list(blob_ids)
        check_objects(self._folders[1], wanted_ids)
        with tempfile.TemporaryFile() as wanted:
            wanted.writelines(f"{blob_id}\n".encode("ascii") for blob_id in wanted_ids)
            wanted.seek(0)
            with self.start(*_LITTLE_MEMORY, "cat-file", "--batch", "--buffer", stdin=wanted) as running:
                running.ignore_complaints()
                yield from _parse_batch(running.stdout)

    def _start(
        self, command: list[str], *, environment: Mapping[str, str], stdin: IO[bytes] | None = None, about: str = ""
    ) -> RunningGit:
        if not self._checked:
            check_repository(*self._folders, work_tree=self._work_tree)
            self._checked = True
        process = _spawn(command, environment, stdin=stdin, folder=self._top)
        look = partial(find_blocker, *self._folders, work_tree=self._work_tree)
        return RunningGit(process, about=about or str(self._top), find_blocker=look)


def make_bare(folder: Path, *, object_format: str = "sha1") -> Git:
    """Makes an empty bare repository of our own; by hand, for `git init` obeys variables that a calling git has set."""
    folder.mkdir(exist_ok=True)
    (folder / "objects").mkdir()
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/main\n", "ascii")
    config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
    if object_format != "sha1":
        config += f"[extensions]\n\tobjectFormat = {object_format}\n"
    (folder / "config").write_text(config, "ascii")
    return Git(folder, work_tree=None)


def _git() -> str:
    return str(_gitpython().Git.GIT_PYTHON_GIT_EXECUTABLE or "git")


@cache
def _gitpython() -> Any:
    """GitPython's `git.cmd`, its runner, without the rest of it.

    The package's own `__init__` imports all of GitPython and runs `git version`: 35 ms of a question of 350. An empty
    package stands in for it while the runner is imported; whoever imports git afterwards gets the whole.
    """
    if "git" in sys.modules:
        return import_module("git.cmd")
    spec = find_spec("git")
    assert spec is not None, "GitPython is a dependency"
    sys.modules["git"] = module_from_spec(spec)
    try:
        return import_module("git.cmd")
    finally:
        del sys.modules["git"]


def _spawn(
    command: list[str], environment: Mapping[str, str], *, stdin: IO[bytes] | None, folder: Path
) -> Popen[bytes]:
    cmd = _gitpython()
    try:
        running: Any = cmd.Git(folder).execute(
            command, istream=cast("Any", stdin), as_process=True, env=dict(environment), shell=False
        )
    except cmd.GitCommandNotFound as error:
        raise SourceError("git is not installed, or not on PATH; install git 2.30 or newer") from error
    except (cmd.GitCommandError, OSError, ValueError) as error:
        raise SourceError(f"{folder}: git cannot be started there: {_last_line(str(error).encode())}") from error
    process: Popen[bytes] = running.proc
    running.proc = None  # ours to end: GitPython would do so whenever the wrapper is collected
    return process


def _as_options(settings: Iterable[str]) -> list[str]:
    return [part for setting in settings for part in ("-c", setting)]


def _parse_batch(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Parses the output of `cat-file --batch`: a line `id type size`, the bytes, a line end."""
    while header := stream.readline():
        fields = header.split()
        if len(fields) != 3 or not fields[2].isdigit():
            continue  # "<id> missing"
        data = stream.read(int(fields[2]))
        stream.read(1)
        if fields[1] == b"blob":
            yield fields[0].decode("ascii"), data


def _explain(line: str) -> str:
    """Git's last line with the way out, where there is one."""
    if line.endswith(_CAUSES):
        return f"{line}; free some, or name another --index-dir" if _NO_SPACE in line else line
    return f"{line}; {_WAY_OUT}" if _DAMAGE.search(line) else line


def _last_line(complaint: bytes) -> str:
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_SAYS_NOTHING)] or lines
    fatal = [line for line in telling if line.startswith(("fatal:", "error:"))]
    causes = [line for line in fatal if line.endswith(_CAUSES)]
    line = (causes or fatal or telling or ["no reason given"])[-1]
    line = line.removeprefix("fatal: ").removeprefix("error: ")
    return "".join(character if character.isprintable() else "?" for character in line)[:300]
