"""How well the rules mark abstracts: precision and recall against labels made by reading (`make eval`).

The rules were written with the abstracts marked `tuning`; the figures that count are those `held back`,
which nobody looked at until the rules were done. The labels hold ids and first words alone: the abstracts
are read from the shared data. What counts as which is written at the head of the labels.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from journal.marks import MarkRole
from journal.sentences import sentences
from journal.skimming import skim

_ROOT = Path(__file__).resolve().parents[2]
_LABELS = Path(__file__).with_name("skimming_labels.tsv")
PARTS = ("tuning", "held back")


@dataclass(slots=True)
class Labels:
    """What a reader marked of one abstract: the first words of sentences, and figures within them."""

    part: str
    contributions: list[str] = field(default_factory=list)
    results: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Marks that were right, marks that were made, and stretches that a reader marked."""

    right: int = 0
    made: int = 0
    found: int = 0
    labelled: int = 0

    def add(self, made: set[tuple[int, int]], labelled: set[tuple[int, int]]) -> None:
        """Two stretches are the same where they overlap."""
        self.made += len(made)
        self.labelled += len(labelled)
        self.right += sum(any(_overlap(one, other) for other in labelled) for one in made)
        self.found += sum(any(_overlap(one, other) for other in made) for one in labelled)

    def __str__(self) -> str:
        precision = self.right / self.made if self.made else 0.0
        recall = self.found / self.labelled if self.labelled else 0.0
        return (
            f"precision {precision:.2f} ({self.right}/{self.made})  recall {recall:.2f} ({self.found}/{self.labelled})"
        )


def papers_file() -> Path | None:
    """The real papers, where this machine has them: LABJOURNAL_PAPERS, else beside the checkout."""
    named = os.environ.get("LABJOURNAL_PAPERS")
    path = Path(named) if named else _ROOT.parent / "shared" / "data" / "papers" / "papers_60k.jsonl.gz"
    return path if path.is_file() else None


def read_labels() -> dict[str, Labels]:
    labels: dict[str, Labels] = {}
    for line in _LABELS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        paper, part, role, words, numbers = (line + "\t\t").split("\t")[:5]
        of_paper = labels.setdefault(paper, Labels(part))
        if role == "contribution":
            of_paper.contributions.append(words)
        elif role == "result":
            of_paper.results.append((words, tuple(number for number in numbers.split(" ; ") if number)))
    return labels


def read_abstracts(path: Path, wanted: Iterable[str]) -> dict[str, str]:
    wanted = set(wanted)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        papers = (json.loads(line) for line in lines)
        return {paper["id"]: paper["abstract"] for paper in papers if paper["id"] in wanted}


def measure(abstracts: dict[str, str], labels: dict[str, Labels], part: str) -> dict[str, Tally]:
    """A tally for each role, and one for the figures within the labelled results alone."""
    tallies = {name: Tally() for name in (*_ROLES, "number in a labelled result")}
    for paper, of_paper in labels.items():
        if of_paper.part != part:
            continue
        text = abstracts[paper]
        marks = skim(text)
        made = {role: {(mark.start, mark.end) for mark in marks if mark.role is role} for role in _ROLES}
        results = [(_sentence(text, words), numbers) for words, numbers in of_paper.results]
        tallies[MarkRole.contribution].add(
            made[MarkRole.contribution], {_sentence(text, words) for words in of_paper.contributions}
        )
        tallies[MarkRole.result].add(made[MarkRole.result], {sentence for sentence, _ in results})
        numbers = {
            (at, at + len(number))
            for sentence, found in results
            for number in found
            for at in _all(text, number, sentence)
        }
        tallies[MarkRole.number].add(made[MarkRole.number], numbers)
        inside = {one for one in made[MarkRole.number] if any(_overlap(one, sentence) for sentence, _ in results)}
        tallies["number in a labelled result"].add(inside, numbers)
    return tallies


_ROLES = (MarkRole.contribution, MarkRole.result, MarkRole.number)


def _sentence(text: str, first_words: str) -> tuple[int, int]:
    """The sentence that begins so; it must be there, and only once."""
    at = text.index(first_words)
    end = next(end for start, end in sentences(text) if start <= at < end)
    return at, end


def _all(text: str, number: str, within: tuple[int, int]) -> list[int]:
    found = []
    at = text.find(number, *within)
    while at >= 0:
        found.append(at)
        at = text.find(number, at + 1, within[1])
    return found


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def report() -> None:
    path = papers_file()
    if path is None:
        print("marks on abstracts: not measured; LABJOURNAL_PAPERS can name papers_60k.jsonl.gz of the shared data")
        return
    labels = read_labels()
    abstracts = read_abstracts(path, labels)
    if missing := labels.keys() - abstracts.keys():
        sys.exit(f"{path} lacks {len(missing)} of the labelled papers")
    for part in PARTS:
        count = sum(of_paper.part == part for of_paper in labels.values())
        if not count:
            continue
        print(f"marks on {count} abstracts, {part}:")
        for name, tally in measure(abstracts, labels, part).items():
            print(f"    {name:28} {tally}")


if __name__ == "__main__":
    report()
