"""Notes on a paper in three passes: as a document to fill in, and as the text that is kept of it. Pure.

After S. Keshav, "How to Read a Paper" (ACM SIGCOMM Computer Communication Review, 2007): first whether the
paper is worth more, then what it says, then whether it holds, by making it again in thought. The document asks
a few questions a pass; a question that nobody answers leaves nothing behind, and neither does a comment of
ours. Whatever else is written stays, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_COMMENT = "%% "
_TITLE = "notes on "


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass over a paper: what it is for, and its questions by name."""

    heading: str
    purpose: str
    questions: Mapping[str, str]


_PASSES = (
    _Pass(
        "## First pass",
        "Ten minutes for title, abstract, introduction, headings and conclusions: is it worth more?",
        {
            "Category": "What kind of paper is this: a method, a measurement, a system, a theory?",
            "Context": "Which work does it build on, and which does it argue with?",
            "Correctness": "Do its assumptions look sound?",
            "Contributions": "What does it claim to add?",
            "Clarity": "Is it well written?",
        },
    ),
    _Pass(
        "## Second pass",
        "An hour, without the proofs: you could tell somebody else what it says, and on what evidence.",
        {
            "Content": "The main point and its evidence, in your own words.",
            "Figures": "Are axes labelled, spreads shown, comparisons fair?",
            "To read": "Which of its references do you not know and should?",
        },
    ),
    _Pass(
        "## Third pass",
        "Some hours: make it again in thought, and see where you would have done otherwise.",
        {
            "Made again": "How would you build it from the same assumptions, and where does the paper differ?",
            "Assumptions": "What is taken for granted without being said?",
            "To try": "What would you try with it, or change in it?",
        },
    ),
)
_NAMES = tuple(name for part in _PASSES for name in part.questions)
_HELP = "Write behind a name or below it. What stays empty, and every line like this one, is left out."
_COMMENTS = frozenset(_COMMENT + text for part in _PASSES for text in (part.purpose, *part.questions.values())) | {
    _COMMENT + _HELP
}

Sections = tuple[str, str, str, str]
"""What stands before the first pass, then the text of each pass."""


def title_of(paper_title: str) -> str:
    """The title of the entry that holds the notes on a paper."""
    return f"{_TITLE}{paper_title}"


def are_notes(title: str, body: str) -> bool:
    """Whether an entry about a paper is its notes: by its title or, where that was changed, by its headings."""
    return title.lower().startswith(_TITLE) or passes_in(body) > 0


def passes_in(body: str) -> int:
    """How far reading got: the number of the last pass that has a text, 0 where none has."""
    return max((number for number, text in enumerate(sections_of(body)[1:], 1) if text), default=0)


def document_of(body: str, about: str) -> str:
    """What is known so far and what is still to be asked, to be edited; `about` is one line that names the paper."""
    before, *texts = sections_of(body)
    lines = [_COMMENT + " ".join(about.split()), _COMMENT + _HELP, ""]
    if before:
        lines += [before, ""]
    for part, text in zip(_PASSES, texts, strict=True):
        lines += [part.heading, _COMMENT + part.purpose, ""]
        free, answers = _answers(text)
        if free:
            lines += [free, ""]
        for name, question in part.questions.items():
            if name not in answers:
                lines += [f"{name}:", _COMMENT + question, ""]
            else:
                lines += [f"{name}: {answers[name]}", ""]
        for name in answers:
            if name not in part.questions:  # answered in another pass, after its heading was taken out
                lines += [f"{name}: {answers[name]}", ""]
    return "\n".join(lines)


def body_of(document: str, about: str) -> str:
    """The text to keep of an edited document: without questions that nobody answered, and without our comments."""
    dropped = _COMMENTS | {_COMMENT + " ".join(about.split())}
    lines = [line for line in document.replace("\r\n", "\n").split("\n") if line.rstrip() not in dropped]
    return _joined(sections_of("\n".join(lines)))


def merged(base: str, theirs: str, mine: str) -> str:
    """The notes where both another window (`theirs`) and this editor (`mine`) went on from `base`.

    Pass by pass: what one of them alone changed is taken; where both did, one text follows the other.
    """
    parts = zip(sections_of(base), sections_of(theirs), sections_of(mine), strict=True)
    chosen = [_merged_text(*texts) for texts in parts]
    return _joined(chosen)


def _merged_text(base: str, theirs: str, mine: str) -> str:
    if theirs == base or mine == theirs:
        return mine
    return theirs if mine == base else f"{theirs}\n\n{mine}".strip()


def sections_of(body: str) -> Sections:
    """A text by its headings. One that is missing leaves its text to the pass before; one that stands twice, too."""
    texts: list[list[str]] = [[], [], [], []]
    here = 0
    for line in body.split("\n"):
        number = next((n for n, part in enumerate(_PASSES, 1) if line.strip().lower() == part.heading.lower()), 0)
        if number:
            here = number
        else:
            texts[here].append(line)
    before, first, second, third = (_told(number, lines) for number, lines in enumerate(texts))
    return before, first, second, third


def _told(number: int, lines: Sequence[str]) -> str:
    """The text of a section without names that nothing follows."""
    text = "\n".join(lines).strip("\n").rstrip()
    if not number:
        return text.strip()
    free, answers = _answers(text)
    names = [*_PASSES[number - 1].questions, *answers]
    told = [f"{name}: {answers[name]}" for name in dict.fromkeys(names) if name in answers]
    return "\n\n".join([free, *told] if free else told)


def _answers(text: str) -> tuple[str, dict[str, str]]:
    """What stands before the first name, and the answer behind or below each name; a name twice has both."""
    free: list[str] = []
    answers: dict[str, list[str]] = {name: [] for name in _NAMES}
    into = free
    for line in text.split("\n"):
        name = next((name for name in _NAMES if line.lower().startswith(f"{name.lower()}:")), None)
        if name is None:
            into.append(line)
        else:
            into = answers[name]
            into.append(line[len(name) + 1 :].strip())
    told = {name: "\n".join(lines).strip() for name, lines in answers.items()}
    return "\n".join(free).strip("\n").rstrip(), {name: answer for name, answer in told.items() if answer}


def _joined(sections: Sequence[str]) -> str:
    return "\n\n".join(_parts(sections))


def _parts(sections: Sequence[str]) -> Iterator[str]:
    before, *texts = sections
    if before:
        yield before
    for part, text in zip(_PASSES, texts, strict=True):
        if text:
            yield f"{part.heading}\n\n{text}"
