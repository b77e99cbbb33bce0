"""Papers in from what people have, and out as a bibliography: nothing is lost, and a key that was told stays."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tui.commands.conftest import Run

ATTENTION = """\
@inproceedings{vaswani_attention,
  title = {Attention is all you need}, author = {Vaswani, Ashish and Shazeer, Noam}, year = 2017,
  booktitle = {NeurIPS}, volume = {30}, pages = {1--11}, eprint = {1706.03762}, archiveprefix = {arXiv},
  keywords = {Deep Learning, transformers}, annote = {Read section 3.2 again.}
}
"""
Home = Callable[[str], None]

pytestmark = pytest.mark.usefixtures("paths")


@pytest.fixture
def home_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Go on in another journal."""
    return lambda name: monkeypatch.setenv("LABJOURNAL_HOME", str(tmp_path / name))


def written(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def line(identity: str, title: str, **more: Any) -> str:
    return json.dumps({"id": identity, "title": title, **more}) + "\n"


# ---------------------------------------------------------------- in


def test_a_bibliography_brings_papers_with_their_keys_tags_and_notes(run: Run, tmp_path: Path):
    file = written(tmp_path / "refs.bib", ATTENTION)
    ran = run("paper", "import", file)
    assert (ran.code, ran.out) == (
        0,
        "1 paper new, 0 updated, 0 known already, 0 refused\n1 note written into the diary\n",
    )
    paper = run("show", "1706.03762", "--json").json
    assert (paper["state"], paper["tags"], paper["key"]) == (
        "none",
        ["deep-learning", "transformers"],
        "vaswani_attention",
    )
    assert [(link["relation"], link["title"]) for link in paper["links"]] == [("about", "Read section 3.2 again.")]
    assert run("paper", "import", file).out == "0 papers new, 0 updated, 1 known already, 0 refused\n"
    assert run("undo").out == "Undone: paper import refs.bib\n"
    assert run("search", "attention").code == 1


def test_a_paper_that_a_feed_brought_keeps_its_state_and_what_was_written_over_it(run: Run, tmp_path: Path):
    run("paper", "import", written(tmp_path / "p.jsonl", line("1706.03762", "Attention", categories=["cs.CL"])))
    run("triage", "p1", "keep")
    run("edit", "p1", "--title", "My own title")
    assert "1 updated" in run("paper", "import", written(tmp_path / "refs.bib", ATTENTION)).out
    paper = run("show", "vaswani_attention", "--json").json
    assert (paper["ref"], paper["state"], paper["title"], paper["categories"]) == (
        "p1",
        "kept",
        "My own title",
        ["cs.CL"],
    )
    assert paper["authors"] == ["Ashish Vaswani", "Noam Shazeer"]
    run("undo")
    paper = run("show", "p1", "--json").json
    assert (paper["title"], paper["authors"], paper["tags"], paper["key"]) == (
        "My own title",
        [],
        [],
        "vaswani_attention",
    )


def test_a_keyword_whose_tag_was_taken_away_does_not_come_back(run: Run, tmp_path: Path):
    file = written(tmp_path / "refs.bib", ATTENTION)
    run("paper", "import", file)
    run("tag", "p1", "+mine", "-transformers")
    assert "1 known already" in run("paper", "import", file).out
    assert run("show", "p1", "--json").json["tags"] == ["deep-learning", "mine"]
    assert "keywords = {Deep Learning, mine}" in run("paper", "cite", "p1", "--style", "bibtex").out


def test_a_record_of_the_same_type_fills_the_gaps_of_the_one_before(run: Run, tmp_path: Path):
    run("paper", "import", written(tmp_path / "a.bib", "@article{k, title={T}, doi={10.1000/x}, journal={J}}"))
    more = "@article{other, title={T}, doi={10.1000/x}, journal={Another}, volume={7}}"
    ran = run("paper", "import", written(tmp_path / "b.bib", more))
    assert ran.err == "p1 is cited by k, not by other\n"
    out = run("paper", "cite", "k", "--style", "bibtex").out
    assert "volume = {7}" in out
    assert "journal = {J}" in out
    run("undo")
    assert "volume" not in run("paper", "cite", "k", "--style", "bibtex").out


def test_two_papers_of_one_key_are_told_apart_and_it_is_said(run: Run, tmp_path: Path):
    entries = "".join(f"@book{{same, title={{Title {n}}}, author={{A B}}}}\n" for n in range(2))
    report = run("paper", "import", written(tmp_path / "a.bib", entries), "--json").json
    assert (report["new"], report["other_keys"]) == (2, [{"ref": "p2", "brought": "same", "key": "samea"}])


def test_zotero_and_papis_are_taken_as_they_are(run: Run, tmp_path: Path):
    zotero = {
        "config": {},
        "collections": {"C": {"key": "C", "name": "Thesis Chapter 2", "items": [1]}},
        "items": [
            {"itemID": 1, "itemType": "book", "title": "A book", "citationKey": "book", "notes": [{"note": "<p>Mine</p>"}]},
            {"itemType": "attachment", "title": "a.pdf"},
        ],
    }  # fmt: skip
    ran = run("paper", "import", written(tmp_path / "z.json", json.dumps(zotero)))
    assert (ran.code, ran.out.splitlines()[0]) == (1, "1 paper new, 0 updated, 0 known already, 1 refused")
    assert ran.err.startswith("refused: record 2: an attachment, not a publication\n")
    assert run("show", "book", "--json").json["tags"] == ["thesis-chapter-2"]
    folder = tmp_path / "library" / "one"
    folder.mkdir(parents=True)
    written(folder / "info.yaml", "title: Deep\nauthor: Roe, J.\nref: roe\ntags: [Nets]\nnotes: n.md\n")
    written(folder / "n.md", "# First\nsecond line")
    ran = run("paper", "import", str(tmp_path / "library"))
    assert ran.out == "1 paper new, 0 updated, 0 known already, 0 refused\n1 note written into the diary\n"
    (note,) = run("show", "roe", "--json").json["links"]
    assert note["title"] == "First"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("z.rdf", b'<?xml version="1.0"?>\n<rdf:RDF xmlns="x">', "is RDF"),
        ("z.ris", b"TY  - JOUR\nTI  - x\nER  - \n", "is RIS"),
        ("zotero.sqlite", b"SQLite format 3\0", "is a database"),
        ("a.pdf", b"%PDF-1.5", "is a PDF"),
    ],
)
def test_what_is_not_read_says_which_export_to_choose(run: Run, tmp_path: Path, name: str, content: bytes, said: str):
    ran = run("paper", "import", written(tmp_path / name, content))
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "Better BibTeX JSON" in ran.err


