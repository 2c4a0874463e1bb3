"""The prefilter may only err towards "could": proved against the scanner itself, rule by rule."""

import random
import string
import time
from re import _parser

import pytest
from kingfisher_sdk import Rules, Scanner
from repoask.ingest import secrets
from repoask.ingest.secret_prefilter import FORMAT_VERSION, Prefilter

SPREAD = string.ascii_letters + string.digits


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules([secrets._OWN_RULES], confidence="medium", cache_dir=secrets._rules_folder())


@pytest.fixture(scope="module")
def prefilter(rules) -> Prefilter:
    return Prefilter.of_patterns(rules.detail(rule["id"])["pattern"] for rule in rules.metadata())


class Sampler:
    """Writes strings that a pattern matches: shortest repetitions, random characters."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def sample(self, pattern: str) -> str:
        for flags in ("(?i)", "(?s)", "(?is)", "(?si)"):
            pattern = pattern.replace(flags, "")
        pattern = pattern.replace("[:alnum:]", "a-zA-Z0-9").replace(r"\z", "$")
        return "".join(map(self.node, _parser.parse(pattern)))

    def node(self, node) -> str:
        name, operand = str(node[0]), node[1]
        if name == "LITERAL":
            return chr(operand)
        if name == "ANY":
            return " "
        if name == "NOT_LITERAL":
            return "-" if operand == ord(" ") else " "
        if name == "IN":
            return self.of_class(operand)
        if name == "SUBPATTERN":
            return "".join(map(self.node, operand[-1]))
        if name == "BRANCH":
            return "".join(map(self.node, self.random.choice(operand[1])))
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, inner = operand
            return "".join("".join(map(self.node, inner)) for _ in range(self.random.randint(low, min(high, low + 2))))
        return ""

    def of_class(self, members) -> str:
        negated = str(members[0][0]) == "NEGATE"
        allowed = {char for char in map(chr, range(32, 127)) if any(self.holds(member, char) for member in members)}
        pool = sorted(set(map(chr, range(32, 127))) - allowed if negated else allowed)
        # letters and digits first: a random secret has more of them than of punctuation
        return self.random.choice([char for char in pool if char in SPREAD] or pool or ["\n"])

    @staticmethod
    def holds(member, char: str) -> bool:
        name, operand = str(member[0]), member[1]
        if name == "LITERAL":
            return chr(operand) == char
        if name == "RANGE":
            return operand[0] <= ord(char) <= operand[1]
        category = str(operand)
        word = char.isalnum() or char == "_"
        holds = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": word}.get(category.split("_")[-1], False)
        return holds != ("NOT" in category) if name == "CATEGORY" else False


def test_whatever_the_scanner_finds_passes_the_prefilter(rules, prefilter):
    scanner = Scanner(rules, base64=False)
    found, missed = set(), []
    ids = [rule["id"] for rule in rules.metadata()]
    for seed, rule_id in enumerate(ids):
        text = f"first line\n{Sampler(seed).sample(rules.detail(rule_id)['pattern'])}\nlast line\n"
        findings = {finding.rule_id for finding in scanner.scan(text)}
        found |= findings
        if findings and not prefilter.could_match(text):
            missed.append((rule_id, text))
    assert not missed
    # the test would prove nothing if hardly a rule were tried
    assert len(found) > 0.8 * len(ids)


def test_source_code_seldom_passes(prefilter):
    package = sorted(path for path in secrets.Path(string.__file__).parent.glob("[a-h]*.py"))
    texts = [path.read_text("utf-8")[:8_000] for path in package]
    assert len(texts) > 30
    assert sum(map(prefilter.could_match, texts)) <= 0.05 * len(texts)


@pytest.mark.parametrize(
    ("pattern", "text", "could"),
    [
        (r"(?i)\btoken_[a-z]{4}\b", "TOKEN_abcd", True),
        (r"(?i)\btoken_[a-z]{4}\b", "token_ab", False),
        (r"a(?i)key", "AKEY", True),
        (r"(?s)begin.end", "begin\nend", True),
        (r"[^a-z]secret[^a-z]", "XsecretX", True),
        (r"id[[:alnum:]]{3}\z", "id4b2", True),
        (r"x{2}(?:alpha|beta)", "xxbeta", True),
        (r"x{2}(?:alpha|beta)", "xxgamma", False),
        (r"[[a-z]&&[^b]]", "anything", True),
    ],
)
def test_patterns_are_loosened_never_tightened(pattern, text, could):
    assert Prefilter.of_patterns([pattern]).could_match(text) == could


@pytest.mark.parametrize(
    "word", ["curl ", "https://", "azure_storage_", "-----BEGIN PRIVATE KEY", "token=", "eyJ", "a:"]
)
@pytest.mark.parametrize("line_words", [1, 400])
def test_a_hostile_text_does_not_hang_it(prefilter, word, line_words):
    line = (word * line_words)[:3_900]
    text = "\n".join([line] * (100_000 // len(line)))
    started = time.process_time()
    prefilter.could_match(text)
    # 0.1 s at its pace; a pattern that backtracks would take minutes
    assert time.process_time() - started < 5


def test_a_very_long_line_is_left_to_the_scanner(prefilter):
    assert prefilter.could_match("x" * 5_000)
    assert not prefilter.could_match("x = 1\n" * 5_000)


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "prefilter.json"
    Prefilter.of_patterns([r"(?i)\btoken_[a-z]{4}\b"]).save(path)
    loaded = Prefilter.load(path)
    assert loaded is not None
    assert loaded.could_match("a token_abcd")
    assert not loaded.could_match("a token")
    assert [file.name for file in tmp_path.iterdir()] == ["prefilter.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 0, "rules": []}', f'{{"format": {FORMAT_VERSION}}}'])
def test_what_cannot_be_read_is_no_prefilter(tmp_path, content):
    path = tmp_path / "prefilter.json"
    path.write_text(content)
    assert Prefilter.load(path) is None
    assert Prefilter.load(tmp_path / "absent.json") is None
