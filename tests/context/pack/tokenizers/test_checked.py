import pytest
from repoask.context.pack.tokenizers.checked import is_settled
from repoask.context.pack.tokenizers.gigatoken import GigatokenEncoding
from repoask.context.pack.tokenizers.huggingface import HuggingFaceEncoding, TokenizerJson

# what stands beside a character is cut in another way where the character is taken for one of another kind
BESIDE = "{0}.foo..{0}.foo 1{0}234 {0}/a'{0}'s {0}{0}Ab {0}Foo a{0}b \u4e2d{0}\u00e9\n\n{0}\n {0}"


def test_both_libraries_take_every_settled_character_for_the_same(model):
    file = TokenizerJson(model / "tokenizer.json")
    fast, oracle = GigatokenEncoding(file), HuggingFaceEncoding(file)
    settled = [
        chr(code)
        for code in (*range(0x80, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000))
        if is_settled(chr(code))
    ]
    assert len(settled) > 20_000
    for character in settled:
        text = BESIDE.format(character)
        assert fast.encode(text).tolist() == oracle.encode(text).tolist(), hex(ord(character))


@pytest.mark.parametrize("text", ["plain", "\u00e9", "\U0001f1fa\U0001f1f8", "\U0001f170", "\U0001d4d0", "\U0001f600"])
def test_flags_and_letters_of_other_styles_do_not_take_the_slow_library(text):
    assert is_settled(text)


@pytest.mark.parametrize("code", [0x0C5C, 0x0CDC, 0x10940, 0x10EC5, 0x11B60, 0x11DB0, 0x1FAE9])
def test_a_character_of_a_new_unicode_takes_the_slow_library(code):
    assert not is_settled(chr(code))
