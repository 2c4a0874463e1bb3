"""A server on loopback that does with ids what vLLM does: tokenizer, chat template, completions, a prefix cache.

What of a prompt is cached is told by the prompts that came before, in blocks, apart for each salt. It writes a scripted
reply, whatever it is asked.
"""

import argparse
import ast
import inspect
import json
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

BLOCK_TOKENS = 16
CONTROL = ["<|begin|>", "<|start|>", "<|end|>", "<|eot|>"]
NAME = "tiny"


def train(folder: Path) -> Path:
    """Writes a byte-level `tokenizer.json` with control tokens into a folder."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    sources = [inspect.getsource(module) for module in (argparse, ast, textwrap)]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=800, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(sources, trainer)
    made.add_special_tokens(CONTROL)
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    return folder


def llama_like(messages: list[dict[str, str]]) -> str:
    """A conversation as Llama 4's template lays it out."""
    turns = "".join(f"<|start|>{one['role']}<|end|>\n\n{one['content'].strip()}<|eot|>" for one in messages)
    return f"<|begin|>{turns}<|start|>assistant<|end|>\n\n"


class VllmServer:
    """Runs between `__enter__` and `__exit__`.

    Attributes:
        reply: What it writes.
        template: Lays out a conversation; raises ValueError for one that it does not take.
        tells_added_tokens: Whether it has `/tokenizer_info`.
        tells_cached: Whether a reply tells what was cached of its prompt, as with `--enable-prompt-tokens-details`.
        counters: Tokens of all prompts, and those of them that were cached: its page `/metrics`.
        completions: The bodies of the requests for completions so far.
        paths: Of all requests so far.
    """

    def __init__(self, folder: Path, *, max_model_len: int = 200_000) -> None:
        self.model = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.max_model_len = max_model_len
        self.reply = "It is here."
        self.template: Any = llama_like
        self.tells_added_tokens = True
        self.tells_cached = True
        self.counters = {"queries": 0, "hits": 0}
        self.completions: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self._seen: dict[str | None, list[list[int]]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> "VllmServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def restart(self) -> None:
        """Forgets what is cached."""
        self._seen.clear()

    def encode(self, text: str) -> list[int]:
        return list(self.model.encode(text, add_special_tokens=False).ids)

    def text(self, ids: list[int]) -> str:
        return str(self.model.decode(ids, skip_special_tokens=False))

    def prompt_ids(self, body: dict[str, Any]) -> list[int]:
        """The ids of a request for a completion."""
        if "messages" in body:
            return self.encode(self.template(body["messages"]))
        return list(body["prompt"])

    def get(self, path: str) -> object:
        if path == "/version":
            return {"version": "0.32.0"}
        if path == "/v1/models":
            return {"data": [{"id": NAME, "max_model_len": self.max_model_len}]}
        if path == "/tokenizer_info" and self.tells_added_tokens:
            added = {number: token.content for number, token in self.model.get_added_tokens_decoder().items()}
            return {"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder": added}
        if path == "/metrics":
            names = ("queries", "hits")
            label = '{engine="0",model_name="tiny"}'
            return "".join(
                f"# TYPE vllm:prefix_cache_{name}_total counter\n"
                f"vllm:prefix_cache_{name}_total{label} {float(self.counters[name])}\n"
                for name in names
            )
        raise ValueError(path)

    def post(self, path: str, body: dict[str, Any]) -> object:
        if path == "/tokenize":
            ids = self.encode(self.template(body["messages"]) if "messages" in body else body["prompt"])
            return {"count": len(ids), "max_model_len": self.max_model_len, "tokens": ids}
        if path == "/detokenize":
            return {"prompt": self.text(body["tokens"])}
        self.completions.append(body)
        ids = self.prompt_ids(body)
        if len(ids) + body["max_tokens"] > self.max_model_len:
            raise ValueError(f"This model's maximum context length is {self.max_model_len} tokens")
        return self._completion(path, body, ids)

    def _completion(self, path: str, body: dict[str, Any], ids: list[int]) -> object:
        seen = self._seen.setdefault(body.get("cache_salt"), [])
        cached = max((_shared(ids, other) for other in seen), default=0) // BLOCK_TOKENS * BLOCK_TOKENS
        seen.append(ids)
        self.counters["queries"] += len(ids)
        self.counters["hits"] += cached
        usage: dict[str, Any] = {"prompt_tokens": len(ids), "completion_tokens": 3}
        if self.tells_cached:
            usage["prompt_tokens_details"] = {"cached_tokens": cached}
        reply = "It" if body["max_tokens"] == 1 else self.reply
        said = {"text": reply} if path == "/v1/completions" else {"message": {"content": reply}}
        return {"model": NAME, "choices": [{**said, "finish_reason": "stop"}], "usage": usage}


def _shared(one: list[int], other: list[int]) -> int:
    count = 0
    for mine, theirs in zip(one[:-1], other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    owner: VllmServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(lambda: self.server.owner.get(self.path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(lambda: self.server.owner.post(self.path, body))

    def _answer(self, make: Any) -> None:
        self.server.owner.paths.append(self.path)
        try:
            status, reply = 200, make()
        except ValueError as error:
            status, reply = 404 if self.command == "GET" else 400, {"error": {"message": str(error)}}
        self.send_response(status)
        kind, content = ("text/plain", reply) if isinstance(reply, str) else ("application/json", json.dumps(reply))
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *args: object) -> None:
        """Says nothing: standard error belongs to the program under test."""
