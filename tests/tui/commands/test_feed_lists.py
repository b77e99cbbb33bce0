"""Lists of feeds at the command line: in with folders and titles, taken back as one, and out as they came."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from journal.paths import Paths, bundled_data
from tests.standins import StandIn
from tests.tui.commands.conftest import Run

LIST = """<opml version="2.0"><body>
<outline text="Blogs"><outline text="Labs">
  <outline type="rss" text="BAIR" xmlUrl="https://bair.example/feed.xml"/></outline>
  <outline type="rss" text="Mine" xmlUrl="https://me:s3cret@mine.example/feed"/></outline>
<outline type="rss" text="Evil" xmlUrl="javascript:alert(1)"/>
<outline type="rss" text="Local" xmlUrl="file:///etc/passwd"/>
<outline type="rss" text="A channel" xmlUrl="https://www.youtube.com/@x"/>
<outline type="rss" text="arXiv" xmlUrl="http://export.arxiv.org/rss/cs.LG"/>
<outline type="link" text="A page" url="https://a.example/"/>
</body></opml>"""

pytestmark = pytest.mark.usefixtures("paths")


def written(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def followed(run: Run) -> list[tuple[str, str, str]]:
    ran = run("feed", "export", "--json")
    return [(feed["folder"], feed["title"], feed["url"]) for feed in ran.json] if ran.out else []


def test_a_list_is_followed_with_folders_and_titles_and_taken_back_as_one(run: Run, tmp_path: Path):
    file = written(tmp_path / "feeds.opml", LIST)
    ran = run("feed", "import", file)
    assert (ran.code, ran.out) == (1, "3 feeds new, 0 followed already, 3 refused\n")
    assert "refused: item 3 (Evil)" in ran.err
    assert "does not say which channel" in ran.err
    assert "1 entry without the address of a feed left out" in ran.err
    assert "s3cret" not in ran.err
    assert sorted(followed(run)) == [
        ("", "arXiv", "https://rss.arxiv.org/rss/cs.LG"),
        ("Blogs", "Mine", "https://me@mine.example/feed"),
        ("Blogs/Labs", "BAIR", "https://bair.example/feed.xml"),
    ]
    again = run("feed", "import", file, "--json").json
    assert (again["new"], again["known"], len(again["refused"]), again["without_address"]) == (0, 3, 3, 1)
    assert run("undo").out == "Undone: feed import feeds.opml\n"
    assert run("feed", "list").code == 1


def test_what_is_followed_already_learns_its_folder_and_keeps_its_title(run: Run, tmp_path: Path):
    with StandIn() as server:
        server.routes["/feed"] = (
            b"<rss version='2.0'><channel><title>Its own</title><item><title>P</title><link>/p</link></item></channel></rss>"
        )
        run("feed", "add", server.url("/feed"))
        run("feed", "fetch")
        one = f'<outline text="Given" xmlUrl="{server.url("/feed")}"/>'
        two = f'<outline text="Given" xmlUrl="{server.url("/feed?2")}"/>'
        server.routes["/feed?2"] = server.routes["/feed"]
        run(
            "feed",
            "import",
            written(tmp_path / "a.opml", f'<opml><body><outline text="F">{one}{two}</outline></body></opml>'),
        )
        run("feed", "fetch")
    assert [(folder, title) for folder, title, _ in followed(run)] == [("F", "Its own"), ("F", "Given")]


def test_an_export_is_the_same_list_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run("feed", "import", written(tmp_path / "feeds.opml", LIST))
    plain = run("feed", "export")
    assert "s3cret" not in plain.out
    assert "passwords of 1 feed" in plain.err
    known = run("feed", "import", written(tmp_path / "plain.opml", plain.out), "--json").json
    assert (known["new"], known["known"]) == (0, 3), "without its password it is the same feed"
    whole = tmp_path / "whole.opml"
    assert run("feed", "export", str(whole), "--with-passwords").code == 0
    assert run("feed", "export", str(whole)).code == 2, "nothing is written over unasked"
    monkeypatch.setenv("LABJOURNAL_HOME", str(tmp_path / "other"))
    assert run("feed", "import", str(whole), "--json").json["new"] == 3
    assert run("feed", "export", "--with-passwords").out == whole.read_text()
    assert "s3cret" in whole.read_text()


def test_the_starter_feeds_can_be_looked_at_and_taken_by_folder(run: Run):
    listed = run("feed", "import", "--starter", "--list", "--json").json
    assert run("feed", "list").code == 1, "nothing is followed by looking"
    titles = {feed["title"] for feed in listed}
    assert titles >= {"The Morning Paper", "Two Minute Papers", "Andrej Karpathy", "Andrej Karpathy: videos", "Lil'Log",
                      "Distill", "Berkeley Artificial Intelligence Research", "arXiv cs.LG: Machine Learning"}  # fmt: skip
    videos = [feed for feed in listed if feed["folder"] == "Videos"]
    assert run("feed", "import", "--starter", "--folder", "video").out == (
        f"{len(videos)} feeds new, 0 followed already, 0 refused\n"
    )
    assert {folder for folder, _, _ in followed(run)} == {"Videos"}
    assert run("feed", "import", "--starter", "--json").json["new"] == len(listed) - len(videos)
    unknown = run("feed", "import", "--starter", "--folder", "Podcasts")
    assert unknown.code == 2
    assert "Videos" in unknown.err
    assert "arXiv" in run("feed", "import", "--starter", "--list").out


def test_a_list_comes_through_a_pipe_and_one_must_be_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert run("feed", "import").code == 2
    assert run("feed", "import", "x.opml", "--starter").code == 2
    file = tmp_path / "urls"
    file.write_text('https://a.example/feed Blogs "~A title"\n')
    with file.open("rb") as opened:
        monkeypatch.setattr("importers.given_files._stdin", lambda: io.FileIO(opened.fileno(), closefd=False))
        assert run("feed", "import", "-").out == "1 feed new, 0 followed already, 0 refused\n"
    assert followed(run) == [("Blogs", "A title", "https://a.example/feed")]


def test_real_lists_are_followed_and_come_out_as_they_went_in(
    run: Run, paths: Paths, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for file in sorted((shared_data / "opml").rglob("*.*ml")):
        ran = run("feed", "import", str(file))
        assert ran.code in {0, 1}, file
        assert "\x1b" not in ran.out + ran.err
        assert "should not have" not in ran.err, file
        assert ran.code == 0 or ran.err.count("\n") > 0, file
    count = len(followed(run))
    assert count > 150
    out = run("feed", "export", "--with-passwords").out
    monkeypatch.setenv("LABJOURNAL_HOME", str(tmp_path / "other"))
    assert run("feed", "import", written(tmp_path / "out.opml", out), "--json").json["new"] == count
    assert run("feed", "export", "--with-passwords").out == out


def test_the_starter_list_itself_is_tidy(run: Run):
    run("feed", "import", "--starter")
    assert run("feed", "export").out.count("xmlUrl") == (bundled_data() / "feeds.opml").read_text().count("xmlUrl")
