"""Rerankers: the rule by which they change an order, what a server is sent and believed, a real cross-encoder."""

import json
import math
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from repoask.context.retrieval.rerankers import reranker_for
from repoask.context.retrieval.reranking import NUM_RERANKED, rerank
from repoask.context.retrieval.retriever import search
from repoask.context.types import Evidence
from repoask.errors import (
    ConfigError,
    EngineReplyError,
    EngineUnreachableError,
    MissingExtraError,
    OfflineError,
)

Q = "Where is a discount applied to the total price of a basket?"


class ByNumber:
    """Scores each text by the number that its path holds, and keeps what it was given."""

    def __init__(self, sign: int = 1) -> None:
        self.sign, self.asked = sign, []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, list(texts)))
        return [self.sign * float(text.split()[0]) for text in texts]


def places(count: int) -> list[Evidence]:
    return [Evidence(f"{n:03}", n, n, "", "", "", "", -float(n), ("said",), "x" * 5_000) for n in range(1, count + 1)]


def order(evidence: Sequence[Evidence]) -> list[int]:
    return [item.start for item in evidence]


def test_agreement_keeps_the_order_and_the_first_of_both_scores_1():
    reranked = rerank(Q, places(4), ByNumber(-1), num_given=0)
    assert order(reranked) == [1, 2, 3, 4]
    assert reranked[0].score == 1
    assert reranked[1].reasons == ("said", "the reranker puts it at 2 of 4")


def test_a_place_rises_by_both_ranks_together():
    # ranks 1..5 here, 5..1 there: sums of 1/(60 + rank) are equal in pairs and highest at both ends
    assert order(rerank(Q, places(5), ByNumber(), num_given=0)) == [1, 5, 2, 4, 3]


def test_equal_scores_change_nothing():
    assert order(rerank(Q, places(9), ByNumber(0), num_given=0)) == list(range(1, 10))


def test_only_the_best_are_reranked_and_scores_fall_all_the_way():
    reranker = ByNumber()
    reranked = rerank(Q, places(NUM_RERANKED + 5), reranker, num_given=0)
    assert len(reranker.asked[0][1]) == NUM_RERANKED
    assert order(reranked)[NUM_RERANKED:] == list(range(NUM_RERANKED + 1, NUM_RERANKED + 6))
    scores = [item.score for item in reranked]
    assert scores == sorted(scores, reverse=True)


def test_places_that_the_question_gives_stay_first():
    reranker = ByNumber()
    assert order(rerank(Q, places(5), reranker, num_given=2))[:3] == [1, 2, 3]
    assert len(reranker.asked[0][1]) == 3


def test_long_questions_and_places_are_cut():
    reranker = ByNumber()
    rerank("q" * 9_999, places(2), reranker, num_given=0)
    ((question, texts),) = reranker.asked
    assert (len(question), {len(text) for text in texts}) == (400, {1_200})


class Shortest:
    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        return [-float(len(text)) for text in texts]


def test_a_search_is_reranked_before_it_is_cut(shop):
    plain = search([shop], Q, limit=30)
    assert plain.found
    reranked = search([shop], Q, limit=30, reranker=Shortest())
    assert {item.path for item in reranked.evidence} == {item.path for item in plain.evidence}
    assert [item.path for item in reranked.evidence] != [item.path for item in plain.evidence]
    assert search([shop], Q, limit=2, reranker=Shortest()).evidence == reranked.evidence[:2]


def test_a_reranker_has_no_say_where_there_is_no_answer(shop):
    reranker = ByNumber()
    absent = "how does `KafkaRebalancer` assign partitions?"
    assert search([shop], absent, reranker=reranker) == search([shop], absent)
    assert reranker.asked == []


