"""A vLLM server of repoask's own: started, watched until it answers, and stopped with all that belongs to it.

One server a port: a lock on the port's file says that its keeper lives, so what writes to a port's log while the lock
is free was left behind, and is ended at the next start of any server. Knows nothing of prompts, nor of which flags are
right.
"""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from ....config import read_state, write_state
from ....errors import EngineError, InputError
from .failure import cause_of
from .processes import end_processes, processes_of, remove_shared_memory, shared_memory_of

__all__ = ["VllmServer"]

_HOST = "127.0.0.1"
_MODULE = "vllm.entrypoints.openai.api_server"
_PLUGIN = Path(__file__).with_name("plugin")
_MIDDLEWARE = "repoask_vllm.middleware.Repoask"
_SEVERAL_ENGINES = ("--data-parallel-size", "-dp")
_OWN_FLAGS = ("--host", "--port", "--model", "--served-model-name")
_POLL_S = 0.5
_ASK_TIMEOUT_S = 5.0
_MAX_REPLY_BYTES = 1 << 20
# vLLM takes 5 s to end with nothing to do; what it still answers is given up
_PATIENCE_S = 20.0
_CAUSE_AFTER_S = 2.0


class VllmServer:
    """A server on a port of this machine. Entering starts it; leaving stops it, whatever happened in between."""

    def __init__(
        self, words: Sequence[str], *, python: Path, name: str, port: int, folder: Path, environ: Mapping[str, str]
    ) -> None:
        """Starts nothing yet.

        Args:
            words: What is loaded, then vLLM's flags.
            python: Of the environment that has vLLM.
            name: The model's name for those who ask it.
            port: Of the loopback interface.
            folder: Where logs and locks of all servers are kept.
            environ: The server's whole environment.

        Raises:
            InputError: The flags hold one that is repoask's own to give.
        """
        checkpoint, *flags = words
        for flag in flags:
            if flag.partition("=")[0] in _OWN_FLAGS:
                raise InputError(f"{flag}: repoask gives vLLM this flag itself; leave it out after --")
        self._command = [
            *(str(python), "-m", _MODULE, "--model", checkpoint, "--served-model-name", name),
            *("--host", _HOST, "--port", str(port), "--disable-uvicorn-access-log"),
            *("--middleware", _MIDDLEWARE, *_events(port, flags)),
            # which texts would become control tokens: so that a pack's ids can be had from the server
            *("--enable-tokenizer-info-endpoint", *flags),
        ]
        self._environ = {
            **environ,
            "PYTHONSAFEPATH": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            # its environment holds vLLM, and of repoask what runs inside the server alone
            "PYTHONPATH": str(_PLUGIN),
            # a block of KV goes by the same name in every run
            "PYTHONHASHSEED": "0",
        }
        self.name, self._port, self._folder = name, port, folder
        self._keeper = FileLock(folder / f"{port}.lock", timeout=0)
        self._process: subprocess.Popen[bytes] | None = None
        self._shared: dict[str, int] = {}
        self.left_behind = 0
        """Processes of earlier servers that were found and ended at the start."""

    @property
    def base_url(self) -> str:
        """For `--base-url`."""
        return f"http://{_HOST}:{self._port}/v1"

    @property
    def log(self) -> Path:
        """What the server says; that of the server before it on this port lies beside it."""
        return _log(self._folder, self._port)

    def __enter__(self) -> "VllmServer":
        """Starts the server, after what earlier ones left behind has been ended.

        Raises:
            InputError: The port is in use, or the server cannot be started at all.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._keeper.acquire()
        except Timeout as error:
            raise InputError(
                f"port {self._port}: a server that repoask started runs there ({self.base_url}); ask it, stop it, or "
                "choose another with --port"
            ) from error
        try:
            self.left_behind = _end_left_behind(self._folder, own=self._port)
            self._check_port()
            self._start()
        except BaseException:
            self._keeper.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stop(patience_s=_PATIENCE_S)
        except KeyboardInterrupt:  # who presses Ctrl-C twice does not want to wait
            self._stop(patience_s=0)
            raise
        finally:
            self._keeper.release()

    def wait_until_ready(self, on_wait: Callable[[], None] = lambda: None) -> None:
        """Comes back when the server answers and lists its model; calls `on_wait` twice a second until then.

        Raises:
            EngineError: It ended instead; the cause is said.
        """
        while not self._answers():
            self._check_alive(" before it was ready")
            self._note_shared_memory()
            on_wait()
            time.sleep(_POLL_S)
        self._note_shared_memory()

    def wait(self) -> None:
        """Stays until the server ends.

        Raises:
            EngineError: It ended.
        """
        while True:
            self._check_alive()
            time.sleep(_POLL_S)

    def _check_port(self) -> None:
        with socket.socket() as listener:
            # as the server itself listens: connections that have ended do not count
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((_HOST, self._port))
            except OSError as error:
                raise InputError(
                    f"port {self._port}: cannot be listened on ({error.strerror}); stop what uses it, or choose "
                    "another with --port"
                ) from error

    def _start(self) -> None:
        with suppress(FileNotFoundError):
            self.log.replace(self.log.with_suffix(".previous.log"))
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the user's own Python
                    self._command,
                    # Python imports from the folder that it is started in: never from the one the user is in
                    cwd=self._folder,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C is for repoask, which stops the server in order
                    start_new_session=True,
                )
            except OSError as error:
                raise InputError(f"{self._command[0]}: cannot be started ({error.strerror})") from error

    def _answers(self) -> bool:
        try:
            status, _ = self._ask("/health")
            if status != http.client.OK:
                return False
            status, body = self._ask("/v1/models")
            if status == http.client.UNAUTHORIZED:  # behind a key (--api-key, VLLM_API_KEY), which is not ours to know
                return True
            return status == http.client.OK and any(model.get("id") == self.name for model in json.loads(body)["data"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
            return False

    def _ask(self, page: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=_ASK_TIMEOUT_S)
        try:
            connection.request("GET", page)
            response = connection.getresponse()
            return response.status, response.read(_MAX_REPLY_BYTES)
        finally:
            connection.close()

    def _check_alive(self, when: str = "") -> None:
        assert self._process is not None, "the server is entered first"
        code = self._process.poll()
        if code is None:
            return
        time.sleep(_CAUSE_AFTER_S)  # its children say why, and may not have yet
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        cause = "" if code < 0 else cause_of(self.log)
        raise EngineError(f"vLLM {how}{when}{cause and f': {cause}'}; its log is {self.log}")

    def _note_shared_memory(self) -> None:
        """Remembers on disk what to remove, should nobody be left to ask when the time comes."""
        found = shared_memory_of(processes_of(self.log))
        if not found.keys() <= self._shared.keys():
            self._shared |= found
            write_state(_record(self._folder, self._port), {name: str(inode) for name, inode in self._shared.items()})

    def _stop(self, *, patience_s: float) -> None:
        _clear(self._folder, self._port, patience_s=patience_s)
        if self._process is not None:
            self._process.wait()


def _end_left_behind(folder: Path, *, own: int) -> int:
    """Ends what servers left behind whose keeper is gone; gives the number of processes."""
    ended = 0
    for log in sorted(folder.glob("*.log")):
        if not log.stem.isdigit():
            continue
        port = int(log.stem)
        keeper = FileLock(folder / f"{port}.lock", timeout=0)
        try:
            if port != own:
                keeper.acquire()
        except Timeout:
            continue
        try:
            ended += _clear(folder, port, patience_s=_PATIENCE_S)
        finally:
            keeper.release()
    return ended


def _clear(folder: Path, port: int, *, patience_s: float) -> int:
    """Ends all processes of a port's server and removes their shared memory; gives how many there were."""
    log, record = _log(folder, port), _record(folder, port)
    noted = {name: int(inode) for name, inode in read_state(record).items() if inode.isdigit()}
    shared = noted | shared_memory_of(processes_of(log))
    ended = end_processes(log, patience_s=patience_s)
    remove_shared_memory(shared)
    record.unlink(missing_ok=True)
    (folder / _socket(port)).unlink(missing_ok=True)
    return ended


def _events(port: int, flags: Sequence[str]) -> tuple[str, ...]:
    """Has the engine tell its cache's events, in the folder of logs, which is nobody else's: they hold the ids."""
    if any(flag.partition("=")[0] in _SEVERAL_ENGINES for flag in flags):  # each would tell its own
        return ()
    # named from within that folder, since the path of a socket has little room
    config = {"enable_kv_cache_events": True, "publisher": "zmq", "endpoint": f"ipc://{_socket(port)}"}
    return ("--kv-events-config", json.dumps(config))


def _socket(port: int) -> str:
    return f"{port}.events"


def _log(folder: Path, port: int) -> Path:
    return folder / f"{port}.log"


def _record(folder: Path, port: int) -> Path:
    return folder / f"{port}.json"
