"""CSL-JSON, Zotero's JSON and a papis library become the same records as BibTeX does."""

from __future__ import annotations

import codecs
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from importers.bibliography import csl_items, papis, read
from importers.bibliography.read import read_bibliography, read_text
from importers.bibliography.record import Bibliography
from journal.errors import NotFound, TooLarge, Unreadable
from tests.importers.bibliography.records import record


def of_json(value: Any) -> Bibliography:
    return read_text(json.dumps(value))


CSL = {
    "id": "brown2014",
    "type": "article-journal",
    "title": 'Codes in <i>Library Quarterly</i>, <span class="nocase">MIT</span>',
    "author": [{"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"}, {"literal": "Google Brain"}],
    "container-title": "Sex Roles",
    "volume": 71,
    "issue": "3",
    "page": "171–181",
    "DOI": "10/f6h4b4",
    "URL": "https://doi.org/10.1007/s11199-014-0385-5",
    "issued": {"date-parts": [["2014", 12, 31]]},
    "GSCC": "0021819",
}


def test_a_csl_item_becomes_a_paper():
    one = record(json.dumps([CSL]))
    assert one.draft.title == "Codes in Library Quarterly, MIT"
    assert one.csl["title"] == "Codes in <i>Library Quarterly</i>, MIT"
    assert one.draft.authors == ("Vincent van Gogh", "Google Brain")
    assert one.draft.identifiers == (("doi", "10.1007/s11199-014-0385-5"),)
    assert one.draft.published_at == datetime(2014, 12, 31, tzinfo=UTC)
    assert one.draft.journal_ref == "Sex Roles 71(3), 171–181 (2014)"
    assert (one.csl["volume"], one.csl["custom"]) == ("71", {"gscc": "0021819"})


def test_an_abstract_loses_its_markup_and_no_mathematics():
    abstract = "<jats:p>For p &lt; 0.05, $a<b$.</jats:p>"
    assert of_json([{"id": "a", "type": "book", "title": "T", "abstract": abstract}]).records[0].draft.abstract == (
        "For p < 0.05, $a<b$."
    )


def test_a_work_that_no_id_doi_or_address_identifies_comes_in_by_its_name():
    item = {"id": "k", "type": "book", "title": "The TeXbook", "author": [{"family": "Knuth", "given": "D. E."}],
            "issued": {"date-parts": [[1984]]}}  # fmt: skip
    draft = of_json([item]).records[0].draft
    assert draft.identifiers == (("work", "knuth 1984 the texbook"),)
    assert draft.url is None
    assert draft.published_at == datetime(1984, 1, 1, tzinfo=UTC)


def test_a_work_without_a_title_comes_in_and_says_so():
    draft = of_json([{"id": "k", "type": "book", "author": [{"family": "Plato"}]}]).records[0].draft
    assert (draft.title, draft.identifiers) == ("[no title]", (("work", "plato"),))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("javascript:alert(1)", "its address is a 'javascript:' address."),
        ("file:///etc/passwd", "its address is a 'file:' address."),
        ("somewhere", "its address is no web address."),
    ],
)
def test_an_address_that_acts_is_left_out_and_said(address: str, reason: str):
    one = of_json([{"id": "k", "type": "webpage", "title": "T", "URL": address}]).records[0]
    assert one.left_out == (reason,)
    assert (one.draft.url, "URL" in one.csl) == (None, False)


def test_what_is_too_long_is_cut_and_said():
    one = of_json([{"id": "k", "type": "book", "title": "word " * 1000, "note": "x" * 200_000}]).records[0]
    assert len(one.draft.title) <= 1000
    assert len(one.csl["note"]) <= csl_items.LONGEST_TEXT
    assert one.left_out == ("its 'title' is cut after 1,000 characters.", "its 'note' is cut after 100,000 characters.")


