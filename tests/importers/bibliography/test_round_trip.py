"""What is exported is read back as the same record, in every form: nothing of a library is lost on its way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.bibliography.read import read_bibliography, read_text
from importers.bibliography.record import BibliographyRecord
from journal import csl
from journal.citing.bibtex import bibtex
from journal.citing.formats import FORMATS, cite
from journal.citing.paper import CitedPaper, csl_json
from tests.importers.bibliography.records import all_texts, cited

EXPORTS: dict[str, Callable[[CitedPaper], str]] = {
    "BibTeX": lambda paper: bibtex([paper]),
    "BibTeX in ASCII": lambda paper: bibtex([paper], ascii_only=True),
    "CSL-JSON": lambda paper: csl_json([paper]),
}
each_export = pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS.keys())


def assert_comes_back(one: BibliographyRecord, export: Callable[[CitedPaper], str], key: str) -> None:
    written = export(cited(one, key))
    back = read_text(written)
    assert back.refused == (), written
    (again,) = back.records
    assert again.left_out == (), written
    assert again.draft == one.draft, written
    assert again.csl == one.csl, written
    assert (again.key, again.tags) == (key, one.tags), written
    assert export(cited(again, key)) == written


@pytest.fixture(scope="module")
def shared_records(shared_data: Path) -> list[BibliographyRecord]:
    files = sorted((shared_data / "bibliography").iterdir())
    return [one for file in files for one in read_bibliography(file).records]


@each_export
def test_every_real_record_comes_back(shared_records: list[BibliographyRecord], export: Callable[[CitedPaper], str]):
    for position, one in enumerate(shared_records):
        assert_comes_back(one, export, f"key{position}")


def test_no_real_record_is_refused(shared_data: Path):
    """412 records of 150 files: also those without a title, and the 249 that no id, DOI or address identifies."""
    found = [read_bibliography(file) for file in sorted((shared_data / "bibliography").iterdir())]
    assert [one.refused for one in found if one.refused] == []
    drafts = [record.draft for one in found for record in one.records]
    assert len(drafts) > 400
    assert all(draft.identifiers for draft in drafts)
    assert {scheme for draft in drafts for scheme, _ in draft.identifiers} == {"arxiv", "doi", "url", "work"}


def test_a_record_reads_the_same_from_zotero_and_from_its_export(shared_data: Path):
    """Titles may differ in case, which Better BibTeX changes; who wrote it, and where it is found, may not."""
    compared = 0
    for file in sorted((shared_data / "bibliography").glob("*.json")):
        exported = file.with_suffix(".bibtex")
        if file.name.endswith(".csl.json") or not exported.exists():
            continue
        by_key = {one.key: one.draft for one in read_bibliography(exported).records}
        for one in read_bibliography(file).records:
            other = by_key.get(one.key)
            if other is None or not one.draft.arxiv_id or not other.arxiv_id:
                continue
            assert (one.draft.arxiv_id, one.draft.authors) == (other.arxiv_id, other.authors)
            compared += 1
    assert compared


# ---------------------------------------------------------------- made up

_ANY_TEXT = st.text(
    st.one_of(
        st.sampled_from("aAbB zZ-'’.,:;\"`&%$#_{}~^\\<>/|@=!?–—“”[]()\n0123456789éßøłÅñçİı王дא"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)
_NAME = st.one_of(
    st.fixed_dictionaries({"family": _ANY_TEXT, "given": _ANY_TEXT}, optional={"suffix": _ANY_TEXT}),
    st.fixed_dictionaries({"literal": _ANY_TEXT}),
    st.fixed_dictionaries(
        {
            "family": st.sampled_from(["Gogh", "Alembert", "Ortega y Gasset", "and", "de la Cruz"]),
            "given": st.just("A. and B."),
        },
        optional={
            "non-dropping-particle": st.sampled_from(["van", "d'", "von der", "De"]),
            "dropping-particle": st.just("von"),
        },
    ),
)
_DATE = st.one_of(
    st.builds(
        lambda parts, circa: {"date-parts": parts, **({"circa": True} if circa else {})},
        st.lists(st.lists(st.integers(0, 2100), min_size=1, max_size=3), min_size=1, max_size=2),
        st.booleans(),
    ),
    st.builds(
        lambda year, season: {"date-parts": [[year]], "season": season}, st.integers(1, 2100), st.integers(0, 25)
    ),
    st.builds(lambda text: {"literal": text}, _ANY_TEXT),
)
_IDENTIFIED = {
    "DOI": st.sampled_from(["10.1000/A_b%c", "10/abc123", "10.48550/arXiv.1706.03762", "nonsense"]),
    "URL": st.sampled_from(["https://a.example/x_y%20z?a=1&b={c}", "https://doi.org/10.1000/x", "javascript:alert(1)",
                            "http://arxiv.org/abs/1706.03762v2", "www.a.example/~b#c"]),
    "number": st.sampled_from(["arXiv:1706.03762", "7", "arXiv:nothing"]),
    "container-title": st.one_of(_ANY_TEXT, st.sampled_from(["CoRR", "arXiv:1706.03762 [cs.LG]", "arXiv", "Nature"])),
    "volume": st.sampled_from(["abs/1706.03762", "12", "abs/x"]),
    "archive": st.sampled_from(["arXiv", "JSTOR", ""]),
    "archive_location": st.sampled_from(["1706.03762", "x_1"]),
    "publisher": st.sampled_from(["arXiv", "ACM & Co.", "https://a.example"]),
    "note": st.one_of(_ANY_TEXT, st.sampled_from(["arXiv: 1706.03762 [cs, eess]", "Comment: 9 pages", "https://a.example/n"])),
    "language": st.sampled_from(["english", "en-US", "fr"]),
}  # fmt: skip
_FREE_TEXTS = sorted(csl.TEXTS - _IDENTIFIED.keys() - {"PMID", "PMCID", "ISBN", "ISSN"})
ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(csl.TYPES)), "title": st.one_of(_ANY_TEXT, st.just("A <i>B</i><sup>2</sup> $x_1$ <b>"))},
    optional={
        **_IDENTIFIED,
        **{variable: _ANY_TEXT for variable in _FREE_TEXTS if variable != "title"},
        **{variable: st.lists(_NAME, max_size=3) for variable in ("author", "editor", "translator", "container-author", "guest")},
        **dict.fromkeys(sorted(csl.DATES), _DATE),
        "custom": st.dictionaries(st.sampled_from(["mrclass", "Journal", "entrytype", "primaryclass", "odd name"]), _ANY_TEXT),
        "unheard-of": st.one_of(_ANY_TEXT, st.lists(st.integers(), max_size=2)),
    },
)  # fmt: skip


def _record_of_json(item: dict[str, object]) -> BibliographyRecord | None:
    return next(iter(read_text(json.dumps([item])).records), None)


@each_export
@pytest.mark.parametrize(
    "changes",
    [
        {"note": "first\n@{second}"},
        {"author": [{"family": "Gogh", "given": "<sup>Vincent</sup>"}, {"literal": "A and B"}, {"literal": "others"}]},
        {"odd": "<b>", "custom": {"title": "x", "entrytype": "mvlexicon"}},
        {"publisher": "https://a.example/x"},
        {"archive": "JSTOR", "archive_location": "7", "URL": "https://arxiv.org/abs/1706.03762"},
        {"keyword": "a, {b; c}, d"},
        {"author": [{"family": "Bell", "given": "\\'Eva"}, {"family": "\\x", "given": "A"}]},
    ],
)
def test_what_once_went_wrong_comes_back(changes: dict[str, object], export: Callable[[CitedPaper], str]):
    one = _record_of_json({"id": "k", "type": "article", "title": "T", **changes})
    assert one is not None
    assert_comes_back(one, export, "key")


@each_export
@given(item=ITEMS)
def test_any_record_comes_back(item: dict[str, object], export: Callable[[CitedPaper], str]):
    one = _record_of_json(item)
    if one is not None:
        assert_comes_back(one, export, "key")


@given(item=ITEMS)
def test_nothing_that_acts_survives_in_any_field_or_form(item: dict[str, object]):
    one = _record_of_json(item)
    if one is None:
        return
    forbidden = set("\x00\x07\x08\x1b\x7f\x9b\u202e\u2066\u200b\ufeff")
    for text in [*all_texts(one), *(cite(cited(one), style) for style in FORMATS)]:
        assert not forbidden & set(text)
        text.encode()
    assert one.draft.url is None or one.draft.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "hostile", ["\x1b[31mred\x1b[0m", "\u202egnp.exe", "a\x00b\x9b2J", "\ud800half", "\ufeffmark\u200b"]
)
@pytest.mark.parametrize("form", ["bibtex", "json"])
def test_escape_sequences_and_direction_marks_are_gone_from_every_field(hostile: str, form: str):
    fields = [
        "title",
        "author",
        "journal",
        "volume",
        "note",
        "abstract",
        "keywords",
        "url",
        "doi",
        "year",
        "odd",
        "file",
    ]
    if form == "bibtex":
        body = ",\n".join(f"{name} = {{x{hostile}y}}" for name in fields)
        found = read_text(f"@article{{k{hostile},\n{body}\n}}")
    else:
        item = dict.fromkeys((*csl.TEXTS, "id", "odd"), f"x{hostile}y")
        people = [{"family": f"x{hostile}y", "given": f"x{hostile}y"}]
        found = read_text(
            json.dumps([{**item, **dict.fromkeys(csl.NAMES, people), "custom": {f"a{hostile}": hostile}}])
        )
    acting = set("\x1b\u202e\x00\x9b\ud800\ufeff\u200b")
    (one,) = found.records
    for text in all_texts(one):
        assert not acting & set(text)
