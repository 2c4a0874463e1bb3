"""What is told of each chunk: what stands beside it counts, in its own file only."""

from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.passages import CHUNK_FEATURES
from repoask.context.retrieval.ranker import default_ranker
from repoask.context.retrieval.retriever import match_all, score_passages


def function(name, body):
    lines = "\n".join(f"    {body}_{number} = {number}" for number in range(60))
    return f"def {name}():\n{lines}\n"


def features(segment, question):
    """Of each chunk, by the file and the line where it begins."""
    corpus = Corpus([segment])
    passages, _ = score_passages(match_all(question, corpus, None), default_ranker(), corpus)
    found = {}
    for row, values in zip(passages.rows.tolist(), passages.features.tolist(), strict=True):
        chunks, local = corpus.chunk(row)
        place = corpus.path(int(corpus.chunk_file[row])), int(chunks.chunk_start[local])
        found[place] = dict(zip(CHUNK_FEATURES, values, strict=True))
    return found


def test_a_chunk_and_the_one_beside_it_cover_a_question_together(index):
    apart = {"zebra.py": function("zebra", "stripe"), "quagga.py": function("quagga", "plain")}
    joined = {"both.py": "\n\n".join(apart.values())}
    asked = "zebra quagga"
    for segment, together in ((index(apart), False), (index(joined), True)):
        found = features(segment, asked)
        first = found[min(found)]
        assert first["coverage"] < 1
        assert (first["around"] > first["coverage"]) == together
