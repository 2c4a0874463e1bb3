import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import numpy as np
import pytest
import tokenizers
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.errors import ConfigError, EngineReplyError, EngineUnreachableError

from .conftest import attacks


@pytest.fixture
def server(llama_4_like, loopback):
    """A server that does with a text what vLLM does; `replies` stand in for pages that answer something else."""
    model = tokenizers.Tokenizer.from_file(str(llama_4_like / "tokenizer.json"))
    model.no_truncation()
    model.no_padding()
    added = {number: token.content for number, token in model.get_added_tokens_decoder().items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer({"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder": added})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.bodies.append(body)
            if self.path == "/tokenize":
                ids = model.encode(body["prompt"], add_special_tokens=body["add_special_tokens"]).ids
                self.answer({"count": len(ids), "max_model_len": 10, "tokens": ids})
            else:
                self.answer({"prompt": model.decode(body["tokens"], skip_special_tokens=False)})

        def answer(self, reply):
            status, reply = self.server.replies.get(self.path, (200, reply))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(reply if isinstance(reply, bytes) else json.dumps(reply).encode())

    model.decoder = tokenizers.decoders.ByteLevel()
    return loopback(Handler, bodies=[], replies={}, added=added)


def test_a_server_gives_the_ids_of_its_model(server, llama_4_like):
    text = "def first_line(path):\n    return path.read_text().split('\\n')[0]  # \u00e9\U0001f600\n"
    served = open_tokenizer(f"{server.url}/v1#scout")
    (ids,) = served.encode([text])
    assert ids.tolist() == open_tokenizer(str(llama_4_like)).encode([text])[0].tolist()
    assert served.decode(ids) == text.encode()
    assert served.count([text, ""]) == [len(ids), 0]
    assert {body["model"] for body in server.bodies} == {"scout"}
    assert served.exact


def test_no_text_gives_a_control_or_an_added_token(server):
    served = open_tokenizer(server.url)
    for text in list(attacks(list(server.added.values())))[::5]:
        (ids,) = served.encode([text])
        assert not set(ids.tolist()) & set(server.added), text
        if "\ud800" not in text:
            assert served.decode(ids).decode() == text


def test_a_server_that_makes_control_tokens_of_texts_all_the_same_is_refused(server):
    served = open_tokenizer(server.url)
    server.replies["/tokenize"] = (200, {"tokens": [min(server.added)]})
    with pytest.raises(EngineReplyError, match="a control token where a text only names one"):
        served.encode(["x"])


@pytest.mark.parametrize("reply", [(404, {}), (200, {"tokenizer_class": "x"}), (200, {"added_tokens_decoder": {}})])
def test_a_server_that_does_not_tell_its_added_tokens_only_counts(server, reply):
    server.replies["/tokenizer_info"] = reply
    counter = open_tokenizer(server.url)
    assert not hasattr(counter, "encode")
    assert counter.count(["def f():", ""])[1] == 0


@pytest.mark.parametrize(
    "reply",
    [
        b"<html>", b"[]", b"{}", b'{"tokens": "abc"}', b'{"tokens": [1.5]}', b'{"tokens": [-1]}', b'{"tokens": [[1]]}',
        b'{"tokens": [99999999999]}', b'{"tokens": []}', b'{"tokens": [true]}', b'{"tokens": [1e400]}', b"[" * 10_000,
    ],
)  # fmt: skip
def test_rubbish_from_a_server_is_one_clear_line(server, reply):
    counter = open_tokenizer(server.url)
    server.replies["/tokenize"] = (200, reply)
    with pytest.raises(EngineReplyError, match=r"what it answers to /tokenize is no (JSON|list of ids)") as caught:
        counter.count(["x"])
    assert "\n" not in str(caught.value)


def test_rubbish_from_detokenize_is_one_clear_line(server):
    served = open_tokenizer(server.url)
    server.replies["/detokenize"] = (200, b'{"prompt": 3}')
    with pytest.raises(EngineReplyError, match="/detokenize is no text"):
        served.decode(np.array([1], np.uint32))


def test_a_server_whose_vocabulary_loses_something_is_refused(server):
    server.replies["/detokenize"] = (200, {"prompt": "something else"})
    with pytest.raises(ConfigError, match="does not give back every text"):
        open_tokenizer(server.url)


def test_nobody_there_is_one_clear_line():
    with pytest.raises(EngineUnreachableError, match="no connection"):
        open_tokenizer("http://127.0.0.1:9/v1").count(["x"])


def test_servers_of_one_model_have_one_id(server):
    first = open_tokenizer(server.url)
    server.added.popitem()
    assert open_tokenizer(f"{server.url}/v1").id != first.id


def test_a_server_elsewhere_is_asked_nothing_before_the_user_agrees(server):
    asked = []

    @contextmanager
    def refuse(endpoint, num_bytes):
        asked.append((endpoint, num_bytes))
        raise ConfigError("not this one")
        yield

    # an address of this machine that is not taken for it by its name
    elsewhere = server.url.replace("127.0.0.1", "127.0.0.1.nip.invalid")
    with pytest.raises(ConfigError, match="not this one"):
        open_tokenizer(elsewhere, on_first_use=refuse)
    assert asked == [(elsewhere, 0)]
    assert not server.bodies
