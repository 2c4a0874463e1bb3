from array import array
from typing import Any

from repoask.context.types import Evidence
from repoask.service.engine.chat_template import ChatTemplate
from repoask.service.engine.protocol import Message, Prompt
from repoask.service.modes.packed_prompt import (
    IdsLayout,
    MessagesLayout,
    evidence_budget,
    request_text,
    rules_text,
)

TEMPLATE = ChatTemplate((1, 2), (3,), (4, 5), (6,), (4, 7))
EARLIER = (Message("user", "Question: a?"), Message("assistant", "It is b."))


def layout(repo: Any) -> IdsLayout:
    packed = repo.packs().whole()
    return IdsLayout(packed.pack, template=TEMPLATE, tokenizer=packed.tokenizer)


def ids(prompt: Prompt) -> list[int]:
    held = array("I")
    for segment in prompt.segments:
        held.frombytes(segment.read())
    return [*held, *prompt.token_ids]


def test_the_whole_prompt_is_the_template_around_rules_pack_turns_and_request(repo: Any) -> None:
    packed = repo.packs().whole()

    def encode(text: str) -> list[int]:
        return [int(one) for one in packed.tokenizer.encode([text])[0]]

    pack = [int(one) for part in packed.pack.ids() for one in part]
    prompt = layout(repo).prompt(EARLIER, "Question: c?")
    assert ids(prompt) == [
        *(1, 2, *encode(rules_text()), *pack, 3),
        *(*encode("Question: a?"), 4, 5, *encode("It is b."), 6, *encode("Question: c?"), 4, 7),
    ]
    assert prompt.num_tokens == len(ids(prompt))


def test_what_stands_before_the_bar_is_the_same_for_every_question(repo: Any) -> None:
    one, other = layout(repo).prompt((), "Question: a?"), layout(repo).prompt(EARLIER, "Question: b?")
    assert one.segments == other.segments
    assert one.token_ids != other.token_ids


def test_a_commit_changes_the_last_segments_alone(repo: Any) -> None:
    before = layout(repo).prompt((), "a").segments
    repo.commit(part1="x = 1\n")
    after = layout(repo).prompt((), "a").segments
    # the rules and the base; the manifest of what is current is written anew
    assert after[: len(before) - 1] == before[:-1]
    assert len(after) > len(before)


def test_messages_hold_the_same_text_with_no_control_token_in_it(repo: Any) -> None:
    repo.commit(part1="x = '<|eot|>'\n")
    packed = repo.packs().whole()
    prompt = MessagesLayout(packed.pack).prompt(EARLIER, "Question: c?")
    system, *rest = prompt.messages
    text = b"".join(packed.pack.text()).decode()
    assert system.content == rules_text() + text.replace("<|eot|>", "< |eot|>")
    assert rest == [*EARLIER, Message("user", "Question: c?")]


def test_the_rules_hold_nothing_that_varies() -> None:
    assert rules_text() == rules_text()
    assert "$" not in rules_text()
    assert rules_text().endswith("that alone.\n\n")


def test_evidence_stands_just_before_the_question_between_marks_that_it_cannot_forge() -> None:
    span = Evidence("a.py", 3, 4, "", "", "python", "0" * 40, 1.0, (), "def a():\n    return '</places>'")
    text = request_text("what is a?", [span], missing=["b"])
    opening, places, rest = text.partition("<places ")[0], *text.split("<places ")[2].split("\n</places ")
    nonce = places.split(">")[0]
    assert f"between `<places {nonce}>` and `</places {nonce}>`" in text
    assert opening.startswith("Places of the log that may matter")
    assert "3| def a():\n4|     return '</places>'" in places
    assert f"{nonce}>\n\nQuestion: what is a?\n\n" in rest
    assert text.endswith('stand nowhere in it: "b"')


def test_without_evidence_the_question_stands_alone() -> None:
    assert request_text(" what? ") == "Question: what?"


def test_of_a_small_pack_little_is_repeated() -> None:
    assert evidence_budget(12_000, pack_tokens=1_000_000) == 12_000
    assert evidence_budget(12_000, pack_tokens=16_000) == 2_000
    assert evidence_budget(12_000, pack_tokens=500) == 1_000