def test_a_date_before_christ_stays_as_written():
    item = {"id": "k", "type": "book", "title": "T", "issued": {"date-parts": [[-333]]}}
    assert of_json([item]).records[0].csl["issued"] == {"literal": "-333"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (7, "record 2: not a JSON object"),
        ({"id": "x", "type": "book"}, "record 2 (x): not a publication"),
        ({"id": "x", "volume": "7"}, "record 2 (x): no title, no author, and no arXiv id, DOI or web address"),
        ({"itemType": "attachment", "title": "PDF"}, "record 2: an attachment, not a publication"),
    ],
)
def test_a_record_that_is_none_is_refused_by_its_position(bad: Any, reason: str):
    found = of_json([CSL, bad, {**CSL, "id": "third"}])
    assert found.refused == (reason,)
    assert [one.key for one in found.records] == ["brown2014", "third"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{", "is damaged JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1}', "no list of publications"),
        ("", "is empty"),
        ("just words", "holds neither BibTeX nor JSON"),
    ],
)
def test_a_text_that_is_no_bibliography_gets_one_sentence(text: str, message: str):
    with pytest.raises(Unreadable, match=message) as raised:
        read_text(text)
    assert str(raised.value).count(".") == 1


def test_an_endless_number_is_a_text():
    found = read_text('[{"id": "a", "type": "book", "title": "T", "volume": ' + "9" * 5000 + "}]")
    assert found.records[0].csl["volume"] == "9" * 5000


@pytest.mark.parametrize("value", [True, ["x"], {"a": {"b": 1}}, [[[]]]])
@pytest.mark.parametrize("variable", ["title", "author", "issued", "DOI", "custom", "odd", "keyword", "type", "id"])
def test_values_of_the_wrong_kind_break_nothing(variable: str, value: Any):
    found = of_json([{"id": "k", "type": "book", "title": "T", "author": [{"family": "A"}], variable: value}])
    assert len(found.records) == 1


ZOTERO: dict[str, Any] = {
    "config": {"label": "BetterBibTeX JSON"},
    "collections": {
        "C1": {"key": "C1", "name": "thesis", "parent": "", "items": [2]},
        "C2": {"key": "C2", "name": "chapter 1/2", "parent": "C1", "items": [1]},
        "C3": {"key": "C3", "name": "round", "parent": "C3", "items": [1]},
    },
    "items": [
        {
            "itemID": 1,
            "itemType": "conferencePaper",
            "title": "A normalized network",
            "creators": [
                {"creatorType": "author", "firstName": "William", "lastName": "Le"},
                {"creatorType": "editor", "name": "The Editors"},
            ],
            "date": "2020-05-28",
            "extra": ["arXiv:2005.14017 [cs.CV]", "PMID: 123", "tex.weird: Blam", "Citation Key: x", "a remark"],
            "url": "http://arxiv.org/abs/2005.14017",
            "proceedingsTitle": "Proc. MIDL",
            "conferenceName": "MIDL",
            "tags": [{"tag": "deep learning", "type": 1}, {"tag": "GAN"}],
            "notes": ["<p>Read <b>twice</b></p>"],
            "attachments": [{"path": "storage/a.pdf", "title": "PDF"}],
            "citationKey": "le2020",
            "libraryCatalog": "arXiv.org",
            "dateAdded": "2022-01-01",
        }
    ],
}


def test_a_zotero_item_brings_its_collections_tags_notes_and_files():
    one = record(json.dumps(ZOTERO))
    assert one.key == "le2020"
    assert one.draft.identifiers == (("arxiv", "2005.14017"),)
    assert one.draft.categories == ("cs.CV",)
    assert one.collections == ("thesis/chapter 1-2", "round")
    assert one.tags == ("deep learning", "GAN")
    assert one.notes == ("Read twice",)
    assert one.files == ("storage/a.pdf",)
    assert one.csl["type"] == "paper-conference"
    assert one.csl["editor"] == [{"literal": "The Editors"}]
    assert one.csl["PMID"] == "123"
    assert one.csl["custom"] == {"weird": "Blam"}
    assert one.csl["note"] == "Citation Key: x\na remark"


