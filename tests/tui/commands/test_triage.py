"""Triage at the prompt: papers, what stands above one, rules, and how the day went."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from journal.paths import Paths
from tests.journal.store.test_rankings import keep
from tests.standins import StandIn
from tests.tui.commands.conftest import Run
from tests.tui.commands.test_papers_and_feeds import todays


@pytest.fixture
def server(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", stand_in.url().rstrip("/"))
        monkeypatch.setenv("LABJOURNAL_ARXIV_INTERVAL", "0")
        yield stand_in


@pytest.fixture
def papers(paths: Paths) -> None:
    """p1..p9 new: p3, p6, p9 on distillation, p1, p4, p7 on robots, the others are surveys."""
    keep(paths, 1, 9)


def refs_of_today(run: Run) -> list[str]:
    return [row["ref"] for row in run("today", "--json").json]


@pytest.mark.usefixtures("papers")
def test_everything_above_a_paper_is_skipped_by_one_command_and_one_undo(run: Run) -> None:
    ran = run("triage", "--above", "p6", "skip")
    assert (ran.code, ran.out) == (0, "3 papers above p6: skipped (p9 p8 p7)\n")
    assert refs_of_today(run) == ["p6", "p5", "p4", "p3", "p2", "p1"]
    assert run("undo").out == "Undone: skip 3 papers above p6\n"
    assert refs_of_today(run)[0] == "p9"
    shown = run("triage", "--above", "p8", "queue", "--json").json
    assert [(row["ref"], row["state"]) for row in shown] == [("p9", "queued")]
    for words in (("--above", "p8", "skip"), ("--above", "p9", "skip")):
        ran = run("triage", *words)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(("Nothing new stands above p8", "journal: p9 is not in today's list"))


@pytest.mark.usefixtures("papers")
def test_a_paper_that_is_named_twice_is_decided_about_once(run: Run) -> None:
    assert run("triage", "p1", "p1", "p2", "keep").out == "p1 p2: kept\n"


@pytest.mark.usefixtures("papers")
def test_above_is_told_by_the_order_that_one_looks_at(run: Run) -> None:
    run("triage", "phrase:tactile", "more")
    assert refs_of_today(run)[:3] == ["p7", "p4", "p1"]
    assert run("triage", "--above", "p4", "skip", "--order", "announced").out.startswith("5 papers above p4")
    run("undo")
    assert run("triage", "--above", "p4", "skip").out == "1 paper above p4: skipped (p7)\n"


@pytest.mark.usefixtures("papers")
def test_above_a_row_are_the_rows_that_were_shown_whatever_arrived_or_was_ranked_since(run: Run, paths: Paths) -> None:
    run("today", "-n", "6", "--order", "announced")  # p9 p8 p7 p6 p5 p4
    keep(paths, 10, 5)
    run("triage", "@2", "keep")
    run("triage", "phrase:surveys", "more")
    ran = run("triage", "--above", "@4", "skip")
    assert (ran.out, ran.err) == ("2 papers above p6: skipped (p9 p7)\n", "")
    run("triage", "@6", "keep")
    assert run("triage", "--above", "@6", "skip").out == "2 papers above p4: skipped (p6 p5)\n"
    nothing = run("triage", "--above", "@6", "skip")
    assert (nothing.code, nothing.err) == (1, "Nothing new stands above p4.\n")
    assert run("triage", "--above", "@7", "skip").code == 2


@pytest.mark.usefixtures("papers")
def test_above_a_ref_says_how_many_of_them_were_never_shown(run: Run, paths: Paths) -> None:
    run("today", "-n", "4")
    keep(paths, 10, 5)
    looked = run("triage", "--above", "p7", "skip", "--preview")
    assert looked.out == "7 papers above p7: would be skipped (p14 p13 p12 p11 p10 p9 p8)\n"
    assert looked.err == "5 of them were not in the list shown last.\n"
    assert {row["state"] for row in run("triage", "--above", "p7", "skip", "--preview", "--json").json} == {"new"}
    assert run("undo").code == 1, "a preview changes nothing"
    assert run("triage", "--above", "p7", "skip").err == looked.err


@pytest.mark.usefixtures("papers")
def test_what_muting_a_papers_author_category_or_phrases_would_hide(run: Run) -> None:
    ran = run("triage", "p3", "mute", "--preview")
    assert "mute au:Author 3" in ran.out
    assert "mute phrase:Distillation" in ran.out
    assert "would have hidden 3 of the 9 papers" in ran.out
    told = run("triage", "p3", "p6", "mute", "--preview", "--json").json
    assert [one["value"] for one in told if one["field"] == "author"] == ["Author 3", "Author 6"]
    assert len(refs_of_today(run)) == 9


@pytest.mark.usefixtures("papers")
def test_a_preview_changes_nothing_and_shows_what_would_have_been_hidden(run: Run) -> None:
    run("triage", "p2", "keep")
    run("triage", "p5", "queue")
    ran = run("triage", "phrase:surveys", "mute", "--preview")
    assert ran.out.splitlines()[:2] == [
        "mute phrase:surveys",
        "  would have hidden 3 of the 9 papers that feeds brought in the last 30 days, 1 of them kept and 1 queued",
    ]
    assert [line.strip() for line in ran.out.splitlines()[2:5]] == [
        "kept  Surveys number 2", "queued  Surveys number 5", "Surveys number 8",
    ]  # fmt: skip
    (told,) = run("triage", "phrase:surveys", "mute", "--preview", "--json").json
    assert told == {
        "effect": "mute", "field": "phrase", "value": "surveys", "speaks_of": 3, "kept": 1, "queued": 1, "new": 1,
        "of": 9, "days": 30, "titles": ["Surveys number 2", "Surveys number 5", "Surveys number 8"],
        "states": ["kept", "queued", "new"],
    }  # fmt: skip
    assert run("triage", "rules").code == 1
    assert len(refs_of_today(run)) == 7


@pytest.mark.usefixtures("papers")
def test_a_rule_that_mutes_says_what_it_hides_and_is_taken_back_with_it(run: Run) -> None:
    run("triage", "p2", "keep")
    ran = run("triage", "phrase:", "survey", "mute")
    assert "Rule made: mute phrase:survey" in ran.out
    assert "2 new papers muted by it" in ran.out
    assert "would have hidden 3 of the 9 papers" in ran.out
    assert refs_of_today(run) == ["p9", "p7", "p6", "p4", "p3", "p1"]
    assert "2 muted by your rules today: journal paper list --state muted" in run("today").err
    assert [row["ref"] for row in run("paper", "list", "--state", "muted", "--json").json] == ["p8", "p5"]
    assert run("undo").out == "Undone: mute phrase:survey\n"
    assert len(refs_of_today(run)) == 8
    assert run("triage", "rules", "--json").out == "[]\n"


@pytest.mark.usefixtures("papers")
def test_rules_are_listed_with_what_they_speak_of_and_cleared(run: Run) -> None:
    run("triage", 'au:"Author 3"', "au:Author 4", "more")
    run("triage", "cat:cs.CV", "less")
    listed = run("triage", "rules").out.splitlines()
    assert [line.split() for line in listed[1:]] == [
        ["more", "au:Author", "3", "1", "0", "0"],
        ["more", "au:Author", "4", "1", "0", "0"],
        ["less", "cat:cs.CV", "0", "0", "0"],
    ]
    assert [(rule["effect"], rule["value"]) for rule in run("triage", "rules", "--json").json] == [
        ("plus", "Author 3"), ("plus", "Author 4"), ("minus", "cs.CV"),
    ]  # fmt: skip
    assert run("triage", "au:author 3", "clear").out == "No rule any more: more au:Author 3\n"
    cleared = run("triage", "CAT:cs.cv", "clear", "--json").json
    assert cleared == [{"effect": "minus", "field": "category", "value": "cs.CV"}]
    again = run("triage", "cat:cs.CV", "clear")
    assert (again.code, again.out) == (1, "")
    assert "There is no rule about cat:cs.CV" in again.err
    for _ in range(4):
        run("undo")
    assert run("triage", "rules").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("p1",), ("keep",), ("p1", "more"), ("au:Hinton",), ("au:Hinton", "keep"), ("p1", "au:Hinton", "mute"),
        ("phrase:the", "mute"), ("phrase:", "mute"), ("phrase:" + "x" * 10_000, "mute"), ("phrase:\x1b\u202e", "mute"),
        ("--above", "p1", "p2", "skip"), ("--above", "p1", "more"), ("p1", "keep", "--preview"),
        ("--above", "p1", "au:Hinton", "mute"), ("au:Hinton", "clear", "--preview"), ("rules", "keep"), ("phrase:the", "clear"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("papers")
def test_words_that_make_no_sense_are_refused_and_change_nothing(run: Run, words: tuple[str, ...]) -> None:
    ran = run("triage", *words)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert len(ran.err) < 2_000
    assert run("undo").code == 1
    assert len(refs_of_today(run)) == 9


@pytest.mark.usefixtures("papers")
def test_a_hostile_rule_reaches_the_terminal_as_plain_text(run: Run) -> None:
    hostile = 'phrase:[bold]"x\u202e\x1b]0;title\x07 \x1b[31mred'
    said = [run("triage", hostile, "mute"), run("triage", hostile, "mute", "--json"), run("triage", "rules")]
    said += [run("triage", "rules", "--json"), run("triage", hostile, "clear"), run("undo"), run("undo")]
    assert [ran.code for ran in said] == [0] * 7
    for ran in said:
        assert not any(character in ran.out + ran.err for character in "\x1b\x07\u202e")
    assert '"x' in said[2].out
    assert "[bold]" in said[2].out


@pytest.mark.usefixtures("papers")
def test_the_order_is_learned_after_ten_decisions_and_until_then_the_day_says_so(run: Run, paths: Paths) -> None:
    keep(paths, 10, 12)
    assert "Order of arrival until you have decided about ten." in run("today").err
    for number in (21, 18, 15, 12, 9):
        run("triage", f"p{number}", "keep")
    assert "Order of arrival" in run("today").err
    run("triage", "p20", "p19", "p17", "p16", "p14", "skip")
    ran = run("today")
    assert "Order of arrival" not in ran.err
    assert refs_of_today(run)[:2] == ["p6", "p3"]


@pytest.mark.usefixtures("papers")
def test_the_day_is_told_when_nothing_is_left_and_whenever_one_asks(run: Run) -> None:
    assert run("today", "--summary").code == 1
    run("triage", "p9", "keep")
    run("triage", "p8", "p7", "queue")
    so_far = run("today", "--summary")
    assert (so_far.code, so_far.out.splitlines()[0].startswith("3 of 9 done")) == (0, True)
    run("triage", "phrase:survey", "mute")
    run("triage", "p6", "p4", "p3", "p1", "skip")
    done = run("today")
    assert done.code == 1, "nothing is left to skim"
    lines = done.out.splitlines()
    assert lines[0].startswith("All 9 done in ")
    assert lines[0].endswith(": 1 kept, 2 queued, 4 skipped, 2 muted (2 by your rules).")
    assert "  p9  Distillation number 9" in lines
    assert "  p8  Surveys number 8" in lines
    told = run("today", "--summary", "--json").json
    assert told["day"]["counts"] == {"kept": 1, "queued": 2, "skipped": 4, "muted": 2}
    assert (told["day"]["by_rules"], told["kept"], told["failed_feeds"]) == (2, [["p9", "Distillation number 9"]], [])
    assert run("today", "--json").out == "[]\n"


def test_papers_that_arrive_later_are_muted_as_they_arrive_and_never_silently(run: Run, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = todays(
        ("2611.00001v1", "One", "new"), ("2611.00002v1", "A survey", "new"), ("2611.00003v1", "Surveys", "new")
    )
    run("feed", "add", "cs.LG")
    run("triage", "phrase:survey", "mute")
    run("feed", "fetch")
    assert [row["title"] for row in run("today", "--json").json] == ["One"]
    assert "2 muted by your rules today" in run("today").err
    (muted, _) = run("paper", "list", "--state", "muted", "--json").json
    run("triage", muted["ref"], "keep")
    run("feed", "fetch")
    assert run("show", muted["ref"], "--json").json["state"] == "kept"
    run("undo")
    run("undo")
    assert run("triage", "rules").code == 1
    assert len(run("paper", "list", "--state", "muted", "--json").json) == 2, "what the program did is not taken back"


def test_a_journal_without_a_paper_has_no_day_and_takes_rules(run: Run) -> None:
    assert "would have hidden 0 of the 0 papers" in run("triage", "cat:cs.LG", "mute", "--preview").out
    assert run("triage", "cat:cs.LG", "mute").code == 0
    assert run("today").code == 1
    assert run("triage", "--above", "p1", "skip").code == 1
