"""The files of a small company in many languages, at which traces of all kinds point."""

import pytest
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.places import find_places

BODY = "\n".join(f"line {number}" for number in range(1, 41)) + "\n"
PYTHON = '''"""Payments."""


def charge(card, amount):
    if amount < 0:
        raise ValueError("amount must not be negative: %d" % amount)
    return send(card, amount)


def send(card, amount):
    raise ConnectionError("connection reset by peer")
'''
FILES = {
    "src/shop/pay.py": PYTHON,
    "src/shop/app.py": "def app():\n    return charge(1, 2)\n",
    "app.py": "from shop import app\n",
    "tools/deep/app.py": "tools = 1\n",
    "tests/test_pay.py": 'def test_charge():\n    fails("connection reset by peer")\n',
    "docs/errors.md": "# Errors\n\nconnection reset by peer: the bank hung up.\n",
    "core/src/main/java/com/acme/bank/Vault.java": "package com.acme.bank;\n\nclass Vault {\n" + BODY + "}\n",
    "app/Main.kt": "package com.acme.app\n\nfun main() {\n" + BODY + "}\n",
    "web/src/router.js": BODY,
    "go.mod": "module github.com/acme/shop\n\ngo 1.22\n",
    "context.go": "package shop\n\nfunc (c *Context) Next() {\n\tc.index++\n}\n" + "// more\n" * 20,
    "engine/src/tick.rs": BODY,
    "lib/acme/cart.rb": BODY,
    "acme.gemspec": "Gem::Specification.new\n",
    "public/index.php": BODY,
    "dotnet/Bank/Teller.cs": BODY,
    "native/ring.c": BODY,
    "hs/src/Tree.hs": BODY,
    "lib/shop/order.ex": BODY,
    "ios/Cart.swift": BODY,
    "plugin/init.lua": BODY,
}


@pytest.fixture(scope="session")
def company(index):
    return index(FILES)


@pytest.fixture
def given(company):
    """What a question hands over: (path, start, end) of each place."""

    def find(question, *, under=""):
        corpus = Corpus([company], under=under)
        return [(corpus.path(place.file), place.start, place.end) for place in find_places(question, corpus).places]

    return find
