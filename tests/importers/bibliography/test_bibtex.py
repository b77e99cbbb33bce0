"""BibTeX is read as people write it: what is damaged is named by line and key, and the rest still comes."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.bibliography import bibtex
from importers.bibliography.read import read_text
from journal.errors import Unreadable
from tests.importers.bibliography.records import entry, record

GOOD = "@misc{good, title = {Good}, url = {https://a.example/x}}"


def test_a_preprint_as_google_scholar_writes_it():
    one = record(
        "@article{vaswani2017attention,\n  title={Attention is all you need},\n"
        "  author={Vaswani, Ashish and Shazeer, Noam and others},\n"
        "  journal={arXiv preprint arXiv:1706.03762},\n  year={2017}\n}"
    )
    assert one.key == "vaswani2017attention"
    assert one.draft.title == "Attention is all you need"
    assert one.draft.authors == ("Ashish Vaswani", "Noam Shazeer")
    assert one.draft.identifiers == (("arxiv", "1706.03762"),)
    assert one.draft.published_at == datetime(2017, 1, 1, tzinfo=UTC)
    assert one.csl["type"] == "article"
    assert one.csl["author"][-1] == {"literal": "others"}


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {1706.03762}, archivePrefix = {arXiv}, primaryClass = {cs.CL}",
        "eprint = {1706.03762v5}, eprinttype = {arxiv}",
        "eprint = {1706.03762}",
        "journal = {CoRR}, volume = {abs/1706.03762}",
        "journal = {arXiv:1706.03762 [cs.CL]}",
        "journal = {arXiv preprint arXiv:1706.03762}",
        "url = {http://arxiv.org/abs/1706.03762v2}",
        "url = {https://arxiv.org/pdf/1706.03762.pdf}",
        "doi = {10.48550/arXiv.1706.03762}",
        r"howpublished = {\url{https://arxiv.org/abs/1706.03762}}",
        "note = {arXiv:1706.03762}",
        "number = {arXiv:1706.03762}",
    ],
)
def test_an_arxiv_id_is_found_wherever_it_stands(fields: str):
    draft = entry(f"title = {{T}}, {fields}", "misc").draft
    assert (draft.arxiv_id, draft.version, draft.doi, draft.url) == ("1706.03762", None, None, None)


@pytest.mark.parametrize("fields", ["note = {see also arXiv:1706.03762}", "eprint = {1706.03762}, eprinttype = {hal}"])
def test_an_arxiv_id_that_is_not_the_papers_own_is_not_taken(fields: str):
    assert entry(f"title = {{T}}, author = {{A B}}, {fields}").draft.arxiv_id is None


def test_a_published_paper_keeps_its_journal_beside_the_arxiv_id():
    one = entry(
        "title={T}, journal={Physical Review A}, volume=75, number=6, pages={1--9}, eprint={1706.03762}, year=2007"
    )
    assert one.draft.journal_ref == "Physical Review A 75(6), 1–9 (2007)"
    assert one.csl["type"] == "article-journal"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"D{\"a}{\ss}ler, {\'E}va", "Éva Däßler"),
        ("Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("{de la Mare}, Walter", "Walter de la Mare"),
        ("King, Jr., Martin Luther", "Martin Luther King Jr."),
        (r"Pa{\"\i}doussis, M. P.", "M. P. Païdoussis"),
        (r"{\v C}aslav Brukner", "Časlav Brukner"),
        ("{Google Brain and Friends}", "Google Brain and Friends"),
        ("family=Hakim, given=Tawfiq, prefix=al-, useprefix=true", "Tawfiq al-Hakim"),
        ("family=Beauvoir, given=Simone, prefix=de, useprefix=false", "Simone de Beauvoir"),
        (r"Vasilʹev, {\relax Yu}. E.", "Yu. E. Vasilʹev"),
        ("Plato", "Plato"),
        ("D'Amato, Alfonse", "Alfonse D'Amato"),
    ],
)
def test_a_name_is_shown_as_a_paper_prints_it(source: str, shown: str):
    assert entry(f"title = {{T}}, author = {{{source}}}").draft.authors == (shown,)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("{The {BERT} Model of {{Devlin}}}", "The BERT Model of Devlin"),
        ('"Quoted {"}title{"} of {\\"o}"', 'Quoted "title" of ö'),
        (r"{Na\"{\i}ve \& \emph{wrong}: 5\% of $O(n\log n)$}", r"Naïve & wrong: 5% of $O(n\log n)$"),
        ("{10% of everything, and more}", "10% of everything, and more"),
        (r"{A -- B --- ``C'' d'E}", "A – B — “C” d'E"),
        (r"{Issue {$\cdot$} \#439}", "Issue · #439"),
        (r"{Growth of \textsc{Lisp} \unknown{kept}}", r"Growth of Lisp \unknown{kept}"),
        ("{line\n   break}", "line break"),
        (r"{Vu~Ng{\d o}c and {\t{ia}}}", "Vu Ngọc and i͡a"),
        ("2001", "2001"),
    ],
)
def test_a_title_is_text(source: str, title: str):
    assert entry(f"title = {source}, author = {{A B}}").draft.title == title


def test_macros_and_concatenation_and_months():
    one = read_text(
        '@string{acl = "Association for " # cl}\n@string{cl = {Computational Linguistics}}\n'
        "@inproceedings{k, title={T}, author={A B}, booktitle = {Proc. of the } # ACL # { (long)}, month = 3 # {~July}, "
        "year = 2017, publisher = undefined_macro}"
    ).records[0]
    assert one.csl["container-title"] == "Proc. of the Association for Computational Linguistics (long)"
    assert one.csl["publisher"] == "undefined_macro"


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ("year = 2017, month = jun", [[2017, 6]]),
        ("year = {2017}, month = {June}", [[2017, 6]]),
        ("year = 2017, month = 6, day = 12", [[2017, 6, 12]]),
        ("year = 2017, month = {12 June}", [[2017, 6, 12]]),
        ("date = {2017-06-12}", [[2017, 6, 12]]),
        ("date = {1829/1830}", [[1829], [1830]]),
        ("year = {1829--1830}", [[1829], [1830]]),
        ("date = {2017-06-31}", [[2017, 6]]),
    ],
)
def test_dates_in_all_their_spellings(fields: str, parts: list[list[int]]):
    assert entry(f"title = {{T}}, author = {{A B}}, {fields}").csl["issued"] == {"date-parts": parts}


@pytest.mark.parametrize(
    ("fields", "issued"),
    [
        ("year = {in press}", {"literal": "in press"}),
        ("year = {[1990] 2002}", {"literal": "[1990] 2002"}),
        ("year = 1988, month = {fall}", {"date-parts": [[1988]], "season": 3}),
        ("date = {2017-24~}", {"date-parts": [[2017]], "season": 4, "circa": True}),
    ],
)
def test_a_date_that_is_no_day_stays(fields: str, issued: dict[str, object]):
    assert entry(f"title = {{T}}, author = {{A B}}, {fields}").csl["issued"] == issued


def test_a_paper_inherits_from_its_proceedings():
    found = read_text(
        "@inproceedings{a, title={Paper}, author={A B}, crossref={proc}}\n"
        "@proceedings{proc, title={Proceedings of X}, editor={E F}, year=2001, publisher={ACM}}"
    )
    paper, proceedings = found.records
    assert paper.csl["container-title"] == "Proceedings of X"
    assert paper.csl["editor"] == [{"family": "F", "given": "E"}]
    assert paper.draft.published_at == datetime(2001, 1, 1, tzinfo=UTC)
    assert paper.draft.title == "Paper"
    assert proceedings.draft.title == "Proceedings of X"


def test_a_parent_that_is_missing_or_the_entry_itself_is_said():
    found = read_text(
        "@inbook{a, title={T}, author={A B}, crossref={nowhere}}\n@inbook{b, title={T}, author={A B}, crossref={b}}"
    )
    assert [one.left_out for one in found.records] == [
        ("its parent 'nowhere' is not in the file.",),
        ("its parent 'b' is not in the file.",),
    ]


def test_two_entries_of_one_key_both_come():
    found = read_text(
        "@misc{a, title={One}, author={A B}}\n@misc{A, title={Two}, author={A B}}\n@misc{a, title={Three}, author={A B}}"
    )
    assert [(one.key, one.draft.title) for one in found.records] == [("a", "One"), ("A", "Two"), ("a", "Three")]
    assert found.refused == ()


def test_a_field_twice_counts_once_and_the_other_is_said():
    one = entry("title = {First}, title = {Second}, author = {A B}")
    assert one.draft.title == "First"
    assert one.left_out == ("its second 'title'.",)


def test_what_csl_does_not_know_is_kept_under_its_name():
    one = entry(
        "title = {T}, author = {A B}, mrclass = {58A05}, file = {:home/me/a.pdf:PDF;b.pdf}, keywords = {x, {y, z}}"
    )
    assert one.csl["custom"] == {"mrclass": "58A05"}
    assert one.files == ("home/me/a.pdf", "b.pdf")
    assert one.tags == ("x", "y, z")


def test_comments_and_preambles_are_no_entries():
    found = read_text(
        f'% @article{{x\n@comment{{ @misc{{no, title={{No}}}} }}\n@preamble{{"\\newcommand"}}\nfree text\n{GOOD}'
    )
    assert [one.key for one in found.records] == ["good"]


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (
            "@article{bad, title = {Never closed,\n year = 2001}",
            "line 1 (bad): a brace or a quotation mark is not closed",
        ),
        (
            '@article{bad, title = "Never closed,\n year = 2001}',
            "line 1 (bad): a brace or a quotation mark is not closed",
        ),
        ("@article{bad title = {No comma}}", "line 1 (bad): a comma or an equals sign is missing, or one is too many"),
        ("@article{bad, year = 2001}", "line 1 (bad): no title, no author, and no arXiv id, DOI or web address"),
    ],
)
def test_a_damaged_entry_is_refused_by_line_and_key_and_the_rest_comes(damaged: str, reason: str):
    found = read_text(f"{damaged}\n\n{GOOD}")
    assert found.refused == (reason,)
    assert [one.key for one in found.records] == ["good"]


def test_what_stands_behind_an_entry_that_closes_too_early_is_said():
    found = read_text("@misc{a, title = {T}, author={A B}}, year = 2001}\n" + GOOD)
    assert [one.key for one in found.records] == ["a", "good"]
    assert found.refused == ("line 1 (a): its braces close too early; left out: ', year = 2001}'",)


def test_a_value_that_lacks_its_comma_is_cut_and_said():
    one = entry("title = {T} author = {A B}, url = {https://a.example/x}")
    assert one.draft.title == "T"
    assert one.left_out == ("its 'title' is cut off: a comma or a brace is missing.",)


def test_macros_that_swell_are_refused():
    bomb = '@string{a0 = "' + "x" * 1000 + '"}\n'
    bomb += "".join(f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 10)}}}\n" for n in range(1, 9))
    with pytest.raises(Unreadable, match="swell"):
        read_text(bomb + "@misc{a, title = a8, author = {A B}}")


def test_a_macro_of_itself_ends():
    assert read_text('@string{a = a # "x"}\n@misc{k, title = a, author = {A B}}').records[0].key == "k"


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "}",
        '"',
        "@a{",
        "@a{k,t={",
        "\\",
        "$",
        '@a{k,t="',
        "a=1,",
        "@string{a=",
        "\\'",
        "{\\",
        "--",
        "@comment{",
        "=",
        "#",
    ],
)
def test_no_damage_takes_more_than_one_pass(piece: str):
    """A test that hangs is one that fails: quadratic reading takes minutes for these."""
    for text in (
        piece * (200_000 // len(piece)),
        f"@misc{{k, title = {{{piece * (200_000 // len(piece))}}}, author={{A B}}}}",
    ):
        with suppress(Unreadable):
            read_text("@" + text)


@given(st.text("@{}\"=,#\\$%~\n ab'-1&", max_size=200))
def test_no_text_breaks_the_reader(text: str):
    for one in bibtex.read("@misc{k, title={" + text):
        assert one
    for one in bibtex.read(text):
        assert one


def test_a_file_of_too_many_signs_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bibtex, "MOST_BLOCKS", 3)
    with pytest.raises(Unreadable, match="more than 3 entries"):
        read_text("@misc{a}" * 4)
