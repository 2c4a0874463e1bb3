"""What reaches a terminal is text that a terminal only shows."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.service.terminal.clean import clean, clean_line

ATTACKS = {
    "clear screen": "\x1b[2J\x1b[H",
    "window title": "\x1b]0;owned\x07",
    "hyperlink": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "C1 CSI": "\x9b31m",
    "C1 OSC": "\x9d0;owned\x9c",
    "device control": "\x1bP$q\x1b\\",
    "backspace over": "safe\b\b\b\bevil",
    "carriage return over": "safe\revil",
    "bidi override": "admin\u202e\u2066// check\u2069",
    "invisible tags": "hi\U000e0068\U000e0069",
    "zero width": "pass\u200bword",
    "lone surrogate": "caf\udce9",
    "bell": "\a",
    "shift out": "\x0e",
    "nul": "a\0b",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_that_a_terminal_obeys_or_hides_is_left(attack: str) -> None:
    shown = clean(attack)
    assert shown != attack
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in shown)
    shown.encode("utf-8")


def test_hidden_characters_are_shown_not_dropped() -> None:
    assert clean("\x1b[31mred") == "␛[31mred"
    assert clean("a\u202eb") == "a<U+202E>b"


def test_tabs_newlines_and_ordinary_scripts_stay() -> None:
    text = "def größe():\n\treturn '漢字 हिन्दी 👩\u200d🔬 \u0645\u06cc\u200c\u062e'\n"
    assert clean(text) == text


def test_a_joiner_after_ascii_is_shown() -> None:
    assert clean("is_admin\u200d") == "is_admin<U+200D>"


def test_windows_line_ends_become_newlines() -> None:
    assert clean("a\r\nb\r\n") == "a\nb\n"


def test_a_line_stays_one_line() -> None:
    assert clean_line("evil\nname\t.py") == "evil␊name␉.py"


@given(st.text(), st.integers(min_value=0))
def test_a_cut_anywhere_in_a_stream_lets_nothing_through(text: str, cut: int) -> None:
    cut %= len(text) + 1
    shown = clean(text[:cut]) + clean(text[cut:])
    assert not {character for character in shown if unicodedata.category(character) in ("Cc", "Cs")} - {"\n", "\t"}


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_never_touched(text: str) -> None:
    assert clean(text) == text
