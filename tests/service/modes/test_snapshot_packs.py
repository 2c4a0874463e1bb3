from collections.abc import Callable
from typing import Any

import pytest
from repoask.ingest.types import Selection

Code = Callable[[str, int], str]


def test_a_question_is_asked_with_the_pack_of_the_one_before(repo: Any) -> None:
    one, again = repo.packs().whole(), repo.packs().whole()
    assert (one.num_kept_tokens, again.num_kept_tokens) == (0, one.pack.num_tokens)
    assert one.pack == again.pack
    assert (one.num_files, one.num_omitted) == (8, 0)


def test_a_commit_goes_on_from_the_pack_before(repo: Any, code: Code) -> None:
    before = repo.packs().whole()
    repo.commit(part1=code("part1", 30) + "def last():\n    pass\n")
    after = repo.packs().whole()
    assert after.pack.num_sections == 1
    assert after.num_kept_tokens > 0.9 * before.pack.num_tokens
    assert after.num_kept_tokens < after.pack.num_tokens
    # its own parent from now on, though the same files could have been packed onto it once more
    assert repo.packs().whole().pack == after.pack


def test_back_at_an_earlier_commit_its_own_pack_is_met_again(repo: Any, code: Code) -> None:
    first = repo.packs().whole()
    repo.commit(part2=code("other", 30))
    repo.packs().whole()
    repo.git("checkout", "-q", "HEAD~1")
    assert repo.packs().whole().pack == first.pack


def test_what_was_asked_of_a_work_tree_and_then_committed_costs_nothing(repo: Any, code: Code) -> None:
    repo.packs().whole()
    (repo.path / "part3.py").write_text(code("new", 30))
    dirty = repo.packs().whole()
    repo.commit()
    assert repo.packs().whole().pack == dirty.pack


def test_where_not_all_fits_the_choice_is_the_same_for_all_questions(repo: Any) -> None:
    whole = repo.packs().whole()
    most = whole.pack.num_tokens // 2
    one, again = repo.packs().fitting(most), repo.packs().fitting(most)
    assert one.pack == again.pack
    assert one.pack.num_tokens <= most
    assert 0 < one.num_files < 8
    assert one.num_files + one.num_omitted == 8
    assert len(one.paths) == one.num_files
    assert again.num_kept_tokens == one.pack.num_tokens


def test_a_choice_goes_on_from_the_choice_before(repo: Any, code: Code) -> None:
    half = repo.packs().whole().pack.num_tokens // 2
    most = repo.packs().fitting(half).pack.num_tokens + 400  # room to go on, but not for one more file
    before = repo.packs().fitting(most)
    changed = sorted(before.paths)[0].removesuffix(".py")
    repo.commit(**{changed: code(changed, 30) + "x = 1\n"})
    after = repo.packs().fitting(most)
    assert after.pack.num_sections == 1
    assert after.num_kept_tokens > 0.8 * before.pack.num_tokens
    assert after.pack.num_tokens <= most


def test_what_fits_is_not_chosen_from(repo: Any) -> None:
    whole = repo.packs().whole()
    assert repo.packs().fitting(whole.pack.num_tokens).pack == whole.pack


def test_superseded_text_gives_way_before_a_file_does(repo: Any, code: Code) -> None:
    size = repo.packs().whole().pack.num_tokens
    for number in range(2):
        repo.commit(part1=code(f"changed{number}", 30))
        grown = repo.packs().whole()
    assert grown.pack.num_tokens > size + 200
    fitted = repo.packs().fitting(size + 200)
    assert fitted.num_omitted == 0
    assert fitted.pack.num_sections == 0


def test_a_branch_of_other_files_starts_anew(repo: Any, code: Code) -> None:
    repo.packs().whole()
    repo.git("checkout", "-q", "--orphan", "pages")
    repo.git("rm", "-qrf", ".")
    repo.commit(page=code("page", 5))
    page = repo.packs().whole()
    assert (page.num_kept_tokens, page.num_files) == (0, 1)
    assert b"part1" not in b"".join(page.pack.text())


@pytest.mark.parametrize("how", ["flag", "ignore file"])
def test_a_file_that_is_left_out_now_stands_in_no_history_either(repo: Any, how: str) -> None:
    repo.packs().whole()
    selection = Selection(exclude=("part1.py",)) if how == "flag" else Selection()
    if how == "ignore file":
        (repo.path / ".repoaskignore").write_text("part1.py\n")
    packed = repo.packs(selection).whole()
    assert b"part1_0" not in b"".join(packed.pack.text())
    assert packed.num_kept_tokens == 0
    # one that was made without it is gone on from
    repo.commit(part2="x = 1\n")
    assert repo.packs(selection).whole().num_kept_tokens > 0


def test_a_pack_that_was_removed_is_made_again(repo: Any) -> None:
    one = repo.packs().whole()
    for file in one.pack.folder.iterdir():
        file.unlink()
    again = repo.packs().whole()
    assert (again.pack, again.num_kept_tokens) == (one.pack, 0)
