import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.ingest.text import decode, is_binary, line_count

JAPANESE = "日本語のテキストです。これは関数の説明です。\nprint('a')\n値を返します。\n"
RUSSIAN = "Это функция возвращает значение. Внимание!\n"
FRENCH = "déjà vu, où est l'été? élève garçon naïve façade\n// author: Jérôme\n"

LEGACY = [
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    ("这是一个函数的说明文字。返回值为整数。\n注意线程安全。\n", "gbk"),
    ("這是一個函數的說明文字。返回值為整數。\n注意執行緒安全。", "big5"),
    ("이 함수는 값을 반환합니다. 주의하십시오.\n", "euc_kr"),
    (RUSSIAN, "cp1251"),
    (RUSSIAN, "koi8_r"),
    (FRENCH, "latin-1"),
    ("größe über Ärger straße müßig Öl\n", "cp1252"),
    ("Zażółć gęślą jaźń, święto ćma\n", "cp1250"),
    ("Zażółć gęślą jaźń, święto ćma\n", "iso8859_2"),
    ("/* © 2001 José */\nint main() {}\n", "latin-1"),
]


@pytest.mark.parametrize(("text", "encoding"), LEGACY, ids=[encoding for _, encoding in LEGACY])
def test_legacy_encodings_are_read_as_they_were_written(text, encoding):
    assert decode(text.encode(encoding))[0] == text


def test_one_legacy_word_in_much_ascii_does_not_lead_astray():
    text = "int f(void) { return 0; }\n" * 5_000 + "/* naïve façade, déjà vu à l'été où élève */\n"
    assert decode(text.encode("latin-1")) == (text, "cp1252")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["hello\nworld\n", JAPANESE * 4, "a"])
def test_wide_encodings_are_read_with_and_without_a_mark(text, encoding):
    assert decode(text.encode(encoding)) == (text, encoding)
    assert decode(("\ufeff" + text).encode(encoding)) == (text, encoding)


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert decode("\ufeffimport os\n".encode()) == ("import os\n", "utf-8")


def test_an_encoding_that_the_file_declares_is_believed():
    text = "# -*- coding: koi8-r -*-\nname = 'Иван'\n"
    assert decode(text.encode("koi8-r")) == (text, "koi8-r")


def test_a_declared_codec_that_is_no_text_encoding_is_not_run():
    data = b"# coding: rot13\nx = '\xe9'\n"
    assert decode(data) == ("# coding: rot13\nx = 'é'\n", "cp1252")


def test_utf8_with_a_broken_byte_stays_utf8():
    text, encoding = decode("こんにちは世界\n".encode() + b"\xff\n" + "さようなら\n".encode())
    assert (text, encoding) == ("こんにちは世界\n\ufffd\nさようなら\n", "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        b"text at first\n" * 10_000 + b"\0\1\2\3",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"%PDF-1.7\nplain text follows",
        bytes(range(1, 32)) * 20,
        b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" * 40,
    ],
    ids=["nul deep inside", "png", "pdf", "control bytes", "program"],
)
def test_binary_is_told_by_the_whole_content(data):
    assert is_binary(data)
    assert decode(data) is None


def test_random_bytes_never_decode():
    generator = random.Random(7)
    assert not any(decode(generator.randbytes(600)) for _ in range(300))


@pytest.mark.parametrize(
    "data", [b"", b"a\n", b"\x1b[31mred\x1b[0m\n" * 50, "héé\n".encode(), "a\nb\n".encode("utf-16")]
)
def test_text_is_not_binary(data):
    assert not is_binary(data)
    assert decode(data) is not None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\rb\r", "a\nb\n"),
        (b"a\rb\nc", "a\rb\nc"),
        (b"a\x0cb\x0b\nc", "a\x0cb\x0b\nc"),
        ("a\u2028b\u0085\n".encode(), "a\u2028b\u0085\n"),
    ],
)
def test_lines_end_at_newlines_alone(data, text):
    assert decode(data)[0] == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\f")))
def test_every_utf8_text_is_read_unchanged(text):
    # a leading mark is dropped, and a text that calls itself a PDF is one
    if not text.startswith(("\ufeff", "%PDF-")):
        assert decode(text.encode()) == (text, "utf-8")


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise_or_change_the_count_of_lines(data):
    decoded = decode(data)
    if decoded and decoded[1] == "utf-8" and b"\n" in data:
        assert decoded[0].count("\n") == data.count(b"\n")


@pytest.mark.parametrize(("text", "lines"), [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("a\nb\n", 2), ("\n\n", 2)])
def test_lines_are_counted_as_git_counts_them(text, lines):
    assert line_count(text) == lines
