"""Reads a plain command line of `journal run` without Typer, which takes longer to load than all else before the start.

Whatever is not plain, such as --help or a mistake, is Typer's to read, and its to answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.recorded_run import RunOptions

FIELD_OF_OPTION = {
    "--what": "what",
    "--why": "why",
    "--expect": "expect",
    "--paper": "paper",
    "--entry": "entry",
    "--continue": "continues",
}


def plain_run(words: Sequence[str]) -> tuple[RunOptions, tuple[str, ...]] | None:
    """The options and the command behind -- of `run ...`; None where Typer has to look. Pure."""
    if not words or words[0] != "run":
        return None
    texts: dict[str, str] = {}
    papers: list[str] = []
    no_ask = False
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--":
            options = RunOptions(paper=tuple(papers), no_ask=no_ask, **texts)
            return (options, tuple(rest)) if rest else None
        if word == "--no-ask":
            no_ask = True
            continue
        name, has_value, value = word.partition("=")
        field = FIELD_OF_OPTION.get(name)
        if field is None or (not has_value and not rest):
            return None
        value = value if has_value else rest.pop(0)
        if field == "paper":
            papers.append(value)
        else:
            texts[field] = value
    return None