def test_a_list_of_feeds_is_no_bibliography_and_says_so(run: Run, tmp_path: Path):
    ran = run("paper", "import", written(tmp_path / "f.opml", "<?xml version='1.0'?><opml></opml>"))
    assert ran.code == 1
    assert "journal feed import" in ran.err


# ---------------------------------------------------------------- keys


@pytest.fixture
def one_paper(run: Run, tmp_path: Path) -> str:
    return written(
        tmp_path / "p.jsonl",
        line("1706.03762v1", "Attention is all you need", authors=["Ashish Vaswani"], date="2017-06-12"),
    )


def key_of(run: Run, ref: str) -> str:
    return run("paper", "cite", ref, "--style", "key").out.strip()


def test_a_key_is_made_once_and_leads_to_its_paper(run: Run, tmp_path: Path, one_paper: str):
    run("paper", "import", one_paper)
    assert run("show", "p1", "--json").json["key"] is None
    assert key_of(run, "p1") == "vaswani2017attention"
    newer = line("1706.03762v2", "All you need", authors=["Ashish Vaswani", "Another"], date="2018-01-01")
    run("paper", "import", written(tmp_path / "v2.jsonl", newer))
    assert run("show", "p1", "--json").json["title"] == "All you need"
    assert key_of(run, "p1") == "vaswani2017attention"
    assert run("show", "Vaswani2017Attention", "--json").json["ref"] == "p1"
    run("log", "tried it", "--paper", "vaswani2017attention")
    assert run("show", "e1", "--json").json["links"][0]["ref"] == "p1"
    assert run("search", "vaswani2017attention", "--json").json[0]["ref"] == "p1"
    assert run("show", "vaswani2018nothing").code == 2


