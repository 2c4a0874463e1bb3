"""Posting JSON to a server on loopback: what is sent, and what of a reply is believed."""

import json
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
from repoask.context.endpoint_client import EndpointClient, StatusError
from repoask.errors import EngineReplyError, EngineUnreachableError


@pytest.fixture
def server(loopback):
    """Answers with what `replies` holds, in order: (status, headers, pieces); the last one stays."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
            replies = self.server.replies
            status, headers, pieces = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client goes when it has had enough
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(self.server.pause_s)

    return loopback(Handler, requests=[], replies=[(200, {}, [b"{}"])], pause_s=0.0)


def client(server, *, timeout_s=10.0):
    url = f"http://127.0.0.1:{server.server_port}/v1"
    return EndpointClient(url, "/rerank", setting="reranker", api_key=None, on_first_use=None, timeout_s=timeout_s)


def test_nothing_of_the_environment_is_sent(server, monkeypatch):
    for variable in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(variable, "private-thing")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert client(server).post({"a": "\ud800ü"}) == {}
    ((path, headers, body),) = server.requests
    assert (path, body) == ("/v1/rerank", {"a": "?ü"})
    assert "private-thing" not in str(headers)


def test_a_busy_server_is_asked_again_when_it_says(server):
    server.replies = [(429, {"Retry-After": "0.1"}, []), (503, {"Retry-After": "0.1"}, []), (200, {}, [b"[1]"])]
    assert client(server).post({}) == [1]
    assert len(server.requests) == 3


def test_a_server_that_stays_busy_is_given_up(server):
    server.replies = [(429, {"Retry-After": "0.01"}, [])]
    with pytest.raises(StatusError, match="/rerank answered 429"):
        client(server).post({})
    assert len(server.requests) == 4


def test_a_server_that_wants_a_long_wait_is_not_waited_for(server):
    server.replies = [(503, {"Retry-After": "3600"}, [])]
    with pytest.raises(StatusError, match="503"):
        client(server).post({})
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(server):
    server.replies = [(307, {"Location": "/elsewhere"}, [])]
    with pytest.raises(StatusError, match="307"):
        client(server).post({})
    assert [path for path, *_ in server.requests] == ["/v1/rerank"]


def test_a_reply_that_drips_ends_with_the_timeout(server):
    server.replies, server.pause_s = [(200, {}, [b" "] * 100)], 0.1
    started = time.monotonic()
    with pytest.raises(EngineUnreachableError, match=r"no reply to /rerank within 0\.3 s"):
        client(server, timeout_s=0.3).post({})
    assert time.monotonic() - started < 5


def test_a_reply_without_end_is_not_read_to_its_end(server):
    server.replies = [(200, {}, (b" " * 1_000_000 for _ in range(1_000)))]
    with pytest.raises(EngineReplyError, match="over 64 MB"):
        client(server).post({})


def test_a_reply_that_nests_without_end_is_no_json(server):
    server.replies = [(200, {}, [b"[" * 100_000])]
    with pytest.raises(EngineReplyError, match="no JSON"):
        client(server).post({})
