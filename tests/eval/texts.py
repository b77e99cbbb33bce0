"""How much of real abstracts the link finder finds and the display of TeX understands (`make eval`).

python -m tests.eval.texts [--show links|maths] [--seed N]    # and 60 of them, to be read for mistakes
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

from journal.paper_links import links_in, same_place
from journal.tex_math import displayed
from journal.types import LinkKind, PaperLink
from tests.eval.skimming import papers_file

_SHOWN = 60


def papers() -> Iterator[dict[str, Any]]:
    path = papers_file()
    assert path is not None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def report() -> None:
    """Recall of the known code addresses, and the share of abstracts with maths that end without any TeX."""
    if papers_file() is None:
        print("links and maths of abstracts: not measured; LABJOURNAL_PAPERS can name papers_60k.jsonl.gz")
        return
    known = found = with_math = plain = without_dollar = 0
    for paper in papers():
        abstract = paper["abstract"]
        if code := paper.get("code_url"):
            known += 1
            links = links_in(abstract, paper.get("comment", ""))
            found += any(
                link.kind is LinkKind.code and same_place(link.url, code.removesuffix(".git")) for link in links
            )
        if "$" in abstract:
            with_math += 1
            shown = displayed(abstract).text
            without_dollar += "$" not in shown
            plain += "$" not in shown and "\\" not in shown
    print(f"links: {found} of {known} known code addresses found ({found / known:.4f})")
    print(f"maths: of {with_math} abstracts with '$', {plain / with_math:.1%} end without '$' and backslash, ", end="")
    print(f"{without_dollar / with_math:.1%} without '$'")


def show(what: str, seed: int) -> None:
    """A sample for a reader; which mistakes there are only a reader can say."""
    lines = [line for paper in papers() for line in (_links_of(paper) if what == "links" else _maths_of(paper))]
    for line in random.Random(seed).sample(lines, _SHOWN):
        print(line)


def _links_of(paper: dict[str, Any]) -> Iterator[str]:
    link: PaperLink
    for link in links_in(paper["abstract"], paper.get("comment", "")):
        yield f"{paper['id']}  {link.kind:8} {link.url}"


def _maths_of(paper: dict[str, Any]) -> Iterator[str]:
    abstract = paper["abstract"]
    shown = displayed(abstract)
    start = abstract.find("$")
    while start >= 0 and (end := abstract.find("$", start + 1)) >= 0:
        if end - start > 12 and "\\" in abstract[start:end]:
            yield f"{paper['id']}  {abstract[start : end + 1]}  =>  {shown.text[shown.at(start) : shown.at(end + 1)]}"
        start = abstract.find("$", end + 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", choices=["links", "maths"])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.show and papers_file():
        show(options.show, options.seed)
    else:
        report()


if __name__ == "__main__":
    main()
