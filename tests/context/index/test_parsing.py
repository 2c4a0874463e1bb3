import subprocess
import sys

import pytest
from repoask.context.index.parsing import Parser, Work, parse_work


def _works(count, size):
    body = "def name():\n    return 1\n" * (size // 25)
    return [Work(f"k{number}", f"{number:040}", "python", len(body), body, 0) for number in range(count)]


@pytest.mark.parametrize(("text", "lines"), [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)])
def test_lines_are_counted_as_editors_do(text, lines):
    record = parse_work(Work("k", "b", "", len(text), text, 0))
    assert record.lines == lines
    assert sum(chunk.end - chunk.start + 1 for chunk in record.chunks) == lines


def test_chunks_carry_their_terms():
    record = parse_work(Work("k", "b", "python", 9, "def open_door():\n    pass\n", 2))
    assert all(len(chunk.terms) == len(chunk.counts) > 0 for chunk in record.chunks)
    assert [definition.name for definition in record.definitions] == ["open_door"]
    assert record.withheld == 2


def test_a_withheld_line_costs_no_symbol_and_stays_withheld():
    source = 'class Client:\n    TOKEN = "{}"\n\n    def connect(self):\n        return 1\n'
    text = source.replace('    TOKEN = "{}"', "[withheld: github-pat]")
    record = parse_work(Work("k", "b", "python", len(text), text, 1, source.format("x" * 40)))
    assert [definition.qualified_name for definition in record.definitions] == [
        "Client",
        "Client.TOKEN",
        "Client.connect",
    ]
    assert record.parsed
    assert "\n".join(chunk.text for chunk in record.chunks) == text.removesuffix("\n")


def test_workers_give_what_this_process_gives_in_the_same_order():
    batches = [_works(3, 200) for _ in range(6)]
    with Parser(num_files=3, num_bytes=1) as here, Parser(num_files=1_000, num_bytes=10**8) as workers:
        ours, theirs = list(here.parse(batches)), list(workers.parse(batches))
    assert [[work.key for work in batch] for batch, _ in theirs] == [[work.key for work in batch] for batch, _ in ours]
    assert [flat.heads for _, flat in theirs] == [flat.heads for _, flat in ours]


# A stand-in for a grammar that crashes: a text that says so ends its worker. A worker imports the program's main
# module, so the stand-in is there too; the parent, which must never parse such a text by grammar, would end as well.
_CRASHING = """
import os
import repoask.context.index.parsing as parsing

real = parsing.parse
def parse(text, language):
    if "CRASH" in text:
        os._exit(11)
    return real(text, language)
parsing.parse = parse

if __name__ == "__main__":
    batches = [[parsing.Work(f"{b}-{n}", "b", "python", 9, "CRASH" if (b, n) == (1, 2) else "x = 1\\n", 0)
                for n in range(4)] for b in range(4)]
    with parsing.Parser(num_files=1000, num_bytes=10**8) as parser:
        done = [(work.key, head.parsed) for works, flat in parser.parse(batches)
                for work, head in zip(works, flat.heads, strict=True)]
    print(len(done), len(set(done)), [key for key, parsed in done if not parsed])
"""


def test_a_file_that_crashes_its_worker_falls_back_to_lines_and_costs_no_other(tmp_path):
    program = tmp_path / "crashing.py"
    program.write_text(_CRASHING)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "16 16 ['1-2']\n", done.stderr
