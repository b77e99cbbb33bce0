"""The ways to cite one paper, by their names."""

from __future__ import annotations

from collections.abc import Callable

from journal.citing.bibtex import bibtex_entry
from journal.citing.paper import CitedPaper, csl_json
from journal.citing.text import markdown_link, text_line
from journal.errors import BadValue

FORMATS: dict[str, Callable[[CitedPaper], str]] = {
    "text": text_line,
    "markdown": markdown_link,
    "bibtex": lambda paper: bibtex_entry(paper).rstrip("\n"),
    "csl": lambda paper: csl_json([paper]).rstrip("\n"),
}


def cite(paper: CitedPaper, style: str = "text") -> str:
    """`paper` in one of FORMATS, without a line break behind it. Raises BadValue for another."""
    if style not in FORMATS:
        raise BadValue(f"{style!r} is no form of citation.", hint=f"There are {', '.join(FORMATS)}.")
    return FORMATS[style](paper)