def test_undo_never_takes_back_a_key_that_was_told(run: Run, tmp_path: Path, one_paper: str):
    run("paper", "import", one_paper)
    key = key_of(run, "p1")
    assert run("undo").out.startswith("Undone: paper import")
    other = line("1801.00001", "Attention again", authors=["Bo Vaswani"], date="2017-06-12")
    run("paper", "import", written(tmp_path / "o.jsonl", other))
    assert key_of(run, "1801.00001") == f"{key}a"
    run("paper", "import", one_paper)
    assert key_of(run, "p1") == key


def test_a_deleted_paper_keeps_its_key(run: Run, tmp_path: Path, one_paper: str):
    run("paper", "import", one_paper)
    key = key_of(run, "p1")
    run("rm", "p1")
    gone = run("paper", "cite", key)
    assert (gone.code, gone.out) == (1, "")
    assert "p1 was deleted" in gone.err
    taken = f"@book{{{key.upper()}, title={{T}}, author={{A B}}}}"
    run("paper", "import", written(tmp_path / "t.bib", taken))
    assert run("show", "p2", "--json").json["key"] == f"{key.upper()}a"
    run("undo")
    run("undo")
    assert key_of(run, "p1") == key


def test_the_keys_of_two_papers_that_are_one_both_lead_to_it(run: Run, tmp_path: Path):
    two = "@article{one, title={T}, doi={10.1000/x}}\n@misc{two, title={T}, url={https://a.example/t}}\n"
    run("paper", "import", written(tmp_path / "two.bib", two))
    both = {"title": "T", "doi": "10.1000/x", "url": "https://a.example/t"}
    run("paper", "import", written(tmp_path / "both.jsonl", json.dumps(both)))
    assert [run("show", key, "--json").json["ref"] for key in ("one", "two", "p1")] == ["p1"] * 3
    assert run("paper", "cite", "one", "two", "p2", "--style", "key").out == "one\n"
    assert run("paper", "export", "--format", "key").out == "one\n"
    run("undo")
    assert [run("show", key, "--json").json["ref"] for key in ("one", "two")] == ["p1", "p2"]


def test_a_paper_takes_over_the_key_of_one_that_becomes_part_of_it(run: Run, tmp_path: Path):
    run("paper", "import", written(tmp_path / "a.jsonl", json.dumps({"title": "T", "doi": "10.1000/x"})))
    run(
        "paper", "import", written(tmp_path / "b.bib", "@misc{brought, title={T}, url={https://a.example/t}, note={N}}")
    )
    both = {"title": "T", "doi": "10.1000/x", "url": "https://a.example/t"}
    run("paper", "import", written(tmp_path / "both.jsonl", json.dumps(both)))
    assert "note = {N}" in run("paper", "cite", "p1", "--style", "bibtex").out
    assert key_of(run, "p1") == "brought"
    run("undo")
    assert run("show", "brought", "--json").json["ref"] == "p2"


# ---------------------------------------------------------------- out


def test_a_paper_is_cited_in_every_form(run: Run, tmp_path: Path, one_paper: str):
    run("paper", "import", one_paper)
    assert run("paper", "cite", "p1").out == (
        "Vaswani, A. (2017). Attention is all you need. arXiv:1706.03762. https://arxiv.org/abs/1706.03762\n"
    )
    assert run("paper", "cite", "p1", "-s", "markdown").out.startswith("[Vaswani (2017), Attention is all you need](")
    assert run("paper", "cite", "p1", "-s", "bibtex").out.startswith("@misc{vaswani2017attention,\n")
    assert json.loads(run("paper", "cite", "p1", "-s", "csl").out)[0]["id"] == "vaswani2017attention"
    assert run("paper", "cite", "p1", "-s", "key", "--json").json == [
        {"ref": "p1", "kind": "paper", "title": "Attention is all you need", "key": "vaswani2017attention",
         "style": "key", "text": "vaswani2017attention"},
    ]  # fmt: skip


