"""The demo journal: bundled papers, questions and diary, and a network that is really trained.

It lives in a home of its own beside the person's journal and never touches that one. What is bundled
is facts and our own summaries; every figure in an answer comes from the run that was just trained.
"""

from __future__ import annotations

import json
import shutil
import string
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from journal.clock import Clock, now
from journal.config import Settings
from journal.db import wrapped_errors
from journal.errors import JournalError, UsageError
from journal.paths import Paths, at_home, bundled_data, made
from journal.store import entries, items, links, papers
from journal.store.changes import Change, program_change
from journal.types import EntryDraft, EntryType, PaperDecision, PaperState, Ref, Relation, Verdict
from tui import bundled_papers

EXPERIMENT = "linear"
_MARK = "this-is-a-demo-journal"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo holds. `trained` is None where training was not possible, and `problem` says why."""

    paths: Paths
    trained: Ref | None
    problem: JournalError | None


def demo_paths(home: Path) -> Paths:
    return at_home(home.absolute())


def is_made(where: Paths) -> bool:
    """Whether `where` is a demo journal that was finished."""
    mark = where.data / _MARK
    return mark.is_file() and mark.read_text(encoding="utf-8").startswith("finished")


def make(where: Paths, settings: Settings, tell: Callable[[str], None], *, clock: Clock = now) -> Demo:
    """Fill the demo journal at `where` anew and train the first experiment into it.

    Raises UsageError where the folder holds anything else than a demo journal.
    """
    with wrapped_errors(where.data):
        _clear(where)
    tell("Reading the bundled papers, diary and questions...")
    fill(where, clock=clock)
    tell("Training softmax regression on 5,000 images of MNIST...")
    try:
        trained = train(where, settings)
    except JournalError as error:
        return Demo(where, None, error)
    (where.data / _MARK).write_text("finished\n", encoding="utf-8")
    return Demo(where, trained, None)


def found(where: Paths) -> Demo:
    """The demo journal that is there already."""
    from journal import db
    from journal.queries.runs import list_runs

    connection = db.connect(where)
    try:
        rows = list_runs(connection, limit=1)
    finally:
        connection.close()
    return Demo(where, rows[0].ref if rows else None, None)


def own_store_only(settings: Settings) -> Settings:
    """The same settings, but no MLflow store of the person's: the demo leaves that one alone."""
    return replace(settings, tracking_uri="", mnist="")


def _clear(where: Paths) -> None:
    folder = where.data
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file.", hint="Name an empty or new folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise UsageError(f"{folder} is not a demo journal.", hint="Name an empty or new folder.")
    if folder.exists():
        shutil.rmtree(folder)
    (made(folder) / _MARK).write_text("unfinished\n", encoding="utf-8")


def fill(where: Paths, *, clock: Clock = now) -> None:
    """Papers, diary and questions as bundled, the diary dated back from today."""
    folder = bundled_data() / "demo"
    moment = clock()
    with program_change(where, clock=lambda: moment) as change:
        _keep_papers(change)
    for entry in _toml(folder / "diary.toml", "entry"):
        at = moment - timedelta(days=entry.get("days_ago", 0))
        with program_change(where, clock=lambda at=at: at) as change:  # type: ignore[misc]
            _keep_entry(change, entry, EntryType(entry["type"]))
    with program_change(where, clock=lambda: moment) as change:
        for question in _toml(folder / "questions.toml", "question"):
            _keep_entry(change, question, EntryType.question)


def _keep_papers(change: Change) -> None:
    bundled = bundled_papers.records()
    inserts = tuple((bundled_papers.draft_of(record), PaperState(record["state"])) for record in bundled)
    decision = PaperDecision(
        inserts=inserts, updates=(), unchanged=0, placed=tuple(-position for position in range(1, len(inserts) + 1))
    )
    papers.apply(change, decision)
    for record in bundled:
        items.tag(change, papers.named(change, bundled_papers.name_of(record)), add=record.get("tags", ()))


def _toml(file: Path, name: str) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))[name]
    return values


