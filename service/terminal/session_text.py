"""Renders sessions as lines and as text for a person, and as Markdown and JSON for a file.

Every answer is rendered as it is when it is asked; this adds the questions and what is around them. Everything that
comes from a repository or a model is cleaned. Knows nothing of how sessions are kept.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from ..session.document import SessionDocument
from ..session.store import SessionRecord
from .clean import clean, clean_line
from .ink import Ink
from .phrases import count_of
from .render import render_text

__all__ = ["render_document", "render_list", "render_session"]


def render_list(records: Sequence[SessionRecord]) -> str:
    """A line for each session: its name, its turns, what answers in it, what it is about."""
    width = max((len(record.name) for record in records), default=0)
    return "".join(
        f"{record.name:<{width}}  {count_of(record.num_turns, 'turn'):>9}  "
        f"{clean_line(_answerer(record.engine.base_url, record.engine.model, record.mode))}  "
        f"{clean_line(record.location)}\n"
        for record in records
    )


def render_session(document: SessionDocument, *, ink: Ink) -> str:
    """The whole session for a person."""
    blocks = [ink.dim(clean_line(_about(document)))]
    if document.unchecked:
        blocks.append(ink.warning(clean_line(_unchecked(document))))
    for turn in document.turns:
        question = clean(turn.answer.question).rstrip("\n")
        blocks.append(ink.place(f"{turn.number}. {question}") + ink.dim(f"  {clean_line(_when(turn.asked_at))}"))
        blocks.append(render_text(turn.answer, ink=ink).rstrip("\n"))
    return "\n\n".join(blocks) + "\n"


def render_document(document: SessionDocument, form: Literal["markdown", "json"]) -> str:
    """The whole session for a file; JSON is ASCII alone."""
    if form == "json":
        return json.dumps(asdict(document), ensure_ascii=True, indent=2) + "\n"
    from .markdown import escaped, render_markdown

    blocks = [f"# {escaped(document.session)}", escaped(clean_line(_about(document)))]
    if document.unchecked:
        blocks.append(f"> {escaped(clean_line(_unchecked(document)))}")
    for turn in document.turns:
        question = [escaped(line) for line in clean(turn.answer.question).rstrip("\n").split("\n")]
        blocks.append(f"## {turn.number}. {question[0]}")
        blocks += ["\n".join(f"> {line}" for line in question)] if len(question) > 1 else []
        blocks += [escaped(clean_line(turn.asked_at)), render_markdown(turn.answer).rstrip("\n")]
    return "\n\n".join(blocks) + "\n"


def _when(asked_at: str) -> str:
    """As a person here reads a clock; a file that goes elsewhere has the time with its offset."""
    try:
        return datetime.fromisoformat(asked_at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:  # by another program
        return asked_at


def _about(document: SessionDocument) -> str:
    turns = count_of(len(document.turns), "turn")
    return (
        f"session {document.session}: {turns} about {document.source}, "
        f"{_answerer(document.base_url, document.model, document.mode)}"
    )


def _answerer(base_url: str, model: str, mode: str) -> str:
    if not base_url:
        return "without a model"
    return f"{model or 'a model'} at {base_url}{f', mode {mode}' if mode else ''}"


def _unchecked(document: SessionDocument) -> str:
    return f"The citations stand as they were when the questions were answered: {document.unchecked}"
