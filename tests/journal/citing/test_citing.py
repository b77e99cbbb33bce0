"""A citation is what people expect to paste, and the same papers always make the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from journal.citing.bibtex import bibtex, bibtex_entry
from journal.citing.formats import FORMATS, cite
from journal.citing.paper import CitedPaper, csl_item, csl_json
from journal.citing.tex import escaped
from journal.errors import BadValue

ATTENTION = CitedPaper(
    key="vaswani2017attention",
    title="Attention Is All You Need",
    authors=("Ashish Vaswani", "Łukasz Kaiser", "Laurens van der Maaten"),
    year=2017,
    month=6,
    arxiv_id="1706.03762",
    primary_category="cs.CL",
)
DISTILLED = CitedPaper(
    key="hinton2015distilling",
    title="Distilling the knowledge",
    authors=("Geoffrey Hinton", "Jeff Dean"),
    year=2015,
    doi="10.1000/x_1",
    csl={"type": "article-journal", "container-title": "Neural & Co", "volume": "3", "issue": "4", "page": "5–9"},
)


def test_a_preprint_is_written_as_arxiv_itself_writes_it():
    assert bibtex_entry(ATTENTION) == (
        "@misc{vaswani2017attention,\n"
        "  title = {Attention Is All You Need},\n"
        "  author = {Vaswani, Ashish and Kaiser, Łukasz and van der Maaten, Laurens},\n"
        "  year = {2017},\n"
        "  month = jun,\n"
        "  eprint = {1706.03762},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/1706.03762}\n"
        "}\n"
    )


def test_an_article_is_written_as_its_type_says():
    assert bibtex_entry(DISTILLED) == (
        "@article{hinton2015distilling,\n"
        "  title = {Distilling the knowledge},\n"
        "  author = {Hinton, Geoffrey and Dean, Jeff},\n"
        "  journal = {Neural \\& Co},\n"
        "  year = {2015},\n"
        "  volume = {3},\n"
        "  number = {4},\n"
        "  pages = {5--9},\n"
        "  doi = {10.1000/x_1}\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("kind", "start", "field"),
    [
        ("paper-conference", "@inproceedings{", "  booktitle = {Where}"),
        ("chapter", "@incollection{", "  booktitle = {Where}"),
        ("article-journal", "@article{", "  journal = {Where}"),
        ("book", "@book{", "  publisher = {Who}"),
        ("thesis", "@phdthesis{", "  school = {Who}"),
        ("report", "@techreport{", "  institution = {Who}"),
        ("webpage", "@misc{", "  howpublished = {Who}"),
    ],
)
def test_the_type_of_entry_follows_the_type(kind: str, start: str, field: str):
    extra = {"type": kind, "container-title": "Where", "publisher": "Who", "genre": "PhD thesis"}
    written = bibtex_entry(CitedPaper(key="k", title="T", csl=extra))
    assert written.startswith(start)
    assert field in written


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("100% of R&D_x #1 $5", r"100\% of R\&D\_x \#1 \$5"),
        ("a{b}c\\d~e^f", r"a\textbraceleft{}b\textbraceright{}c\textbackslash{}d\textasciitilde{}e\textasciicircum{}f"),
        (r"$O(n^{2})$ is kept", r"$O(n^{2})$ is kept"),
        ("an <i>emphasis</i> and x<sup>2</sup>", r"an \emph{emphasis} and x\textsuperscript{2}"),
        ("unclosed <i>markup", "unclosed markup"),
        ("a -- b", "a -{}- b"),
        ("Größe – “x”", "Größe – “x”"),
    ],
)
def test_what_acts_in_tex_is_escaped(text: str, tex: str):
    assert escaped(text) == tex


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("Größe Łódź naïve", r"Gr{\"o}{\ss}e {\L}{\'o}d{\'z} na{\"i}ve"),
        ("Čech ą – “x”…", r"{\v{C}}ech {\k{a}} {\textendash} {\textquotedblleft}x{\textquotedblright}{\textellipsis}"),
        ("王 α", "王 α"),
    ],
)
def test_accents_can_be_spelt_in_ascii(text: str, tex: str):
    assert escaped(text, ascii_only=True) == tex


@pytest.mark.parametrize(
    ("title", "tex"),
    [
        ("BERT: Pre-training of Deep Transformers", "{BERT}: Pre-training of Deep Transformers"),
        ("U-Net and iPod in 3D", "{U-Net} and {iPod} in {3D}"),
        ("A study of Bayesian networks in Paris", "A study of {Bayesian} networks in {Paris}"),
        ("Learning networks: Beyond what is known", "Learning networks: Beyond what is known"),
        ("Deep Residual Learning for Image Recognition", "Deep Residual Learning for Image Recognition"),
    ],
)
def test_capitals_that_a_style_would_lower_are_protected(title: str, tex: str):
    assert escaped(title, protects_capitals=True) == tex


def test_an_export_is_the_same_whatever_the_order():
    assert bibtex([ATTENTION, DISTILLED]) == bibtex([DISTILLED, ATTENTION])
    assert csl_json([ATTENTION, DISTILLED]) == csl_json([DISTILLED, ATTENTION])
    assert [item["id"] for item in json.loads(csl_json([ATTENTION, DISTILLED]))] == [DISTILLED.key, ATTENTION.key]


def test_a_preprint_as_csl():
    assert csl_item(ATTENTION) == {
        "URL": "https://arxiv.org/abs/1706.03762",
        "author": [
            {"family": "Vaswani", "given": "Ashish"},
            {"family": "Kaiser", "given": "Łukasz"},
            {"family": "Maaten", "given": "Laurens", "non-dropping-particle": "van der"},
        ],
        "citation-key": "vaswani2017attention",
        "custom": {"primaryclass": "cs.CL"},
        "id": "vaswani2017attention",
        "issued": {"date-parts": [[2017, 6]]},
        "number": "arXiv:1706.03762",
        "publisher": "arXiv",
        "title": "Attention Is All You Need",
        "type": "article",
    }


def test_what_the_journal_knows_wins_over_the_record_that_was_imported():
    record = {"type": "article", "title": "Old", "author": [{"family": "Old"}], "issued": {"date-parts": [[1999]]}}
    item = csl_item(replace(ATTENTION, csl=record))
    assert (item["title"], item["issued"]) == ("Attention Is All You Need", {"date-parts": [[2017, 6]]})
    assert item["author"][0] == {"family": "Vaswani", "given": "Ashish"}
    assert record["title"] == "Old"


def test_a_line_of_text():
    assert cite(DISTILLED) == (
        "Hinton, G., & Dean, J. (2015). Distilling the knowledge. Neural & Co, 3(4), 5–9. https://doi.org/10.1000/x_1"
    )
    assert cite(ATTENTION) == (
        "Vaswani, A., Kaiser, Ł., & van der Maaten, L. (2017). Attention Is All You Need. arXiv:1706.03762. "
        "https://arxiv.org/abs/1706.03762"
    )
    assert cite(CitedPaper(key="k", title="Nothing known")) == "(n.d.). Nothing known."
    assert cite(CitedPaper(key="k", title=r"Rates of $\alpha^2$")) == "(n.d.). Rates of α²."


def test_many_authors_are_shortened():
    many = replace(DISTILLED, authors=tuple(f"A{number} Author{number}" for number in range(30)))
    assert "Author18, A., ... Author29, A." in cite(many)


def test_a_markdown_link_shows_what_was_written():
    assert cite(ATTENTION, "markdown") == (
        "[Vaswani et al. (2017), Attention Is All You Need](https://arxiv.org/abs/1706.03762)"
    )
    odd = CitedPaper(key="k", title="a [b](c) *d* <e>", authors=("A B", "C D"), url="https://x.example/a(b)")
    assert cite(odd, "markdown") == r"[B and D, a \[b\](c) \*d\* \<e\>](https://x.example/a%28b%29)"
    assert cite(CitedPaper(key="k", title="No address"), "markdown") == "No address"


@pytest.mark.parametrize("style", FORMATS)
def test_every_form_says_the_title(style: str):
    assert "Attention Is All You Need" in cite(ATTENTION, style)


def test_a_form_that_there_is_not_is_said():
    with pytest.raises(BadValue, match="no form of citation"):
        cite(ATTENTION, "mla")
