import json
import random
import tracemalloc

import numpy as np
import pytest
import tokenizers
from repoask.context.pack.tokenizers.checked import agrees
from repoask.context.pack.tokenizers.gigatoken import GigatokenEncoding
from repoask.context.pack.tokenizers.huggingface import HuggingFaceEncoding, TokenizerJson
from repoask.context.pack.tokenizers.opening import open_tokenizer
from repoask.context.pack.tokenizers.tiktoken_ranks import RanksEncoding, RanksFile
from repoask.errors import ConfigError, OfflineError

from .conftest import attacks, sources, standard_library


def added_names(folder):
    config = json.loads((folder / "tokenizer.json").read_bytes())
    return {entry["id"]: entry["content"] for entry in config["added_tokens"]}


def libraries(folder):
    """Both libraries, and what a user gets, over a model's file."""
    file = TokenizerJson(folder / "tokenizer.json")
    return [HuggingFaceEncoding(file), GigatokenEncoding(file)]


def whole(text):
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def test_no_text_gives_a_control_or_an_added_token(model):
    names = added_names(model)
    tokenizer = open_tokenizer(str(model))
    for text in attacks(list(names.values())):
        (ids,) = tokenizer.encode([text])
        assert not set(ids.tolist()) & set(names), text
        assert tokenizer.decode(ids) == whole(text)


def test_no_library_gives_a_control_or_an_added_token_by_itself(model):
    names = added_names(model)
    for library in libraries(model):
        for text in attacks(list(names.values())):
            if "\ud800" not in text:
                assert not set(library.encode(text).tolist()) & set(names), text


def test_texts_that_name_no_control_token_have_the_ids_of_the_model_itself(model):
    names = added_names(model)
    original = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    original.no_truncation()
    original.no_padding()
    lines = [line for text in sources() for line in text.splitlines(keepends=True)]
    lines = [line for line in lines if not any(name in line for name in names.values())]
    assert len(lines) > 2000
    expected = [original.encode(line, add_special_tokens=False).ids for line in lines]
    assert [ids.tolist() for ids in open_tokenizer(str(model)).encode(lines)] == expected


def test_gigatoken_gives_the_ids_of_the_oracle_on_a_large_corpus(model):
    oracle, fast = libraries(model)
    for text in [*standard_library()[::3], *random_texts()]:
        assert np.array_equal(fast.encode(text), oracle.encode(text))


def test_gigatoken_gives_the_ids_of_tiktoken_on_a_large_corpus(ranks):
    file = RanksFile(ranks)
    oracle, fast = RanksEncoding(file), GigatokenEncoding(file)
    corpus = standard_library()
    assert sum(map(len, corpus)) > 3_000_000
    for text in [*corpus, *random_texts()]:
        assert np.array_equal(fast.encode(text), oracle.encode(text))


def random_texts():
    """Characters of every assigned script as of Unicode 12, and bytes that are no text."""
    chance = random.Random(7)
    for _ in range(200):
        yield "".join(
            chr(chance.choice((chance.randrange(0x20, 0x250), chance.randrange(0x370, 0x1000)))) for _ in range(300)
        )
        yield "".join(chr(chance.choice((chance.randrange(0x4E00, 0x9FFF), 32, 10))) for _ in range(100))
        yield chance.randbytes(400).decode("utf-8", "replace")
        yield chance.randbytes(400).decode("latin-1")


def test_every_byte_comes_back_by_the_files_of_ranks(ranks):
    tokenizer = open_tokenizer(str(ranks))
    texts = [
        *random_texts(),
        *attacks(["<|eot|>", "<|begin_of_text|>", "<|reserved_special_token_0|>"]),
        "",
        "\0",
        "a\ud800b",
    ]
    for text, ids in zip(texts, tokenizer.encode(texts), strict=True):
        assert tokenizer.decode(ids) == whole(text)
        assert not len(ids) or ids.max() < 50_256
    assert tokenizer.count(texts) == [len(ids) for ids in tokenizer.encode(texts)]


