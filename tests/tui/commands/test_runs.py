"""`journal runs`: lists that filter and sort, many at once, and saved views."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.events import LaunchedEvent
from journal.store import runs
from journal.store.changes import program_change
from journal.types import MetricValue, RunDraft, RunStatus
from tests.conftest import NOON
from tests.tui.commands.conftest import Run
from tui.commands.dashed_words import with_words_last


@pytest.fixture
def journal(paths: Paths) -> Paths:
    """r1..r5, the last started first; r5 has a name that steers terminals."""
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(
            change,
            [
                (
                    RunDraft(
                        run_id=f"{number:x}" * 32, tracking_uri="sqlite:////s", name=name, experiment="mnist",
                        status=RunStatus.failed if number == 3 else RunStatus.finished,
                        started_at=NOON - timedelta(hours=number), ended_at=NOON - timedelta(hours=number - 1),
                        params={"lr": lr}, note="a why" if number == 2 else "",
                        metrics={"validation/accuracy": MetricValue(value=accuracy, step=1)},
                    ),
                    name,
                )
                for number, (name, lr, accuracy) in enumerate(
                    [("one", "9", 0.9), ("two", "10", 0.95), ("three", "1e-3", None), ("four", "0.01", 0.99), ("\x1b[31mfive\n", "x", 0.1)], 1
                )
            ],
        )  # fmt: skip
    return paths


def refs(run: Run, *words: str) -> list[str]:
    return [item["ref"] for item in run("runs", "list", *words, "--json").json]


@pytest.mark.usefixtures("journal")
def test_a_list_is_filtered_and_sorted(run: Run) -> None:
    assert refs(run) == ["r1", "r2", "r3", "r4", "r5"]
    assert refs(run, "lr<10") == ["r1", "r3", "r4"]
    assert refs(run, "lr<=0.01", "or", "lr=x") == ["r3", "r4", "r5"]
    assert refs(run, "-why:", "-status:failed") == ["r1", "r4", "r5"]
    assert refs(run, "not why:", "--sort", "lr") == ["r3", "r4", "r1", "r5"]
    assert refs(run, "--sort", "-lr") == ["r2", "r1", "r4", "r3", "r5"]
    assert refs(run, "--sort", "-validation/accuracy", "-n", "2") == ["r4", "r2"]
    assert refs(run, "--limit=1", "-n1", "--sort=name") == ["r5"]


@pytest.mark.usefixtures("journal")
def test_the_table_shows_what_decides_or_what_is_asked_for(run: Run) -> None:
    out = run("runs", "list").out.splitlines()
    assert out[0].split() == ["ref", "status", "experiment", "name", "started", "took", "validation/accuracy"]
    assert "○" in out[1]
    assert "●" in out[2]
    assert out[3].split()[-1] == "nan"
    assert "\x1b" not in run("runs", "list").out
    ran = run("runs", "list", "--columns", "lr,nothing", "--sort", "-lr")
    assert "No run has a parameter or metric called nothing." in ran.err
    assert "called lr" not in ran.err
    out = ran.out.splitlines()
    assert out[0].split()[-2:] == ["lr", "nothing"]
    assert [line.split()[-1] for line in out[1:]] == ["10", "9", "0.01", "1e-3", "x"]
    assert run("runs", "list", "--sort", "lr").out.splitlines()[0].split()[-2:] == ["lr", "validation/accuracy"]


def test_what_the_filter_names_has_a_column(paths: Paths, run: Run) -> None:
    with program_change(paths, clock=lambda: NOON) as change:
        for number, metrics in enumerate(
            ({"validation/accuracy": 0.9, "train/loss": 9.0}, *[{"train/loss": 0.01}] * 3), 1
        ):
            draft = RunDraft(
                run_id=f"{number:x}" * 32, tracking_uri="sqlite:////s", name="x", experiment="mnist",
                status=RunStatus.finished, started_at=NOON, params={"seed": str(number)},
                metrics={key: MetricValue(value=value, step=1) for key, value in metrics.items()},
            )  # fmt: skip
            runs.mirror(change, [(draft, "digest")])
    head, *rows = run("runs", "list", "train/loss<0.05").out.splitlines()
    assert (head.split()[-1], [row.split()[-1] for row in rows]) == ("train/loss", ["0.01"] * 3)
    head = run("runs", "list", "train/loss>1 or (seed=2 and not other=3)", "--sort", "seed").out.splitlines()[0]
    assert head.split()[-3:] == ["seed", "train/loss", "validation/accuracy"]
    assert run("runs", "list", "train/loss<0.05", "--columns", "seed").out.splitlines()[0].split()[-1] == "seed"
    ran = run("runs", "list", "lr<1", "--columns", "lr,seed")
    assert ran.err.count("No run has a parameter or metric called lr.") == 1


def test_the_column_is_what_decides_between_most_of_the_runs(paths: Paths, run: Run) -> None:
    layers = {f"l{number}/00000": 1.0 for number in range(300)}
    logged = [{**layers, "val/acc": 0.5, "train/loss": 1.0}] * 2 + [{"train/loss": 2.0}, layers]
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(
            change,
            [
                (
                    RunDraft(
                        run_id=f"{number:x}" * 32, tracking_uri="sqlite:////s", name="x", experiment="mnist",
                        status=RunStatus.finished, started_at=NOON - timedelta(hours=number),
                        metrics={key: MetricValue(value=value, step=1) for key, value in metrics.items()},
                    ),
                    "digest",
                )
                for number, metrics in enumerate(logged, 1)
            ],
        )  # fmt: skip
    head, *rows = run("runs", "list").out.splitlines()
    assert head.split()[-1] == "val/acc"
    assert [row.split()[-1] == "0.5" for row in rows] == [True, True, False, False]


def test_of_12_000_metrics_those_that_tell_are_shown_and_the_rest_is_counted(paths: Paths, run: Run) -> None:
    names = [*(f"layer{number:05}/norm" for number in range(12_000)), "val/acc"]
    with program_change(paths, clock=lambda: NOON) as change:
        draft = RunDraft(
            run_id="1" * 32, tracking_uri="sqlite:////s", name="x", experiment="mnist", status=RunStatus.finished,
            started_at=NOON, metrics={name: MetricValue(value=0.5, step=1) for name in names},
        )  # fmt: skip
        runs.mirror(change, [(draft, "digest")])
    out = run("runs", "show", "r1").out
    assert len(out.splitlines()) < 60
    assert out.index("val/acc") < out.index("layer00000/norm")
    assert "11,961 more: journal runs show r1 --json" in out
    assert len(run("runs", "show", "r1", "--json").json["metrics"]) == 12_001


@pytest.mark.usefixtures("journal")
def test_how_many_more_there_are_is_told_beside_the_list(run: Run) -> None:
    ran = run("runs", "list", "-n", "2")
    assert len(ran.out.splitlines()) == 3
    assert "2 of 5 runs; --limit 5 shows all" in ran.err


@pytest.mark.usefixtures("journal")
def test_a_filter_that_is_not_understood_whole_lists_nothing(run: Run) -> None:
    ran = run("runs", "list", "status:fine", "two")
    assert (ran.code, ran.out) == (2, "")
    assert "status:fine is left out: a status is" in ran.err
    for words in (
        ("lr>",), ("status:stale",), ("status:stale", "--json"), ("1<lr<b",), ("two lr=<10",), ("two and lr => 10",),
        ("two", "lr≤10"), ("two and !one",), ("two or ||",), (">5 two",), ("two or lr<1 status:",),
    ):  # fmt: skip
        ran = run("runs", "list", *words)
        assert (ran.code, ran.out, "is left out" in ran.err) == (2, "", True), words
    for words, said in (
        (("two lr:10",), "lr:10 is no more than words: there is no lr: here."),
        (("lr<100 and",), "AND has nothing behind it."),
        (("two", "or"), "OR has nothing to choose between."),
        (("(two",), "A parenthesis is not closed."),
    ):
        ran = run("runs", "list", *words)
        assert (ran.code, ran.out, said in ran.err) == (2, "", True), words


@pytest.mark.usefixtures("journal")
def test_what_the_shell_hands_over_as_one_word_is_one_condition(run: Run) -> None:
    assert refs(run, "one or two") == refs(run, "one", "or", "two") == ["r1", "r2"]
    assert refs(run, "one or two", "lr>9") == refs(run, "lr>9", "one or two") == ["r2"]
    assert refs(run, "not", "one or two", "lr<100") == ["r3", "r4"]
    assert refs(run, "(one) or (two)", "name:two") == ["r2"]
    assert refs(run, "name", "in", "(one, two)", "lr>9") == ["r2"]
    assert refs(run, "(one or", "two)", "lr>9") == ["r2"]
    assert refs(run, '"t" or two', "lr>9") == ["r2"]


@pytest.mark.usefixtures("journal")
def test_words_are_words_in_a_filter(run: Run) -> None:
    assert refs(run, "lr<100 and two") == ["r2"]
    ran = run("runs", "list", "lr<100 and fro")
    assert (ran.code, ran.out, ran.err) == (1, "", "No run matches.\n")
    assert run("runs", "list", '"|| two"').code == 0


@pytest.mark.usefixtures("journal")
def test_names_and_keys_that_no_run_has_are_told(run: Run) -> None:
    ran = run("runs", "list", "learning-rate>3")
    assert (ran.code, ran.out) == (1, "")
    assert "No run has a parameter or metric called learning-rate." in ran.err
    assert run("runs", "list", "lr>99", "--json").json == []
    ran = run("runs", "list", "--sort", "best")
    assert (ran.code, ran.out) == (2, "")
    assert "No run has a parameter or metric called 'best'." in ran.err
    slip = run("runs", "list", "--sort", "-validation/acuracy")
    assert slip.code == 2
    assert "Is it validation/accuracy?" in slip.err


@pytest.mark.usefixtures("journal")
def test_an_order_of_runs_of_which_there_are_none_is_no_mistake(run: Run) -> None:
    ran = run("runs", "list", "status:scheduled", "--sort", "-nothing-logged-it")
    assert (ran.code, ran.out) == (1, "")
    assert "No run has a parameter or metric called nothing-logged-it." in ran.err
    assert "No run matches." in ran.err


def test_an_order_by_what_no_run_has_logged_yet_is_no_mistake(run: Run, paths: Paths) -> None:
    for _ in range(2):
        ran = run("runs", "list", "--sort", "-validation/accuracy", "--json")
        assert (ran.code, ran.json) == (1, [])
        assert "No run has a parameter or metric called validation/accuracy." in ran.err
        spool.put(
            paths.spool,
            LaunchedEvent(uid=new_uid(), entry="", at=NOON, host="box", pid=7, argv=("python", "train.py"), cwd="/"),
        )


def test_without_any_runs_it_says_how_to_get_some(paths: Paths, run: Run) -> None:
    ran = run("runs", "list")
    assert ran.code == 1
    assert "There are no runs yet. Try: journal runs sync" in ran.err


@pytest.mark.usefixtures("journal")
def test_json_has_whole_runs(run: Run) -> None:
    (found,) = run("runs", "list", "three", "--json").json
    assert (found["ref"], found["kind"], found["title"]) == ("r3", "run", "three")
    assert (found["params"], found["metrics"]) == ({"lr": "1e-3"}, {"validation/accuracy": None})
    assert found == {key: value for key, value in run("runs", "show", "r3", "--json").json.items() if key in found}


@pytest.mark.usefixtures("journal")
def test_rows_of_a_list_can_be_named_and_archived_at_once(run: Run) -> None:
    run("runs", "list", "lr<10")
    assert "r3 r4: archived" in run("runs", "archive", "@2", "4" * 32).out
    assert refs(run) == ["r1", "r2", "r5"]
    assert refs(run, "is:archived") == ["r3", "r4"]
    assert len(refs(run, "--archived")) == 5
    assert "failed, archived" in run("runs", "list", "--archived").out
    assert "nothing to change" in run("runs", "archive", "r3").out
    assert "back in lists" in run("runs", "unarchive", "r3", "r3").out
    assert run("undo").out == "Undone: unarchive r3\n"
    assert run("undo").out == "Undone: archive 2 runs\n"
    assert len(refs(run)) == 5
    assert run("runs", "archive", "r99").code != 0


@pytest.mark.usefixtures("journal")
def test_many_are_tagged_as_one_change(run: Run) -> None:
    run("runs", "tag", "r1", "r2", "+amp", "+todo")
    run("runs", "tag", "r1", "-todo", "r2", "+base")
    assert refs(run, "tag:amp", "tag:base") == ["r1", "r2"]
    assert refs(run, "tag:todo") == []
    run("undo")
    assert refs(run, "tag:todo") == ["r1", "r2"]
    assert run("runs", "tag", "r1").code == 2
    assert run("runs", "tag", "r1", "+a b").code == 2


@pytest.mark.usefixtures("journal")
def test_what_a_filter_or_a_view_finds_is_tagged_and_archived_as_one_change(run: Run) -> None:
    assert run("runs", "tag", "lr<1", "+low").out == "2 runs, r3 r4: tagged +low; journal undo takes it back.\n"
    assert run("undo").out == "Undone: tag +low 2 runs\n"
    run("runs", "view", "good", "--save", "validation/accuracy>.5")
    assert run("runs", "archive", "--view", "good", "one or two", "lr<10").out.startswith("r1: archived")
    assert refs(run, "is:archived") == ["r1"]
    assert run("runs", "tag", "--view", "good", "+good").out.startswith("2 runs, r2 r4: tagged +good")
    assert run("runs", "archive", "-why:", "-status:failed").out.startswith("2 runs, r4 r5: archived")
    assert run("runs", "unarchive", "lr<100").out.startswith("2 runs, r1 r4: back in lists")
    assert refs(run, "is:archived") == ["r5"]


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("archive", "status:fine"), 2, "Nothing was changed"),
        (("tag", "lr<", "+x"), 2, "Nothing was changed"),
        (("tag", "lr<10", "-why:", "+x"), 2, "As a condition: not why:"),
        (("archive", "r1", "r99"), 1, "There is no r99"),
        (("archive", "r1", "status:failed"), 2, "names nothing"),
        (("archive", "lr<0"), 1, "No run matches."),
        (("archive", "--view", "no such"), 1, "no such"),
        (("archive",), 2, "Name runs, a filter or a view."),
        (("archive", " "), 2, "every run"),
    ],
)
def test_nothing_is_done_to_runs_that_are_not_clearly_meant(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("runs", *words)
    assert (ran.code, ran.out, said in ran.err) == (code, "", True), ran.err
    assert (refs(run, "is:archived"), refs(run, "tag:x")) == ([], [])


def test_of_very_many_it_is_said_how_many(paths: Paths, run: Run) -> None:
    drafts = [
        RunDraft(run_id=f"{number:032x}", tracking_uri="sqlite:////s", name="x", experiment="mnist", status=RunStatus.failed)
        for number in range(1, 1_201)
    ]  # fmt: skip
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(change, [(draft, "digest") for draft in drafts])
    assert run("runs", "archive", "status:failed").out == "1,200 runs: archived; journal undo takes it back.\n"
    assert run("runs", "unarchive", *(f"r{number}" for number in range(1, 13))).out.startswith("12 runs: back in lists")


@pytest.mark.usefixtures("journal")
def test_a_view_is_a_filter_and_an_order_by_name(run: Run) -> None:
    assert run("runs", "views").code == 1
    run("runs", "view", "good  ones", "--save", "validation/accuracy>.5", "--sort", "-validation/accuracy")
    run("runs", "view", "plain", "--sort", "name")
    assert run("runs", "views", "--json").json == [
        {"name": "good ones", "filter": "validation/accuracy>.5", "sort": "-validation/accuracy"},
        {"name": "plain", "filter": "", "sort": "name"},
    ]
    assert refs(run, "--view", "good ones") == ["r4", "r2", "r1"]
    assert refs(run, "--view", "good ones", "lr<1 or lr>9") == ["r4", "r2"]
    assert refs(run, "--view", "good ones", "--sort", "name") == ["r4", "r1", "r2"]
    assert run("runs", "view", "good ones", "--delete").code == 0
    assert run("runs", "list", "--view", "good ones").code == 1
    run("undo")
    assert run("runs", "view", "good ones", "--json").json["filter"] == "validation/accuracy>.5"


@pytest.mark.usefixtures("journal")
def test_a_view_that_makes_no_sense_is_refused_or_said(run: Run) -> None:
    assert run("runs", "view", "x", "--sort", "best").code == 2
    assert run("runs", "view", " ", "--save", "lr<3").code == 2
    assert run("runs", "view", "x", "--save", "lr<3", "--delete").code == 2
    assert run("runs", "view", "x", "--delete").code == 1
    ran = run("runs", "view", "x", "--save", "lr<3 status:fine")
    assert (ran.code, ran.out, "is left out" in ran.err) == (2, "", True)
    assert run("runs", "view", "x").code == 1, "it was not saved"


def test_what_begins_with_a_dash_is_an_option_only_where_it_is_one() -> None:
    def put(*args: str) -> list[str]:
        return with_words_last(args, {"--json", "-h"}, {"--sort", "--limit", "-n"})

    assert put("-name:x", "--json", "a") == ["--json", "--", "-name:x", "a"]
    assert put("--sort", "-lr", "-n", "3", "-n5", "x") == ["--sort", "-lr", "-n", "3", "-n5", "--", "x"]
    assert put("a", "--", "--json", "-h") == ["--", "a", "--json", "-h"]
    assert put("-h") == ["-h", "--"]
    assert put("--sort") == ["--sort", "--"]
    assert put("--sort=-lr", "--unknown") == ["--sort=-lr", "--unknown", "--"]