@pytest.fixture
def server(loopback):
    """A real server that scores a text by its length. `reply` makes its answer from (status, results) and request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.requests.append((self.path, self.headers.get("Authorization"), request))
            status, body = self.server.reply(request)
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(payload)

    return loopback(Handler, requests=[], reply=like_vllm)


def like_vllm(request):
    """Best first, with the document repeated, as vLLM and Jina answer."""
    texts = request["documents"]
    results = [{"index": n, "relevance_score": len(text), "document": {"text": text}} for n, text in enumerate(texts)]
    return 200, {"id": "r", "model": "m", "results": sorted(results, key=lambda each: -each["relevance_score"])}


def like_tei(request):
    """text-embeddings-inference: `texts`, at most 32, and a bare list."""
    if "texts" not in request:
        return 422, b"Failed to deserialize the JSON body into the target type: missing field `texts`"
    if len(request["texts"]) > 32:
        return 413, {"error": "batch size > maximum allowed batch size 32", "error_type": "Validation"}
    return 200, [{"index": n, "score": len(text)} for n, text in enumerate(request["texts"])][::-1]


def named(server, page="/v1", **options):
    return reranker_for(f"http://127.0.0.1:{server.server_port}{page}#m", **{"timeout_s": 10.0} | options)


def test_a_server_scores_texts_whatever_order_it_answers_in(server):
    assert named(server).score("q", ["one", "thirteen", "ü"]) == [3, 8, 1]
    (page, key, request) = server.requests[0]
    assert (page, key) == ("/v1/rerank", None)
    assert request == {"model": "m", "query": "q", "documents": ["one", "thirteen", "ü"], "top_n": 3}


def test_the_page_itself_may_be_named_and_a_key_is_sent_when_there_is_one(server):
    named(server, "/v1/rerank/", api_key="k").score("q", ["one"])
    assert [(path, key) for path, key, _ in server.requests] == [("/v1/rerank", "Bearer k")]


def test_a_server_that_wants_texts_gets_them_in_parts_and_is_asked_so_from_then_on(server):
    server.reply = like_tei
    reranker = named(server, "")
    texts = ["x" * n for n in range(50)]
    assert reranker.score("q", texts) == list(range(50))
    assert [len(request.get("texts", ())) for *_, request in server.requests] == [0, 32, 18]
    reranker.score("q", ["one"])
    assert server.requests[-1][0] == "/rerank"
    assert len(server.requests) == 4


def ranks(*pairs):
    return {"results": [{"index": index, "relevance_score": score} for index, score in pairs]}


@pytest.mark.parametrize(
    "reply",
    [
        (200, ranks((0, 0.5))),
        (200, ranks((0, 0.5), (0, 0.6))),
        (200, ranks((0, 0.5), (2, 0.6))),
        (200, ranks((0, 0.5), (-1, 0.6))),
        (200, ranks((0, 0.5), (1, 0.6), (1, 0.7))),
        (200, ranks((0, 0.5), (1, math.nan))),
        (200, ranks((0, 0.5), (1, math.inf))),
        (200, ranks((0, 0.5), (1, None))),
        (200, ranks((0, 0.5), ("1", 0.6))),
        (200, ranks()),
        (200, {"results": "none"}),
        (200, []),
        (200, {}),
        (200, b"<html>hello</html>"),
        (200, b""),
        (200, b"\xff\xfe"),
        (400, {"error": "this model's maximum context length is 512 tokens"}),
        (401, {"error": "no key"}),
        (404, b"not found"),
        (500, b"Traceback"),
    ],
)
def test_a_server_that_fails_or_lies_is_one_clear_line(server, reply):
    server.reply = lambda _: reply
    with pytest.raises(EngineReplyError, match=rf"^http://127\.0\.0\.1:{server.server_port}/v1: ") as raised:
        named(server).score("q", ["one", "two"])
    message = str(raised.value)
    assert "\n" not in message
    assert "reranker" in message or "key" in message or "log" in message


def test_a_slow_server_is_not_waited_for_beyond_the_timeout(server):
    server.reply = lambda request: time.sleep(1) or like_vllm(request)
    with pytest.raises(EngineUnreachableError, match=r"no reply to /rerank within 0\.2 s"):
        named(server, timeout_s=0.2).score("q", ["one"])


def test_a_server_that_is_not_there_is_unreachable():
    with pytest.raises(EngineUnreachableError, match="no connection for /rerank"):
        reranker_for("http://127.0.0.1:9/v1#m", timeout_s=5).score("q", ["one"])


def test_a_server_elsewhere_is_told_with_its_bytes_before_anything_is_sent():
    told = []

    def refuse(endpoint, num_bytes):
        told.append((endpoint, num_bytes))
        raise OfflineError("no")

    reranker = reranker_for("https://ranks.example.org/v1#m", timeout_s=5, on_first_use=refuse)
    with pytest.raises(OfflineError):
        reranker.score("qq", ["abc", "dé"])
    assert told == [("https://ranks.example.org/v1", 8)]


def test_a_server_on_this_machine_is_not_told(server):
    told = []
    named(server, on_first_use=lambda *call: nullcontext(told.append(call))).score("q", ["one"])
    assert told == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("http://127.0.0.1:1/v1", "URL#MODEL"),
        ("http://u:secret@h/v1#m", "user or password"),
        ("http://#m", "wants http"),
    ],
)
def test_a_url_that_names_no_reranker_is_a_setting_that_is_wrong(setting, message):
    with pytest.raises(ConfigError, match=message) as raised:
        reranker_for(setting, timeout_s=5)
    assert "secret" not in str(raised.value)


def test_no_reranker_is_the_default():
    assert reranker_for("", timeout_s=5) is None


def test_a_folder_that_is_none_or_holds_another_model_is_a_setting_that_is_wrong(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such folder"):
        reranker_for(str(tmp_path / "gone"), timeout_s=5)
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(ConfigError, match="no cross-encoder"):
        reranker_for(str(tmp_path), timeout_s=5)


def test_a_model_that_cannot_be_loaded_names_its_folder(tmp_path: Path):
    (tmp_path / "config.json").write_text('{"architectures": ["BertForSequenceClassification"]}')
    with pytest.raises((ConfigError, MissingExtraError), match=rf"^{tmp_path}: this reranker "):
        reranker_for(str(tmp_path), timeout_s=5).score("q", ["one"])


def test_a_real_cross_encoder_scores_each_text_by_itself_and_the_same_each_time(tmp_path: Path):
    pytest.importorskip("sentence_transformers", reason="the extra repoask[embeddings] is not installed")
    make_cross_encoder(tmp_path)
    reranker = reranker_for(str(tmp_path), timeout_s=5)
    texts = ["def f(x): return 1", "class A: pass", "zzz"]
    scores = reranker.score("where is it", texts)
    assert len(set(scores)) == 3
    assert reranker.score("where is it", texts[::-1]) == pytest.approx(scores[::-1], abs=1e-5)


def make_cross_encoder(folder: Path) -> None:
    """A tiny model with random weights that reads single characters."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    vocabulary = {token: at for at, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *map(chr, range(33, 127))])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names).save_pretrained(folder)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=64, num_labels=1, **size)
    BertForSequenceClassification(config).save_pretrained(folder)
