"""What trains and what to do meanwhile, as lines: for the command line and the interface alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from journal.queries.meanwhile import Meanwhile, TrainingNow
from journal.types import Ref
from tui.formatting import ago, counted, duration, number, reading, shown_title

TRAINS, ENDED, DUE, READ, ANSWER, TRY = "trains", "ended", "comes back", "read", "answer", "try"


@dataclass(frozen=True, slots=True)
class Todo:
    """One line: what kind of thing it is, the item (None: the board), its title, and why it is here."""

    what: str
    ref: Ref | None
    title: str
    why: str


def todos(meanwhile: Meanwhile, now: datetime) -> tuple[Todo, ...]:
    """What trains, then what one may do: to write down, to read, to answer, to try."""
    return (*_training(meanwhile, now), *_to_do(meanwhile, now))


def _training(meanwhile: Meanwhile, now: datetime) -> Iterator[Todo]:
    for training in meanwhile.training:
        yield Todo(TRAINS, training.ref, training.title, _how_far(training, now))


def _how_far(training: TrainingNow, now: datetime) -> str:
    parts = []
    if training.started_at is not None:
        parts.append(duration(now - training.started_at))
    if training.metric is not None:
        key, value = training.metric
        at = f" at step {training.step:,}" if training.step else ""
        parts.append(f"{number(value)} {key.replace('validation/', 'val/')}{at}")
    if training.expect.strip():
        parts.append(f"expected: {training.expect.strip()}")
    return " · ".join(parts)


def _to_do(meanwhile: Meanwhile, now: datetime) -> Iterator[Todo]:
    for ended in meanwhile.ended:
        further = f", and {counted(ended.runs - 1, 'run')} before" if ended.runs > 1 else ""
        when = f" {ago(ended.ended_at, now)}" if ended.ended_at else ""
        yield Todo(ENDED, ended.ref, ended.title, f"{ended.run} {ended.status}{when}{further}: what came of it?")
    for due in meanwhile.due:
        yield Todo(DUE, due.ref, shown_title(due.ref, due.title), due.because)
    due_back = {due.ref for due in meanwhile.due}
    for paper in meanwhile.queue:
        if paper.ref in due_back:
            continue
        passes = reading(paper.passes)
        yield Todo(READ, paper.ref, shown_title(paper.ref, paper.title), f"{paper.place} in the queue"
                   + (f", {passes}" if passes else ""))  # fmt: skip
    for question in meanwhile.questions:
        yield Todo(ANSWER, question.ref, question.title, f"asked {ago(question.created_at, now)}")
    proposal = meanwhile.next
    title = proposal.title or f"something on {proposal.attribute}"
    yield Todo(TRY, proposal.idea, title, proposal.why)
