"""A filter of runs: everything a person may type is understood or said, and SQL finds what plain Python finds."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal import db
from journal.paths import Paths
from journal.queries.run_conditions import (
    AllOf,
    At,
    Being,
    Compared,
    Has,
    InText,
    Named,
    Node,
    Not,
    OfStatus,
    OneOf,
    TaggedAs,
    Took,
    clause_of,
)
from journal.queries.run_filter import parse_run_filter
from journal.queries.run_lists import run_ids, run_rows, unknown_names
from journal.store import entries, items, links, many, notes, papers, runs
from journal.store.changes import program_change
from journal.types import (
    EntryDraft,
    Kind,
    MetricValue,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    Relation,
    RunDraft,
    RunStatus,
    Verdict,
)
from tests.conftest import NOON


def _run(number: int, name: str, params: dict[str, str], metrics: dict[str, float | None], **more: object) -> RunDraft:
    started = NOON - timedelta(days=number)
    given = {"status": RunStatus.finished, "started_at": started, "ended_at": started + timedelta(minutes=40 * number)}
    return RunDraft(
        run_id=f"{number:032x}",
        tracking_uri="sqlite:////mlflow.db",
        name=name,
        experiment="mnist" if number < 4 else "cifar 10",
        params=params,
        metrics={key: MetricValue(value=value, step=1) for key, value in metrics.items()},
        **{**given, **more},  # type: ignore[arg-type]
    )


@pytest.fixture
def journal(paths: Paths) -> Iterator[sqlite3.Connection]:
    """r1..r6; r1 tests e1, which is about p1; r2 is tagged; r6 is archived."""
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(
            change,
            [
                (draft, str(number))
                for number, draft in enumerate(
                    (
                        _run(
                            1, "linear", {"lr": "9", "optimizer": "adam"}, {"validation/accuracy": 0.995, "loss": 0.1}
                        ),
                        _run(2, "linear big", {"lr": "10", "optimizer": "SGD"}, {"validation/accuracy": 0.9}),
                        _run(3, "cnn", {"lr": "1e-3", "betas": "(0.9, 0.999)"}, {"validation/accuracy": None}),
                        _run(4, "lr=0.1", {"lr": "auto"}, {"lr": 0.05}, tags={"user": "Ada"}, note="looking for müsli"),
                        _run(
                            5, "lost", {}, {"loss": math.inf}, status=RunStatus.failed, started_at=None, ended_at=None
                        ),
                        _run(6, "old", {"lr": "0.001"}, {}),
                    )
                )
            ],
        )
        draft = PaperDraft(title="Adam", arxiv_id="1412.6980")
        papers.apply(change, PaperDecision(inserts=((draft, PaperState.kept),), updates=(), unchanged=0, placed=(-1,)))
        entry = entries.add(change, EntryDraft(what="steps", why="It plateaus.", verdict=Verdict.kept))
        links.add(change, entry, Ref(Kind.paper, 1))
        links.add(change, Ref(Kind.run, 1), entry, Relation.tests)
        items.tag(change, Ref(Kind.run, 2), add=["amp"])
        many.archive(change, [Ref(Kind.run, 6)])
    connection = db.connect(paths)
    yield connection
    connection.close()


def found(connection: sqlite3.Connection, text: str) -> list[str]:
    ids = run_ids(connection, parse_run_filter(text, now=NOON), now=NOON)
    return [str(row.ref) for row in run_rows(connection, ids).values()]


def test_a_day_is_all_of_it_on_this_machines_clock(zone: Callable[[str], None]):
    zone("Asia/Tokyo")
    day = At("started_at", ">=", datetime(2026, 11, 19, 15, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC))
    assert parse_run_filter("started>=2026-11-20", now=NOON).node == day
    zone("Europe/Berlin")  # winter time begins: a day of 25 hours
    day = At("ended_at", "=", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))
    assert parse_run_filter("ended:2026-10-25", now=NOON).node == day


def test_a_note_is_one_of_mlflow_or_one_of_the_journal(journal: sqlite3.Connection, paths: Paths) -> None:
    with program_change(paths, clock=lambda: NOON) as change:
        notes.add(change, [Ref(Kind.run, 1), Ref(Kind.run, 2)], "Smoother now\nthe last epochs 100%")
        gone = notes.add(change, [Ref(Kind.run, 3)], "much smoother")
        many.delete(change, [gone])
    assert found(journal, "note:smoother") == found(journal, "note~EPOCHS") == ["r1", "r2"]
    assert found(journal, "note:smoother linear -big") == ["r1"]
    assert found(journal, "note:100%") == ["r1", "r2"]
    assert found(journal, "note:müsli") == ["r4"]
    assert found(journal, "-note:smoother") == ["r3", "r4", "r5"]
    assert found(journal, 'note="smoother now"') == ["r1", "r2"]
    assert found(journal, 'note!="smoother now"') == ["r3", "r4", "r5"]


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("", "r1 r2 r3 r4 r5"),
        ("lr<10", "r1 r3 r4"),  # numbers, and the metric of that name
        ("param:lr<10", "r1 r3"),
        ("metric:lr<10", "r4"),
        ("lr=1e-3", "r3"),
        ("lr=0.001", "r3"),
        ("lr==.001", "r3"),
        ("lr=auto", "r4"),
        ("lr!=9", "r2 r3 r4"),
        ("0.0001<lr<10", "r1 r3 r4"),
        ("10 > param:lr", "r1 r3"),
        ("1e-3 <= lr < 9", "r3 r4"),
        ("-1<lr<1", "r3 r4"),
        ("-0.5<loss", "r1 r5"),
        ("2026-11-16<started<=2026-11-18", "r2 r3"),
        ("not 0.0001<lr<1", "r1 r2 r5"),
        ("lr in (9, 1e-3)", "r1 r3"),
        ("lr IN [0.001]", "r3"),
        ("lr not in (9, 1e-3)", "r2 r4 r5"),
        ("-lr in (9, 1e-3)", "r2 r4 r5"),
        ("optimizer in ('adam', sgd) name=linear", "r1"),
        ("status in (failed, killed)", "r5"),
        ("lr >= 9", "r1 r2"),
        ("lr<=0.001 and (validation/accuracy>.99 or tag:amp)", ""),
        ("lr>0.001 and (validation/accuracy>.99 or tag:amp)", "r1 r2"),
        ("optimizer=adam OR optimizer=sgd", "r1 r2"),
        ("optimizer~ad", "r1"),
        ("betas=(0.9, 0.999)", "r3"),
        ('betas~"0.999"', "r3"),
        ("optimizer='adam'", "r1"),
        ("validation/accuracy<1", "r1 r2"),  # NaN is not below anything
        ("validation/accuracy!=1", "r1 r2"),
        ("validation/accuracy=nan", "r3"),
        ("validation/accuracy!=nan", "r1 r2"),
        ("loss=inf", "r5"),
        ("loss>1e300", "r5"),
        ("not status:failed", "r1 r2 r3 r4"),
        ("status:f", "r1 r2 r3 r4 r5"),
        ("status=failed", "r5"),
        ("status!=finished", "r5"),
        ("is:failed", "r5"),
        ("experiment:mnist", "r1 r2 r3"),
        ("experiment:cifar", "r4 r5"),
        ('experiment="CIFAR 10"', "r4 r5"),
        ("name:linear", "r1 r2"),
        ("name=linear", "r1"),
        ("name:lr=0.1", "r4"),
        ("name!=linear -name~l", "r3"),
        ("started>2026-11-18", "r1"),
        ("started>=2026-11-18", "r1 r2"),
        ("started<=2026-11-17", "r3 r4"),
        ("started<2026-11-17", "r4"),
        ("started=2026-11-17", "r3"),
        ("started:2026-11-17", "r3"),
        ("started:>2026-11-17", "r1 r2"),
        ("started!=2026-11-17", "r1 r2 r4"),
        ("started>-2d", "r1"),
        ("started<-2d", "r3 r4"),
        ("since:2d", "r1 r2"),
        ("not started>-30d", "r5"),
        ("took>1h", "r2 r3 r4"),
        ("took>1h30m", "r3 r4"),
        ("took=2400", "r1"),
        ("took<1h", "r1"),
        ("why:", "r1 r4"),
        ("-why:", "r2 r3 r5"),
        ("why:plateaus", "r1"),
        ("is:hollow", "r2 r3 r5"),
        ("verdict:kept", "r1"),
        ("is:archived", "r6"),
        ("-is:archived", "r1 r2 r3 r4 r5"),
        ("is:archived or lr=9", "r1 r6"),
        ("paper:p1", "r1"),
        ("paper:1412.6980", "r1"),
        ("entry:e1", "r1"),
        ("dataset:d1", ""),
        ("run:r3", "r3"),
        ("tag:AMP", "r2"),
        ("tag:user", "r4"),
        ("tag:user=ada", "r4"),
        ("tag:user=bob", ""),
        ("param:optimizer", "r1 r2"),
        ("metric:loss", "r1 r5"),
        ("linear", "r1 r2"),
        ("linear -big", "r1"),
        ('"linear big"', "r2"),
        ("lin*", "r1 r2"),
        ("MUSLI", "r4"),
        ("linear or cnn name:c", "r1 r2 r3"),  # AND binds closer
        ("(linear or cnn) name:c", "r3"),
        ("not (linear or cnn)", "r4 r5"),
        ("not not linear", "r1 r2"),
        ("--linear", "r1 r2"),
        ("NOT linear AND NOT cnn", "r4 r5"),
    ],
)
def test_a_filter_leaves_what_it_says(journal: sqlite3.Connection, text: str, refs: str) -> None:
    assert parse_run_filter(text, now=NOON).unclear == ()
    assert found(journal, text) == refs.split()


@pytest.mark.parametrize(
    ("text", "position", "said", "refs"),
    [
        ("linear lr<", 7, "lr< is left out: it lacks a value.", "r1 r2"),
        ("lr< and linear", 0, "lr< is left out: it lacks a value.", "r1 r2"),
        ("linear lr in ()", 7, "it lacks values, as in lr in (0.1, 0.3)", "r1 r2"),
        ("linear 1<optimizer<b", 7, "< compares with a number, and 'b' is none", "r1 r2"),
        ("status in (failed, stale) linear", 0, "a status is running, scheduled, finished", "r1 r2"),
        ("linear optimizer<b", 7, "< compares with a number, and 'b' is none", "r1 r2"),
        ("linear metric:loss~3", 7, "a metric is a number", "r1 r2"),
        ("status:fine linear", 0, "a status is running, scheduled, finished", "r1 r2"),
        ("status=fi linear", 0, "a status is running, scheduled, finished", "r1 r2"),
        ("linear started>soon", 7, "it takes a day (2026-11-20) or an age", "r1 r2"),
        ("linear started<2026-13-13", 7, "it takes a day", "r1 r2"),
        ("linear took>long", 7, "it takes a length such as 45s", "r1 r2"),
        ("linear is:nice", 7, "a run is archived, gone, hollow, nested", "r1 r2"),
        ("linear paper:e3", 7, "it takes a paper such as p3", "r1 r2"),
        ("linear entry:x", 7, "it takes an entry such as e3", "r1 r2"),
        ("linear verdict:good", 7, "a verdict is kept, dropped or unclear", "r1 r2"),
        ("linear tag:", 7, "it takes a tag such as todo", "r1 r2"),
        ("linear name<b", 7, "name is a text", "r1 r2"),
        ("linear name:", 7, "it takes a part of the text", "r1 r2"),
        ("(linear", 0, "A parenthesis is not closed.", "r1 r2"),
        ("linear) big", 6, "A closing parenthesis is left out: none is open.", "r2"),
        ("linear or", 7, "OR has nothing to choose between.", "r1 r2"),
        ("OR linear", 0, "OR has nothing to choose between.", "r1 r2"),
        ("linear not", 7, "NOT has nothing behind it.", "r1 r2"),
        ("linear ...", 7, "it has no letter or digit to search for", "r1 r2"),
        ("linear lr=<3", 7, "lr=<3 is left out: operators are < <= > >=", "r1 r2"),
        ("linear lr =< 3", 7, "lr =< is left out: operators are", ""),
        ("linear name=~b", 7, "name=~b is left out: operators are", "r1 r2"),
        ("linear param:lr=>3", 7, "in quotes, it is a value", "r1 r2"),
        ("linear lr≤3", 7, "lr≤3 is left out: operators are", "r1 r2"),
        (">3 linear", 0, ">3 is left out: operators are", "r1 r2"),
        ("linear !big", 7, "!big is left out: operators are", "r1 r2"),
        ("linear cnn||big", 7, "in quotes, it is words", "r1 r2"),
        ("linear and", 7, "AND has nothing behind it.", "r1 r2"),
        ("and linear", 0, "AND has nothing before it.", "r1 r2"),
        ("linear lr:3", 7, "there is no lr: here. A parameter or metric is written lr=", ""),
    ],
)
def test_what_is_not_understood_is_said_with_its_place_and_the_rest_holds(
    journal: sqlite3.Connection, text: str, position: int, said: str, refs: str
) -> None:
    (unclear,) = parse_run_filter(text, now=NOON).unclear
    assert unclear.position == position
    assert said in unclear.sentence
    assert found(journal, text) == refs.split()


@pytest.mark.parametrize(
    "text",
    [
        "lr<",
        "lr=<",
        "linear or ",
        "linear and ",
        "linear !",
        "(linear",
        "status:",
        "not ",
        "(lr>3 and (",
        "linear tag:",
        "foo:b",
    ],
)
def test_nothing_is_said_yet_about_what_is_still_being_typed(text: str) -> None:
    assert parse_run_filter(text, now=NOON, is_typing=True).unclear == ()
    assert parse_run_filter(text, now=NOON).unclear != ()


def test_the_last_word_is_a_prefix_while_it_is_typed(journal: sqlite3.Connection) -> None:
    query = parse_run_filter("lin", now=NOON, is_typing=True)
    assert len(run_ids(journal, query, now=NOON)) == 2
    assert found(journal, "lin") == []


def test_names_that_no_run_has_are_told(journal: sqlite3.Connection) -> None:
    names = parse_run_filter("lr<3 or (not lrr>3 metric:optimizer=3 validation/accuracy>0)")
    assert unknown_names(journal, names) == ("lrr", "optimizer")


@pytest.mark.parametrize(
    "text",
    ["(" * 1_000_000, "not " * 100_000 + "x", "-" * 500_000 + "x", "a or " * 100_000, "(a " * 5_000, "x" * 1_000_000,
     '"' * 99_999, "lr<1 " * 50_000, "[" * 100_000, "a=(" * 50_000, "paper:p1 " * 5_000, "(not " * 30_000 + "x",
     "-1<" * 100_000, "a in (" * 50_000, "a " * 100_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_a_megabyte_of_anything_is_bounded_and_runs(journal: sqlite3.Connection, text: str) -> None:
    query = parse_run_filter(text, now=NOON)
    assert len(query.unclear) < 200
    assert len(run_ids(journal, query, now=NOON)) <= 5


_PIECES = st.sampled_from(
    ["(", ")", "-", "not ", " and ", " or ", "AND", "OR", '"', "'", "lr", "<", ">=", "=", "!=", "~", "1e-3", "nan", "inf",
     "tag:", "status:", "paper:", "p1", "started", "-7d", "2026-11-01", "took", "1h", "why:", "is:", "archived", "param:",
     "metric:", "*", "%", "_", "\\", "\0", "\ud800", "NEAR(", "{", "ä", " ", "  ", "[", "]", ":", "x", " in ", " not in ", ","]
)  # fmt: skip


@pytest.fixture
def database(paths: Paths) -> Iterator[sqlite3.Connection]:
    connection = db.connect(paths)
    yield connection
    connection.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(text=st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join)), is_typing=st.booleans())
def test_no_text_is_an_error(database: sqlite3.Connection, text: str, is_typing: bool) -> None:
    query = parse_run_filter(text, now=NOON, is_typing=is_typing)
    run_ids(database, query, now=NOON)
    unknown_names(database, query)
    for unclear in query.unclear:
        assert unclear.sentence.endswith((".", "…"))
        assert 0 <= unclear.position <= len(text)


# ---------------------------------------------------------------- the same as plain Python finds

_KEYS = ("lr", "x", "acc")
_VALUES = ("1", "2.5", "1e-3", "0.001", "adam", "Ada", "nan", "inf")


_DRAFTS = st.lists(
    st.builds(
        lambda params, metrics, status, hour, minutes, name: (params, metrics, status, hour, minutes, name),
        st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES), max_size=3),
        st.dictionaries(
            st.sampled_from(_KEYS), st.sampled_from([0.001, 1.0, 2.5, None, math.inf, -math.inf]), max_size=3
        ),
        st.sampled_from([RunStatus.finished, RunStatus.failed]),
        st.none() | st.integers(0, 60),
        st.none() | st.integers(0, 120),
        st.sampled_from(["linear", "LIN 100%", "a_b", "adam"]),
    ),
    max_size=6,
)
_TERMS = st.one_of(
    st.builds(
        lambda force, key, operator, value: f"{force}{key}{operator}{value}",
        st.sampled_from(["", "param:", "metric:"]), st.sampled_from(_KEYS),
        st.sampled_from(["<", "<=", "=", "!=", ">=", ">", "~"]), st.sampled_from(_VALUES),
    ),
    st.sampled_from(
        ["status:failed", "is:finished", "name:lin", "name:%", "name:_", "name=linear", "name!=linear", "took>30min", "took<=1h",
         "took!=60m", "started>=-24h", "started<2026-11-19", "started<=2026-11-19", "started>2026-11-18", "param:lr",
         "metric:acc", "experiment:mnist", "is:archived", "tag:t1"]
    ),
)  # fmt: skip
_FILTERS = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" ", " and ", " or ", " OR "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("not ({})".format),
        inner.map("-({})".format),
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(drafts=_DRAFTS, texts=st.lists(_FILTERS, min_size=1, max_size=4))
def test_sql_finds_what_plain_python_finds(
    database: sqlite3.Connection, drafts: list[tuple[object, ...]], texts: list[str]
) -> None:
    known = [_Known(number, *draft) for number, draft in enumerate(drafts, 1)]  # type: ignore[arg-type]
    database.execute("BEGIN")
    try:
        for run in known:
            run.insert(database)
        for text in texts:
            query = parse_run_filter(text, now=NOON)
            ids = set(run_ids(database, query, now=NOON, with_archived=True))
            assert ids == {run.number for run in known if query.node is None or holds(query.node, run)}, text
    finally:
        database.execute("ROLLBACK")


class _Known:
    """A run as plain values, and how it gets into the tables."""

    def __init__(
        self,
        number: int,
        params: dict[str, str],
        metrics: dict[str, float | None],
        status: RunStatus,
        hour: int | None,
        minutes: int | None,
        name: str,
    ) -> None:
        self.number, self.params, self.metrics, self.status, self.name = number, params, metrics, status, name
        self.started_at = None if hour is None else NOON - timedelta(hours=hour)
        self.ended_at = (
            self.started_at + timedelta(minutes=minutes) if self.started_at and minutes is not None else None
        )
        self.is_archived, self.tags = number % 3 == 0, {"t1"} if number % 2 else set()

    def insert(self, connection: sqlite3.Connection) -> None:
        moment = "2026-11-20 12:00:00.000000"

        def told(at: datetime | None) -> str | None:
            return at.strftime("%Y-%m-%d %H:%M:%S.%f") if at else None

        connection.execute(
            "INSERT INTO item (id, kind, number, uid, title, created_at, updated_at) VALUES (?, 'run', ?, ?, ?, ?, ?)",
            (self.number, self.number, f"{self.number:026}", self.name, moment, moment),
        )
        connection.execute(
            "INSERT INTO run (item_id, experiment, status, started_at, ended_at, archived_at) VALUES (?, 'MNIST', ?, ?, ?, ?)",
            (
                self.number,
                self.status,
                told(self.started_at),
                told(self.ended_at),
                moment if self.is_archived else None,
            ),
        )
        for key, value in self.params.items():
            connection.execute("INSERT INTO run_param VALUES (?, ?, ?, ?)", (self.number, key, _number(value), value))
        for key, measured in self.metrics.items():
            connection.execute("INSERT INTO run_metric VALUES (?, ?, ?, 1, NULL)", (self.number, key, measured))
        for tag in self.tags:
            connection.execute("INSERT INTO tag VALUES (?, ?)", (self.number, tag))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">=": lambda one, other: one >= other,
    ">": lambda one, other: one > other,
}


def holds(node: Node, run: _Known) -> bool:
    """What a filter means, said a second time."""
    match node:
        case AllOf(parts):
            return all(holds(part, run) for part in parts)
        case OneOf(parts):
            return any(holds(part, run) for part in parts)
        case Not(part):
            return not holds(part, run)
        case Compared(named, operator, text, _):
            return (named.is_param and _of_param(run, named, operator, text)) or (
                named.is_metric and _of_metric(run, named, operator, text)
            )
        case Has(named):
            return (named.is_param and named.key in run.params) or (named.is_metric and named.key in run.metrics)
        case InText(column, operator, text):
            return _text({"title": run.name, "experiment": "MNIST"}[column], operator, text)
        case OfStatus(statuses):
            return run.status in statuses
        case At(_, operator, first, behind):
            return (
                run.started_at is not None
                and {
                    "<": run.started_at < first,
                    "<=": run.started_at < behind,
                    ">": run.started_at >= behind,
                    ">=": run.started_at >= first,
                }[operator]
            )
        case Took(operator, seconds, _):
            if run.started_at is None or run.ended_at is None:
                return False
            return _COMPARE[operator]((run.ended_at - run.started_at).total_seconds(), seconds)
        case Being("archived"):
            return run.is_archived
        case TaggedAs(name, None):
            return name in run.tags
    raise AssertionError(node)


def _text(text: str, operator: str, wanted: str) -> bool:
    if operator == "~":
        return wanted.lower() in text.lower()
    return (text.lower() == wanted.lower()) == (operator == "=")


def _of_param(run: _Known, named: Named, operator: str, text: str) -> bool:
    if named.key not in run.params:
        return False
    value, wanted = run.params[named.key], _number(text)
    if operator == "~" or wanted is None:
        return _text(value, operator, text)
    is_same = _number(value) == wanted or value.lower() == text.lower()
    if operator in {"=", "!="}:
        return is_same == (operator == "=")
    number = _number(value)
    return number is not None and _COMPARE[operator](number, wanted)


def _of_metric(run: _Known, named: Named, operator: str, text: str) -> bool:
    if named.key not in run.metrics:
        return False
    value, wanted = run.metrics[named.key], _number(text)
    if text == "nan":
        return {"=": value is None, "!=": value is not None}.get(operator, False)
    return value is not None and wanted is not None and operator != "~" and _COMPARE[operator](value, wanted)


def test_no_text_of_a_filter_gets_into_the_query_but_as_a_value() -> None:
    query = parse_run_filter(
        'param:"a\'b"<3 name:"x\' OR 1=1 --" tag:x;y started>2026-11-01 "q\'w"', now=datetime(2026, 11, 20, tzinfo=UTC)
    )
    assert query.node is not None
    clause, values = clause_of(query.node)
    assert "a'b" in values
    assert not any(written in clause for written in ("a'b", "1=1", "x;y", "q'w"))