def _keep_entry(change: Change, entry: dict[str, Any], entry_type: EntryType) -> Ref:
    verdict = entry.get("verdict")
    ref = entries.add(
        change,
        EntryDraft(
            what=entry["what"],
            type=entry_type,
            why=entry.get("why", "").strip(),
            expect=entry.get("expect", "").strip(),
            outcome=entry.get("outcome", "").strip(),
            verdict=Verdict(verdict) if verdict else None,
            body=entry.get("body", "").strip(),
        ),
    )
    items.tag(change, ref, add=entry.get("tags", ()))
    for paper in entry.get("papers", ()):
        links.add(change, ref, papers.named(change, paper), Relation.about)
    return ref


# ---------------------------------------------------------------- the experiment, and what it answers


def train(where: Paths, settings: Settings) -> Ref:
    """Train the experiment in a child process, and answer the questions from its run; the run.

    Raises MissingExtra, or JournalError where the training failed.
    """
    from experiments.names import named
    from tui.experiment_process import run_experiment

    ended = run_experiment(where, settings, named(EXPERIMENT))
    if ended.exit_code or not ended.runs:
        raise JournalError(f"The experiment {EXPERIMENT} ended with exit code {ended.exit_code}.")
    (run, *_) = ended.runs
    answer(where, run)
    return run


def answer(where: Paths, run: Ref) -> None:
    """Fill the bundled answers from what the run logged, and link each question to the run."""
    from journal import db
    from journal.queries.entries import list_entries
    from journal.queries.runs import get_run

    connection = db.connect(where)
    try:
        artifacts = get_run(connection, run).artifact_uri
        questions = {row.title: row.ref for row in list_entries(connection, types=[EntryType.question], limit=100)}
    finally:
        connection.close()
    values = json.loads((Path(artifacts.removeprefix("file://")) / "answers.json").read_text(encoding="utf-8"))
    with program_change(where) as change:
        for question in _toml(bundled_data() / "demo" / "questions.toml", "question"):
            ref = questions[" ".join(question["what"].split())]
            entries.set_outcome(change, ref, filled(question["answer"].strip(), values))
            links.add(change, run, ref, Relation.about)


def filled(template: str, values: dict[str, object]) -> str:
    """`template` with its placeholders replaced by what the run logged. Raises KeyError for one it did not."""
    return string.Formatter().vformat(template, (), values)


# ---------------------------------------------------------------- the tour


def tour(demo: Demo) -> Iterable[str]:
    """A short walk through the demo journal for where there is no terminal: one line at a time."""
    from journal import db
    from journal.queries.entries import get_entry, list_entries
    from journal.queries.items import count_all
    from journal.queries.papers import list_papers
    from journal.queries.runs import get_run
    from tui.formatting import counted, number, printable, short_authors

    connection = db.connect(demo.paths)
    try:
        counts = count_all(connection)
        yield (
            f"The demo journal holds {counted(counts.papers, 'paper')} ({counts.new_papers} new), "
            f"{counted(counts.runs, 'run')} and {counted(counts.entries, 'entry', 'entries')}."
        )
        yield ""
        yield "New this morning:"
        for row in list_papers(connection, states=[PaperState.new], limit=3):
            yield f"  {row.ref}  {printable(row.title)}  ({short_authors(row.authors)})"
        if demo.trained is not None:
            run = get_run(connection, demo.trained)
            yield ""
            yield f"Trained here, {run.ref} {printable(run.title)} ({run.status}):"
            for key in ("validation/accuracy", "test/accuracy"):
                if key in run.metrics:
                    yield f"  {key} {number(run.metrics[key])}"
            yield f"  linked to {_listed(str(link.ref) for link in run.links)}"
        yield ""
        yield "A question, and what the run answered:"
        for asked in list_entries(connection, types=[EntryType.question], limit=1):
            question = get_entry(connection, asked.ref)
            yield f"  {question.ref}  {printable(question.title)}"
            yield f"      {printable(question.outcome) or 'not answered yet'}"
    finally:
        connection.close()


def _listed(words: Iterable[str]) -> str:
    shown: Sequence[str] = list(words)
    return ", ".join(shown) if shown else "nothing"
