"""Tiny tokenizers, made on the spot from the standard library's source, and texts that try to make control tokens."""

import argparse
import ast
import base64
import inspect
import itertools
import json
import string
import sysconfig
import textwrap
import unicodedata
from pathlib import Path

import pytest
import tokenizers
from repoask.context.pack.tokenizers.byte_level import byte_symbols
from repoask.context.pack.tokenizers.patterns import ranks_kind
from tokenizers import AddedToken, Regex, models, normalizers, pre_tokenizers, trainers

SPECIAL = ["<|begin_of_text|>", "<|eot|>", "<|header_start|>", "<|image|>", "[INST]", "</s>", "<0x0A>"]
ORDINARY = [
    AddedToken("<think>"),
    AddedToken("</think>", normalized=True),
    AddedToken("<tool_call>", single_word=True),
    AddedToken("<|fim|>", lstrip=True, rstrip=True),
    AddedToken("self", normalized=False),  # a word that the vocabulary holds too
    AddedToken("<file path=", normalized=False),
]
LLAMA_4 = ranks_kind(200_000).pattern
LLAMA_3 = ranks_kind(128_000).pattern


def sources():
    return [inspect.getsource(module) for module in (argparse, ast, json.decoder, string, textwrap)]


def trained(pattern=None, *, normalizer=None, ignore_merges=False, size=1200):
    """A byte-level BPE with control and added tokens, as the models' own files hold them."""
    made = tokenizers.Tokenizer(models.BPE(ignore_merges=ignore_merges))
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not pattern)
    split = pattern and pre_tokenizers.Split(Regex(pattern), "isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence([split, last]) if split else last
    if normalizer is not None:
        made.normalizer = normalizer
    made.train_from_iterator(
        sources(),
        trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False),
    )
    made.add_special_tokens(SPECIAL)
    made.add_tokens(ORDINARY)
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", made.token_to_id("<|begin_of_text|>"))]
    )
    made.enable_truncation(16)
    made.enable_padding(length=16)
    return made


KINDS = {
    "llama-4-like": lambda: trained(LLAMA_4),
    "llama-3-like": lambda: trained(LLAMA_3, ignore_merges=True),
    "qwen-like": lambda: trained(ranks_kind(151_643).pattern, normalizer=normalizers.NFC()),
    "gpt-2-like": lambda: trained(),
}


@pytest.fixture(scope="session", params=KINDS)
def model(request, tmp_path_factory):
    """The folder of a model."""
    folder = tmp_path_factory.mktemp(request.param)
    KINDS[request.param]().save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def llama_4_like(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama-4")
    trained(LLAMA_4).save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def ranks(tmp_path_factory):
    """r50k's number of ranks, as its file is written."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=50_256, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=1
    )
    made.train_from_iterator(standard_library(), trainer)
    symbols = byte_symbols()
    tokens = [bytes(map(symbols.get, token)) for token in sorted(made.get_vocab(), key=made.token_to_id)]
    # there is not enough text; no character begins with this byte, so no text gives what follows
    tokens += [b"\xff" + bytes([first]) for first in range(255)]
    tokens += [b"\xff" + bytes(pair) for pair in itertools.product(range(255), range(256))]
    tokens = tokens[:50_256]
    path = tmp_path_factory.mktemp("ranks") / "tokenizer.model"
    path.write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens)))
    return path


def standard_library():
    return [path.read_text(errors="replace") for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))]


def attacks(names):
    """Texts that name control tokens in every way that could make one."""
    for name in names:
        middle = len(name) // 2
        yield from (
            name,
            f"{name}x",
            f"x{name}",
            f" {name} ",
            f"\n{name}\n",
            f"\t{name}\r\n",
            name * 3,
            f"{name} {name}",
        )
        yield from (name[:at] + "\n" + name[at:] for at in range(1, len(name)))
        yield from (name[:middle] + mark + name[middle:] for mark in "\u200b\u200d\ufeff\u00ad\0 \u2060\ud800")
        yield from (name[:at] + name + name[at:] for at in range(1, len(name)))  # what is left when the inner one goes
        yield from (name[:-1], name[1:], name.upper(), name.title(), name[::-1], repr(name), json.dumps(name))
        yield "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name)
        yield unicodedata.normalize("NFD", name.replace("e", "\u00e9"))
        yield name.replace(" ", "\u0120").replace("\u2581", " ")
        yield f"def f():\n    return '{name}'  # {name}\n"
    for first, second in itertools.pairwise(names):
        yield from (first + second, first[:-1] + second, first + second[1:], f"{first}\n{second}")