def test_what_zoteros_own_interface_answers_is_read_too():
    data = {**ZOTERO["items"][0], "extra": "PMID: 7"}
    assert record(json.dumps([{"key": "ABC", "data": data}])).csl["PMID"] == "7"


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    "encoded",
    [
        "@misc{k, title = {Größe}, author = {Ö Ü}}".encode(),
        codecs.BOM_UTF8 + "@misc{k, title = {Größe}, author = {Ö Ü}}".encode(),
        "@misc{k, title = {Größe}, author = {Ö Ü}}".encode("latin-1"),
        "@misc{k, title = {Größe}, author = {Ö Ü}}".encode("utf-16"),
        "@misc{k, title = {Größe}, author = {Ö Ü}}".encode("utf-16-le"),
        "@misc{k, title = {Größe}, author = {Ö Ü}}".encode("utf-16-be"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_it_has(encoded: bytes, tmp_path: Path):
    file = tmp_path / "refs.bib"
    file.write_bytes(encoded)
    assert read_bibliography(file).records[0].draft.title == "Größe"


def test_a_file_says_itself_what_it_is(tmp_path: Path):
    file = tmp_path / "misnamed.bib"
    file.write_text(json.dumps([CSL]), encoding="utf-8")
    assert read_bibliography(file).records[0].key == "brown2014"


def test_a_file_that_is_not_there_or_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NotFound, match="There is no file"):
        read_bibliography(tmp_path / "none.bib")
    monkeypatch.setattr(read, "LARGEST_FILE", 10)
    file = tmp_path / "large.bib"
    file.write_text("@misc{k, title={T}}", encoding="utf-8")
    with pytest.raises(TooLarge, match="larger than"):
        read_bibliography(file)


# ---------------------------------------------------------------- papis


INFO = """\
author: Russell, Bertrand and others
author_list:
- {given: Bertrand, family: Russell}
doi: 10.2307/2021897
files: [logic-and-ontology.pdf]
journal: The Journal of Philosophy
month: '04'
notes: notes.md
ref: russell1957
tags: [logic, to read]
title: 'Logic & Ontology: 5% {not} \\TeX'
type: article
volume: '54'
year: 1957
custom-key: [1, two]
venue: {city: Oslo}
"""


def library(folder: Path, **documents: str) -> Path:
    for name, info in documents.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "info.yaml").write_text(info, encoding="utf-8")
    return folder


def test_a_papis_document_becomes_a_record(tmp_path: Path):
    library(tmp_path, a=INFO)
    (tmp_path / "a" / "notes.md").write_text("My\n\nthoughts\n", encoding="utf-8")
    (one,) = read_bibliography(tmp_path).records
    assert one.key == "russell1957"
    assert one.draft.title == "Logic & Ontology: 5% {not} \\TeX"
    assert one.draft.authors == ("Bertrand Russell",)
    assert one.draft.identifiers == (("doi", "10.2307/2021897"),)
    assert one.draft.published_at == datetime(1957, 4, 1, tzinfo=UTC)
    assert one.csl["container-title"] == "The Journal of Philosophy"
    assert one.csl["custom"] == {"custom-key": '["1", "two"]'}
    assert one.tags == ("logic", "to read")
    assert one.notes == ("My\nthoughts",)
    assert one.left_out == ("its 'venue' is no text.",)
    assert one.files == (str(tmp_path / "a" / "logic-and-ontology.pdf"),)


def test_an_older_papis_library_is_read_too(tmp_path: Path):
    info = "title: T\nauthor_list:\n- {given_name: B., surname: Russell}\ntags: logic, old\n"
    (one,) = read_bibliography(library(tmp_path, a=info)).records
    assert (one.draft.authors, one.tags) == (("B. Russell",), ("logic", "old"))


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ("title: [", "info.yaml is damaged"),
        ("- a list", "info.yaml holds no fields"),
        ("a: &x [1]\nb: [*x, *x]", "info.yaml has aliases"),
        ("year: '1957'", "no title, no author"),
        ("[" * 500_000, "info.yaml is nested too deeply"),
        ("- " * 500_000, "info.yaml is nested too deeply"),
        ("? " * 500_000, "info.yaml is nested too deeply"),
    ],
    ids=lambda text: text[:30],
)
def test_a_damaged_papis_document_is_refused_by_its_folder(tmp_path: Path, info: str, reason: str):
    found = read_bibliography(library(tmp_path, a_good=INFO, b_bad=info, c_good=INFO))
    assert len(found.records) == 2
    (refused,) = found.refused
    assert refused.startswith(f"b_bad: {reason}")


def test_a_note_outside_of_its_document_is_not_read(tmp_path: Path):
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    info = "title: T\nauthor: A B\nnotes: ../secret\n"
    (one,) = read_bibliography(library(tmp_path / "lib", a=info)).records
    assert one.notes == ()


def test_a_folder_without_documents_is_said(tmp_path: Path):
    with pytest.raises(Unreadable, match="without documents of papis"):
        read_bibliography(tmp_path)
    assert not papis.is_library(tmp_path)


def test_an_info_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(papis, "LARGEST_INFO", 10)
    assert read_bibliography(library(tmp_path, a=INFO)).refused == ("a: info.yaml is larger than 10 bytes",)