def test_a_paper_of_which_only_the_name_is_known_gets_no_key(run: Run, one_paper: str):
    run("log", "x", "--paper", "2401.00001")
    run("paper", "import", one_paper)
    ran = run("paper", "cite", "p1", "p2", "--style", "key")
    assert (ran.code, ran.out) == (1, "vaswani2017attention\n")
    assert "Of p1 only the identifier is known" in ran.err
    assert run("show", "p1", "--json").json["key"] is None


def test_an_export_takes_what_was_chosen_or_came_with_a_key(run: Run, tmp_path: Path):
    lines = [line(f"2601.0000{n}", f"Paper {n}", authors=["Jane Roe"], date="2026-01-01") for n in range(1, 6)]
    run("paper", "import", written(tmp_path / "p.jsonl", "".join(lines)))
    run("paper", "import", written(tmp_path / "refs.bib", ATTENTION))
    run("triage", "p1", "keep")
    run("triage", "p2", "queue")
    run("triage", "p3", "skip")
    run("tag", "p4", "+mine")

    def exported(*words: str) -> list[str]:
        return [item["title"] for item in run("paper", "export", "--json", *words).json]

    assert sorted(exported()) == ["Attention is all you need", "Paper 1", "Paper 2"]
    assert exported("--state", "kept") == ["Paper 1"]
    assert exported("--tag", "mine") == ["Paper 4"]
    assert exported("--search", "attention") == ["Attention is all you need"]
    assert exported("--search", "paper", "--state", "skipped") == ["Paper 3"]
    assert exported("p5", "2601.00001") == ["Paper 1", "Paper 5"]
    nothing = run("paper", "export", "--tag", "none", "--json")
    assert (nothing.code, nothing.json) == (1, [])
    assert run("paper", "export", "p1", "--state", "kept").code == 2


def test_an_export_never_writes_over_a_file_unasked(run: Run, tmp_path: Path, one_paper: str):
    run("paper", "import", one_paper)
    mine = tmp_path / "mine.bib"
    written(mine, "% mine\n")
    ran = run("paper", "export", str(mine), "p1")
    assert ran.code == 2
    assert "--force" in ran.err
    assert mine.read_text() == "% mine\n"
    assert run("paper", "export", str(mine), "p1", "--force").code == 0
    assert mine.read_text().startswith("@misc{vaswani2017attention,")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
    ran = run("paper", "export", str(tmp_path / "none" / "a.bib"), "p1")
    assert ran.code == 1
    assert "cannot be written" in ran.err


@pytest.mark.parametrize("ending", ["bib", "json"])
def test_real_bibliographies_come_out_as_they_went_in(
    run: Run, tmp_path: Path, shared_data: Path, home_named: Home, ending: str
):
    """In, out, into an empty journal, and out again: the same bytes."""
    home_named("one")
    for file in sorted((shared_data / "bibliography").iterdir()):
        ran = run("paper", "import", str(file), "--json")
        assert (ran.code, ran.json["refused"]) == (0, []), file
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    assert run("paper", "export", str(first)).code == 0
    home_named("two")
    report = run("paper", "import", str(first), "--json").json
    assert report["new"] > 200
    assert (report["refused"], report["left_out"], report["other_keys"]) == ([], [], [])
    assert run("paper", "export", str(second)).code == 0
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", ["bib", "json"])
def test_real_papers_of_arxiv_come_out_as_they_went_in(
    run: Run, tmp_path: Path, shared_data: Path, home_named: Home, ending: str
):
    r"""Where BibTeX is read, `$\times$` becomes the letter; from then on nothing changes."""
    with gzip.open(shared_data / "papers" / "papers_60k.jsonl.gz") as lines:
        some = b"".join(text for number, text in enumerate(lines) if number % 60 == 0)
    home_named("one")
    run("paper", "import", written(tmp_path / "p.jsonl", some))
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    assert run("paper", "export", str(first), "--state", "none").code == 0
    home_named("two")
    report = run("paper", "import", str(first), "--json").json
    assert (report["new"], report["refused"], report["other_keys"]) == (1000, [], [])
    assert run("paper", "export", str(second)).code == 0
    if ending == "bib":
        home_named("three")
        first = second.rename(tmp_path / "again.bib")
        run("paper", "import", str(first))
        run("paper", "export", str(second))
    assert first.read_bytes() == second.read_bytes()