def test_a_run_that_no_engine_stands_is_encoded_all_the_same(ranks, llama_4_like):
    for tokenizer in (open_tokenizer(str(ranks)), open_tokenizer(str(llama_4_like))):
        for text in (" " * 1_500_000, "\n" * 1_100_000 + "x", "=" * 1_100_000):
            (ids,) = tokenizer.encode([text])
            assert tokenizer.decode(ids) == text.encode()


def test_equal_files_have_equal_ids_wherever_they_lie(model, tmp_path):
    copy = tmp_path / "elsewhere.json"
    copy.write_bytes((model / "tokenizer.json").read_bytes())
    assert open_tokenizer(str(copy)).id == open_tokenizer(str(model)).id


def test_two_models_have_two_ids(llama_4_like, tmp_path):
    config = json.loads((llama_4_like / "tokenizer.json").read_bytes())
    config["model"]["merges"].pop()
    (tmp_path / "tokenizer.json").write_text(json.dumps(config))
    assert open_tokenizer(str(tmp_path)).id != open_tokenizer(str(llama_4_like)).id


def test_ids_of_another_model_are_refused(llama_4_like):
    tokenizer = open_tokenizer(str(llama_4_like))
    with pytest.raises(ConfigError, match=r"it has no token 199999; the ids are of another model"):
        tokenizer.decode(np.array([5, 199_999], np.uint32))


def test_a_control_tokens_id_is_no_text(llama_4_like):
    tokenizer = open_tokenizer(str(llama_4_like))
    for number in added_names(llama_4_like):
        with pytest.raises(ConfigError, match="no token"):
            tokenizer.decode(np.array([number], np.uint32))


def test_the_verdict_on_gigatoken_is_remembered(llama_4_like, tmp_path):
    first = open_tokenizer(str(llama_4_like), cache=tmp_path)
    (ids,) = first.encode(["def f(): pass"])
    (verdict,) = tmp_path.glob("*.json")
    assert json.loads(verdict.read_bytes())["agrees"] is True
    verdict.write_text("{")  # damaged: found anew
    assert open_tokenizer(str(llama_4_like), cache=tmp_path).encode(["def f(): pass"])[0].tolist() == ids.tolist()
    assert json.loads(verdict.read_bytes())["agrees"] is True


def test_a_tokenizer_gigatoken_cannot_read_falls_back_and_says_so_once(llama_4_like, tmp_path, caplog):
    config = json.loads((llama_4_like / "tokenizer.json").read_bytes())
    last = config["pre_tokenizer"]["pretokenizers"][1] | {"use_regex": True}
    config["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [last]}
    (tmp_path / "tokenizer.json").write_text(json.dumps(config))
    original = HuggingFaceEncoding(TokenizerJson(tmp_path / "tokenizer.json"))
    for _ in range(2):
        tokenizer = open_tokenizer(str(tmp_path), cache=tmp_path / "cache")
        assert tokenizer.encode(["x = 1"])[0].tolist() == original.encode("x = 1").tolist()
    (record,) = caplog.records
    assert "cannot be used or gives other ids" in record.getMessage()


def test_a_vocabulary_that_differs_in_one_merge_does_not_agree(llama_4_like, tmp_path):
    config = json.loads((llama_4_like / "tokenizer.json").read_bytes())
    del config["model"]["merges"][3]
    (tmp_path / "tokenizer.json").write_text(json.dumps(config))
    oracle, fast = libraries(llama_4_like)
    assert agrees(fast, oracle)
    assert not agrees(libraries(tmp_path)[1], oracle)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer.json", b"", "this tokenizer is empty"),
        ("tokenizer.json", b"{", "no tokenizer.json, or a damaged one"),
        ("tokenizer.json", b"[]", "no tokenizer.json, or a damaged one"),
        ("tokenizer.json", b'{"model": {"vocab": 3}}', "no tokenizer.json, or a damaged one"),
        ("tokenizer.json", b'{"model": {"vocab": {}}, "added_tokens": [3]}', "no tokenizer.json, or a damaged one"),
        ("tokenizer.json", b"[" * 100_000, "no tokenizer.json, or a damaged one"),
        ("tokenizer.json", b"\xff\xfe\x00", "no tokenizer.json, or a damaged one"),
        ("tokenizer.model", b"\n\x0e\n\x05<unk>\x15\x00", "a SentencePiece model; name the model's tokenizer.json"),
        ("tokenizer.model", b"\x00" * 1000, "no file of ranks"),
        ("tokenizer.model", b"IQ== 0\nIg== 1\n", "2 ranks are those of no known model"),
        ("x.tiktoken", b"IQ== 0\n" * 200_000, "a token or a rank stands there twice"),
        ("x.tiktoken", b"IQ== 0\n" + b"! x\n" * 199_999, "line 2 is no rank"),
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        open_tokenizer(str(path)).count(["x"])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_off_is_refused(ranks, llama_4_like, tmp_path):
    for source in (ranks, llama_4_like / "tokenizer.json"):
        path = tmp_path / source.name
        path.write_bytes(source.read_bytes()[:-1000])
        with pytest.raises(ConfigError, match=r"cut off|damaged"):
            open_tokenizer(str(path))


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "tokenizer.json"
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)
    tracemalloc.start()
    with pytest.raises(ConfigError, match="3072 MB, over the 256 MB that a tokenizer may have"):
        open_tokenizer(str(path))
    assert tracemalloc.get_traced_memory()[1] < 10 * 1024**2
    tracemalloc.stop()


