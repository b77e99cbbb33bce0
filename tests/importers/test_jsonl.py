"""A file of papers is read line by line: what is damaged is named by its line, and the rest still comes."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import jsonl
from importers.jsonl import draft_of, read_papers
from journal.errors import NotFound, SourceError
from journal.types import PaperDraft

RECORD = {
    "id": "2601.15124v2",
    "title": "A title",
    "abstract": "An  abstract.",
    "authors": ["Ada Ampere", "B\\'ela Berg"],
    "categories": ["cs.LG", "stat.ML"],
    "announced": "2026-01-22",
    "month": "2026-01",
    "date": "2026-01-21",
    "comment": "9 pages",
    "url": "https://arxiv.org/abs/2601.15124",
    "code_url": "https://github.com/example/code",
}


def line(**changes: Any) -> bytes:
    return json.dumps({**RECORD, **changes}).encode() + b"\n"


def read(tmp_path: Path, content: bytes) -> list[tuple[int, PaperDraft | str]]:
    file = tmp_path / "papers.jsonl"
    file.write_bytes(content)
    return list(read_papers(file))


def test_a_record_becomes_a_paper():
    assert draft_of(RECORD) == PaperDraft(
        title="A title",
        abstract="An abstract.",
        authors=("Ada Ampere", "Béla Berg"),
        arxiv_id="2601.15124",
        version=2,
        categories=("cs.LG", "stat.ML"),
        published_at=datetime(2026, 1, 21, tzinfo=UTC),
        announced_on=date(2026, 1, 22),
        comment="9 pages",
        code_url="https://github.com/example/code",
    )


def test_the_category_of_the_listing_stands_in_for_the_categories():
    assert draft_of({"id": "2601.15124", "title": "T", "listed_under": "cs.AI"}).categories == ("cs.AI",)


@pytest.mark.parametrize(
    ("record", "identifiers"),
    [
        ({"url": "https://arxiv.org/abs/2601.15124v1"}, (("arxiv", "2601.15124"),)),
        ({"doi": "10.48550/arXiv.2601.15124"}, (("arxiv", "2601.15124"),)),
        ({"doi": "https://doi.org/10.1000/X"}, (("doi", "10.1000/x"),)),
        ({"url": "https://Blog.example/post/?utm_source=x"}, (("url", "https://blog.example/post"),)),
        ({"id": "post 7", "url": "https://blog.example/post"}, (("url", "https://blog.example/post"),)),
    ],
)
def test_a_record_may_be_known_by_id_doi_or_address(record: dict[str, str], identifiers: tuple[tuple[str, str], ...]):
    assert draft_of({"title": "T", **record}).identifiers == identifiers


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{not json}\n", "line 2: not JSON"),
        (b"\xff\xfe{}\n", "line 2: not"),
        (line(title="caf\xe9").decode().encode("latin-1").replace(b"\\u00e9", b"\xe9"), "line 2: not UTF-8"),
        (b"[1, 2]\n", "line 2: not a JSON object"),
        (b"[" * 100_000 + b"\n", "line 2: n"),
        (line(title=""), "line 2: no title"),
        (line(title=7), "line 2: 'title' is not a text"),
        (line(authors="Ada"), "line 2: 'authors' is not a list of texts"),
        (line(id="x", url="javascript:alert(1)"), "line 2: no arXiv id, DOI or web address"),
        (b'{"id": ' + b"9" * 5000 + b"}\n", "line 2: a number of more than 4,300 digits"),
    ],
)
def test_a_damaged_line_is_refused_by_its_number_and_the_rest_is_read(tmp_path: Path, content: bytes, reason: str):
    records = read(tmp_path, line() + content + line(id="2601.00003"))
    assert [number for number, _ in records] == [1, 2, 3]
    refused = records[1][1]
    assert isinstance(refused, str)
    assert refused.startswith(reason)
    assert isinstance(records[2][1], PaperDraft)


def test_empty_lines_count_and_are_passed_over(tmp_path: Path):
    assert [number for number, _ in read(tmp_path, b"\n" + line() + b" \r\n" + line().rstrip())] == [2, 4]


def test_a_byte_order_mark_is_no_damage(tmp_path: Path):
    assert isinstance(read(tmp_path, b"\xef\xbb\xbf" + line())[0][1], PaperDraft)


def test_a_line_without_end_is_refused_and_never_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 1000)
    records = read(tmp_path, line() + b'{"title": "' + b"x" * 10_500 + b'"}\n' + line())
    assert [type(record) for _, record in records] == [PaperDraft, str, PaperDraft]
    assert records[1] == (2, "line 2: longer than 1,000 bytes")


def test_gzipped_files_read_the_same(tmp_path: Path):
    assert read(tmp_path, gzip.compress(line() + line())) == read(tmp_path, line() + line())


def many_lines(count: int) -> bytes:
    return b"".join(line(id=f"2601.{number:05d}", abstract=f"text {number * 7919}") for number in range(count))


def test_a_gzipped_file_cut_short_gives_what_is_there_and_says_so(tmp_path: Path):
    packed = gzip.compress(many_lines(3000))
    records = read(tmp_path, packed[: len(packed) // 2])
    assert sum(isinstance(record, PaperDraft) for _, record in records) > 500
    number, reason = records[-1]
    assert isinstance(reason, str)
    assert reason.startswith(f"line {number}: the compressed data is damaged from here on")


def test_a_gzipped_file_damaged_inside_says_where(tmp_path: Path):
    packed = bytearray(gzip.compress(many_lines(3000)))
    packed[len(packed) // 2 :] = bytes(len(packed) - len(packed) // 2)
    last = read(tmp_path, bytes(packed))[-1][1]
    assert isinstance(last, str)
    assert "damaged from here on" in last


def test_progress_reaches_the_size_of_the_file(tmp_path: Path):
    file = tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress(many_lines(2000)))
    told: list[int] = []
    assert len(list(read_papers(file, told.append))) == 2000
    assert sum(told) == file.stat().st_size


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("is_gzipped", [True, False])
def test_a_pipe_reads_the_same(tmp_path: Path, is_gzipped: bool, pieces: int):
    content = gzip.compress(many_lines(3000)) if is_gzipped else many_lines(3000)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb", buffering=0) as opened:
            opened.write(content[:pieces])
            time.sleep(0.05)  # so that the reader has to do with these alone
            opened.write(content[pieces:])

    writer = threading.Thread(target=write)
    writer.start()
    told: list[int] = []
    records = list(read_papers(pipe, told.append))
    writer.join()
    assert [type(record) for _, record in records] == [PaperDraft] * 3000
    assert sum(told) == len(content)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path):
    with pytest.raises(NotFound, match=r"There is no file .*nothing\.jsonl"):
        list(read_papers(tmp_path / "nothing.jsonl"))
    with pytest.raises(NotFound):
        list(read_papers(tmp_path))


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "papers.jsonl"
    file.write_bytes(line())

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        list(read_papers(file))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "soon", "2026-13-01"])
def test_a_date_that_cannot_be_meant_is_left_out(day: str):
    draft = draft_of({**RECORD, "date": day, "announced": day})
    assert (draft.published_at, draft.announced_on) == (None, None)


def test_text_in_records_is_plain():
    draft = draft_of({**RECORD, "title": "a\x1b[31m\ud800\u202eb", "code_url": "https://x.example/\x1b[31m\ud800"})
    assert draft.title == "a\ufffdb"
    assert draft.code_url is not None
    assert "\x1b" not in draft.code_url
    draft.code_url.encode()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*RECORD, "doi", "listed_under", "journal_ref"]), JSON), st.booleans())
def test_any_record_is_a_paper_or_refused_with_a_reason(record: dict[str, Any], is_complete: bool):
    try:
        draft = draft_of({**RECORD, **record} if is_complete else record)
    except ValueError as error:
        assert str(error)  # noqa: PT017  either is fine, as long as it is one of the two
        return
    assert draft.title
    assert draft.identifiers
    repr(draft).encode()


def test_the_real_records_are_all_read(shared_data: Path):
    file = shared_data / "papers" / "papers_60k.jsonl.gz"
    seen: set[str | None] = set()
    for number, record in read_papers(file):
        assert isinstance(record, PaperDraft), record
        assert record.url is None
        assert record.announced_on
        assert record.categories
        seen.add(record.arxiv_id)
        if number >= 5000:
            break
    assert len(seen) == 5000
