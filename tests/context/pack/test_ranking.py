from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest
from repoask.context.index.segment import LiveSegment
from repoask.context.pack.ranking import rank_files
from repoask.context.retrieval.corpus import Corpus

Index = Callable[[Mapping[str, str]], LiveSegment]


@pytest.fixture(scope="module")
def corpus(index: Index) -> Corpus:
    many = "\n\n".join(f"def page_{n}(item):\n    '''Shows page {n}.'''\n    return item[{n}]\n" * 6 for n in range(60))
    files = {
        "src/price.py": "def net_price(item):\n    '''The price without tax.'''\n    return item.price\n",
        "src/pages.py": f"{many}\n\ndef render_invoice(item):\n    '''Draws an invoice.'''\n    return item\n",
        "tests/test_price.py": "def test_net_price():\n    assert net_price(1)\n",
    }
    return Corpus([index(files)])


def test_the_file_that_answers_scores_highest(corpus: Corpus) -> None:
    ranking = rank_files("Where is the price without tax computed?", corpus)
    assert max(ranking.scores, key=lambda path: ranking.scores[path]) == "src/price.py"


def test_the_chunks_of_a_file_cover_it_best_first(corpus: Corpus) -> None:
    chunks = rank_files("How is the invoice drawn?", corpus).chunks["src/pages.py"]
    lines = sorted(chunks)
    assert len(lines) > 2
    assert lines[0][0] == 1
    assert all(end + 1 == start for (_, end), (start, _) in pairwise(lines))
    assert chunks[0] == lines[-1]


def test_a_file_that_the_question_names_comes_first(corpus: Corpus) -> None:
    ranking = rank_files("What does tests/test_price.py:1 check of the price without tax?", corpus)
    assert max(ranking.scores, key=lambda path: ranking.scores[path]) == "tests/test_price.py"


def test_words_that_stand_nowhere_rank_nothing(corpus: Corpus) -> None:
    assert rank_files("xyzzy", corpus).scores == {}