def test_a_folder_without_a_tokenizer_and_a_name_that_is_nothing_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no tokenizer is in this folder"):
        open_tokenizer(str(tmp_path))
    with pytest.raises(ConfigError, match="there is no such tokenizer"):
        open_tokenizer("meta-llama/Llama-4-Scout")


def test_a_vocabulary_the_library_refuses_is_one_line(tmp_path, llama_4_like):
    config = json.loads((llama_4_like / "tokenizer.json").read_bytes())
    config["model"]["merges"].append(["zz", "qq"])
    (tmp_path / "tokenizer.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="this tokenizer cannot be loaded"):
        open_tokenizer(str(tmp_path)).count(["x"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normalizer Lowercase changes texts"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "pre-tokenizer is not byte-level"),
        ({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}}, "adds or removes"),
    ],
)
def test_a_vocabulary_that_loses_something_only_counts(tmp_path, llama_4_like, change, reason):
    config = json.loads((llama_4_like / "tokenizer.json").read_bytes()) | change
    (tmp_path / "tokenizer.json").write_text(json.dumps(config))
    counter = open_tokenizer(str(tmp_path))
    assert counter.exact
    assert reason in counter.name
    assert not hasattr(counter, "encode")
    assert counter.count(["a <|eot|> b", ""])[1] == 0


def test_composed_characters_stay_as_they_are(model):
    tokenizer = open_tokenizer(str(model))
    (apart,), (composed,) = tokenizer.encode(["e\u0301"]), tokenizer.encode(["\u00e9"])
    assert tokenizer.decode(apart) == "e\u0301".encode()
    assert tokenizer.decode(composed) == "\u00e9".encode()


def test_blanks_added_as_tokens_stay(tmp_path, llama_4_like):
    made = tokenizers.Tokenizer.from_file(str(llama_4_like / "tokenizer.json"))
    made.add_tokens(["\t\t\t\t\t\t\t\t\t"])
    made.save(str(tmp_path / "tokenizer.json"))
    tokenizer = open_tokenizer(str(tmp_path))
    (ids,) = tokenizer.encode(["\t" * 9])
    assert ids.tolist() == [made.token_to_id("\t" * 9)]
    assert tokenizer.decode(ids) == b"\t" * 9


def test_offline_fetches_nothing_that_is_named_on_the_hub():
    with pytest.raises(OfflineError, match=r"hf:nobody/nothing-here: not in the hub's cache"):
        open_tokenizer("hf:nobody/nothing-here", offline=True)
