"""Files that would crash, hang, fill the memory or repaint the terminal: each gets a sentence, or is read safely."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importers import given_files, jsonl
from importers.bibliography import read as bibliography
from journal.paths import Paths, at_home
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")

MEGABYTE = 1024 * 1024
MOST_MEMORY = 1024 * MEGABYTE
"""Bytes of address space in which any import ends with a sentence; the interpreter with its libraries takes a third."""

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><opml><body><outline text="&j;" xmlUrl="https://a.example/"/></body></opml>'
)
EXTERNAL = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def written(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return str(file)


def assert_refused(run: Run, command: str, file: str, code: int = 1) -> str:
    ran = run(command, "import", file)
    assert ran.code == code
    assert "should not have" not in ran.err, ran.err
    assert not ACTING.search(ran.out + ran.err)
    assert ran.err.strip()
    return ran.err


# ---------------------------------------------------------------- what is no file


@pytest.mark.parametrize("command", ["paper", "feed"])
def test_what_never_ends_is_refused(run: Run, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(given_files, "PATIENCE_S", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "Nobody writes into" in assert_refused(run, command, str(pipe))
    assert "is no file" in assert_refused(run, command, "/dev/zero")
    assert "There is no file" in assert_refused(run, command, str(tmp_path / "none\x1b[31m"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in assert_refused(run, command, str(tmp_path / "loop"))
    assert_refused(run, command, str(tmp_path))
    assert "is empty" in assert_refused(run, command, written(tmp_path / "empty", ""))
    assert "is empty" in assert_refused(run, command, written(tmp_path / "blank", " \n\r\n"))


def test_a_papis_library_with_a_pipe_and_a_device_in_it_is_read_all_the_same(run: Run, tmp_path: Path):
    for name in ("pipe", "device", "good"):
        (tmp_path / "library" / name).mkdir(parents=True)
    os.mkfifo(tmp_path / "library" / "pipe" / "info.yaml")
    (tmp_path / "library" / "device" / "info.yaml").symlink_to("/dev/zero")
    written(tmp_path / "library" / "good" / "info.yaml", "title: Good\nauthor: Roe, J.\nnotes: n.md")
    os.mkfifo(tmp_path / "library" / "good" / "n.md")
    ran = run("paper", "import", str(tmp_path / "library"))
    assert (ran.code, ran.out) == (1, "1 paper new, 0 updated, 0 known already, 2 refused\n")
    assert ran.err.count("info.yaml is no file") == 2


def test_a_pipe_that_somebody_writes_into_is_read(run: Run, tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("@book{k, title={T}, author={A B}}",))
    writer.start()
    assert run("paper", "import", str(pipe)).out.startswith("1 paper new")
    writer.join()


# ---------------------------------------------------------------- what swells


def limited(paths: Paths, *words: str) -> subprocess.CompletedProcess[str]:
    """`journal WORDS` in a process that may not take more memory than is promised."""
    script = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({MOST_MEMORY}, {MOST_MEMORY})); "
        f"sys.argv = {['journal', *words]!r}; from tui.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LABJOURNAL_HOME": str(paths.data), "OMP_NUM_THREADS": "1"},
    )


def large(start: bytes, piece: bytes, size: int = bibliography.LARGEST_FILE) -> bytes:
    return start + piece * ((size - len(start) - 1) // len(piece))


# By their names alone: pytest hands the parameters of a test on in its environment.
LARGE = {
    "long.bib": (lambda: large(b"@a{b, title = {", b"x", 100 * MEGABYTE), "larger than 32 MiB"),
    "long.json": (lambda: large(b'[{"title": "', b"x", 100 * MEGABYTE), "larger than 32 MiB"),
    "long.jsonl": (lambda: large(b'{"title": "', b"x", 100 * MEGABYTE), "longer than 4,194,304 bytes"),
    "junk.jsonl": (lambda: large(b"{}\n", b"y\n", 100 * MEGABYTE), "10,001 records"),
    "zeros": (lambda: bytes(100 * MEGABYTE), "given up here"),
    "wide.bib": (lambda: large("@a{b, title = {\U0001f600".encode(), b"x"), "is not closed"),
    "lists.json": (lambda: large(b"[", b"[],"), "more than 2,000,000 lists"),
    "texts.json": (lambda: large(b'["', b'a","'), "6,000,000 commas"),
    "deep.json": (lambda: large(b"[", b"[", MEGABYTE), "nested too deeply"),
    "signs.bib": (lambda: large(b"@", b"@a{"), "more than 200,000 entries"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_file_stays_within_its_bound_and_is_said_to_be_too_large(paths: Paths, tmp_path: Path, name: str):
    content, said = LARGE[name]
    done = limited(paths, "paper", "import", written(tmp_path / name, content()))
    assert said in done.stderr
    assert done.returncode == 1
    assert "MemoryError" not in done.stderr
    if name in {"long.bib", "zeros"}:
        fed = limited(paths, "feed", "import", str(tmp_path / name))
        assert fed.returncode == 1
        assert "larger than 16 MiB" in fed.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
@pytest.mark.parametrize("command", ["paper", "feed"])
def test_a_small_file_that_unpacks_to_a_large_one_stays_within_the_bound(paths: Paths, tmp_path: Path, command: str):
    for name, start in (("zeros.gz", b""), ("bib.gz", b"@book{k, title = {"), ("opml.gz", b"<opml><body>")):
        packed = tmp_path / name
        with gzip.open(packed, "wb", compresslevel=1) as file:
            file.write(start)
            for _ in range(100):
                file.write(bytes(MEGABYTE))
        assert packed.stat().st_size < MEGABYTE
        done = limited(paths, command, "import", str(packed))
        assert done.returncode == 1
        assert done.stderr.startswith(("journal: ", "refused: "))
        assert "MemoryError" not in done.stderr


def test_a_line_of_papers_after_much_damage_is_still_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonl, "MOST_REFUSED", 5)
    good = json.dumps({"id": "2601.00001", "title": "T"})
    ran = run("paper", "import", written(tmp_path / "a.jsonl", "{x}\n" * 4 + good + "\n{x}\n" + good))
    assert ran.out == "1 paper new, 0 updated, 0 known already, 6 refused\n"
    assert "given up here" not in ran.err, "only the first five are shown"
    assert "given up here" in run("paper", "import", str(tmp_path / "a.jsonl"), "--json").json["refused"][-1]


# ---------------------------------------------------------------- what acts


@pytest.mark.parametrize("document", [BOMB, EXTERNAL], ids=["bomb", "external"])
def test_entities_are_refused_before_they_are_read(run: Run, tmp_path: Path, document: str):
    assert "document type" in assert_refused(run, "feed", written(tmp_path / "a.opml", document))
    assert_refused(run, "paper", written(tmp_path / "b.xml", document))
    assert run("feed", "list").code == 1


def test_a_deep_list_of_feeds_is_refused(run: Run, tmp_path: Path):
    deep = "<opml><body>" + '<outline text="a">' * 100_000
    assert "more than 100 folders" in assert_refused(run, "feed", written(tmp_path / "a.opml", deep))


HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp\u2066\u200b\x00[bold]markup[/bold]\r\n"


def test_nothing_of_a_hostile_record_reaches_the_terminal_raw(run: Run, tmp_path: Path):
    names = ("title", "author", "journal", "note", "abstract", "keywords", "annote", "odd", "publisher", "year")
    body = ", ".join(f"{name} = {{x{HOSTILE}y}}" for name in names)
    entry = f"@article{{key{HOSTILE}, {body}, url = {{javascript:alert(1)}}}}\n"
    item: dict[str, object] = dict.fromkeys(
        ("title", "abstract", "note", "keyword", "id", "odd", "URL", "publisher"), f"x{HOSTILE}y"
    )
    item |= {"type": HOSTILE, "author": [{"family": HOSTILE, "given": HOSTILE}], "custom": {HOSTILE: HOSTILE}}
    line = json.dumps({"id": "2601.00001", "title": f"a{HOSTILE}", "authors": [HOSTILE], "comment": HOSTILE})
    for name, content in (("a.bib", entry), ("b.json", json.dumps([item])), ("c.jsonl", line + "\n{}\n")):
        ran = run("paper", "import", written(tmp_path / name, content))
        assert not ACTING.search(ran.out + ran.err)
        assert "should not have" not in ran.err
    refs = [row["ref"] for row in run("paper", "list", "--json").json]
    assert len(refs) == 3
    said = [run("paper", "cite", *refs, "--style", style) for style in ("text", "bibtex", "csl", "key", "markdown")]
    said += [
        run("paper", "export"),
        run("paper", "export", "--json"),
        *(run("show", ref) for ref in refs),
        run("entries"),
    ]
    said += [run("undo") for _ in range(3)]
    for ran in said:
        assert not ACTING.search(ran.out + ran.err), ran.out
    assert "javascript:" not in "".join(ran.out for ran in said)


def test_the_address_that_was_left_out_is_said(run: Run, tmp_path: Path):
    entry = "@misc{k, title = {T}, author = {A B}, url = {javascript:alert(1)}}"
    ran = run("paper", "import", written(tmp_path / "a.bib", entry))
    assert (ran.code, ran.err) == (0, "k: left out: its address is a 'javascript:' address.\n")


@pytest.mark.parametrize(
    "encoded",
    [
        "@book{k, title = {Größe}, author = {Müller, Jörg}}".encode(name)
        for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1")
    ],
    ids=["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"],
)
def test_a_bibliography_is_read_in_the_encoding_that_it_has(run: Run, tmp_path: Path, encoded: bytes):
    assert run("paper", "import", written(tmp_path / "a.bib", encoded)).code == 0
    paper = run("show", "k", "--json").json
    assert (paper["title"], paper["authors"]) == ("Größe", ["Jörg Müller"])


def test_a_file_cut_short_gives_what_is_whole(run: Run, tmp_path: Path):
    entries = "".join(f"@book{{k{n}, title = {{T {n}}}, author = {{A B}}}}\n" for n in range(10))
    ran = run("paper", "import", written(tmp_path / "a.bib", entries[:-20]))
    assert (ran.code, ran.out) == (1, "9 papers new, 0 updated, 0 known already, 1 refused\n")
    assert "k9" in ran.err
    assert "damaged JSON" in assert_refused(run, "paper", written(tmp_path / "b.json", '[{"title": "T"}, {"ti'))
    packed = gzip.compress(entries.encode())
    assert "damaged" in assert_refused(run, "paper", written(tmp_path / "c.bib.gz", packed[: len(packed) // 2]))


def test_keys_that_would_break_bibtex_are_made_fit_and_it_is_said(run: Run, tmp_path: Path):
    items = [
        {"id": identity, "type": "book", "title": f"Title {n}", "author": [{"family": "Roe"}], "issued": {"date-parts": [[2020]]}}
        for n, identity in enumerate(["a b, c", "{x}", "ok", "OK", "", "https://a.example/1", "\\input{x}", "p1", "last", "é" * 500])
    ]  # fmt: skip
    report = run("paper", "import", written(tmp_path / "a.json", json.dumps(items)), "--json").json
    keys = {one["key"] for one in run("paper", "list", "--json").json if "key" in one} | {
        item["id"] for item in run("paper", "export", "--json").json
    }
    assert keys == {"abc", "x", "ok", "OKa", "roe2020title", "roe2020titlea", "inputx", "p1", "last", "é" * 200}
    assert len(report["other_keys"]) == 6
    assert run("show", "last", "--json").json["title"] != "Title 8", "what is a name already stays that"
    back = run("paper", "export").out
    assert back.count("@book{") == 10


TEXT = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["{", "}", "\\", "$x$", "a, b; c", "<i>x</i>", "--", "%"]
)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"title": TEXT.filter(str.strip), "id": TEXT},
        optional={
            "type": st.sampled_from(["book", "article", "article-journal", "chapter", "webpage"]),
            "author": st.lists(st.fixed_dictionaries({"family": TEXT, "given": TEXT}), max_size=3),
            "issued": st.fixed_dictionaries({"date-parts": st.just([[2020, 5]])}),
            "keyword": TEXT, "abstract": TEXT, "note": TEXT, "container-title": TEXT, "volume": TEXT, "page": TEXT,
            "odd": TEXT, "DOI": st.sampled_from(["10.1000/x", "10.1000/Y", "no"]), "publisher": TEXT,
            "URL": st.sampled_from(["https://a.example/1", "https://arxiv.org/abs/1706.03762v2", "javascript:x"]),
        },
    ),
    max_size=5,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(items=RECORDS)
@example(
    items=[
        {"title": "0", "id": "", "DOI": "10.1000/x"},
        {"title": "0", "id": "", "type": "book", "DOI": "10.1000/x", "URL": "https://arxiv.org/abs/1706.03762v2"},
    ]
)
@pytest.mark.parametrize("ending", ["bib", "json"])
def test_whatever_came_in_goes_out_and_comes_back_as_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, empty_journal: Path, items: list[dict[str, object]], ending: str
):
    folder = tmp_path_factory.mktemp("any")
    first = exported(folder / "one", empty_journal, written(folder / "in.json", json.dumps(items)), ending)
    second = exported(folder / "two", empty_journal, written(folder / f"first.{ending}", first), ending)
    assert second == first


def exported(home: Path, empty_journal: Path, file: str, ending: str) -> str:
    """What an empty journal exports after it imported `file`."""
    from contextlib import closing
    from shutil import copyfile

    from importers.paper_files import import_papers
    from journal import db
    from journal.citing.bibtex import bibtex
    from journal.citing.paper import csl_json
    from journal.errors import Unreadable
    from journal.queries.citations import citable_papers, exported_ids

    home.mkdir()
    copyfile(empty_journal, home / "journal.db")
    paths = at_home(home)
    try:
        import_papers(paths, Path(file))
    except Unreadable as error:
        assert "empty" in str(error)  # noqa: PT017  an export of nothing
    with closing(db.connect(paths)) as connection:
        papers = [one.paper for one in citable_papers(connection, exported_ids(connection))]
    return bibtex(papers) if ending == "bib" else csl_json(papers)
