"""What `journal run` says when a command is over, and how it reads the answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from journal.deciding import deciding_metric
from journal.words import Ref, RunStatus, Verdict
from tui.formatting import clipped, counted, duration, number, printable

NOT_ASKED = "not asked, since the last question was left unanswered"
_MOST_CELLS = 60
_VERDICT_OF_WORD = {
    "yes": Verdict.kept, "y": Verdict.kept, "kept": Verdict.kept,
    "no": Verdict.dropped, "n": Verdict.dropped, "dropped": Verdict.dropped,
    "partly": Verdict.unclear, "unclear": Verdict.unclear,
}  # fmt: skip
_ANSWER = re.compile(r"(?P<word>[a-z]+)(?P<stop>\s*[,:;.!-]+\s*|\s+|$)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered: the outcome, and the verdict that its first word gives."""

    text: str
    verdict: Verdict | None


def answer(line: str) -> Answer:
    """Read `yes, 99.1 to 99.3`, `dropped`, or any other line; nothing that was typed is lost but the bare word."""
    match = _ANSWER.fullmatch(line.strip())
    verdict = _VERDICT_OF_WORD.get(match["word"].lower()) if match else None
    if match is None or verdict is None:
        return Answer(line.strip(), None)
    # "no change at all" keeps its no; "no, it fell" does not need it, and "dropped it fell" neither.
    is_apart = bool(match["stop"].strip()) or not match["rest"] or match["word"].lower() in {*Verdict}
    return Answer(match["rest"].strip() if is_apart else line.strip(), verdict)


def end_line(refs: Sequence[Ref], status: RunStatus, took: timedelta, metrics: Mapping[str, float | None]) -> str:
    """`r12 finished in 3 min · validation/accuracy 0.985 · journal show r12`."""
    first, last = refs[0], refs[-1]
    named = str(first) if len(refs) == 1 else f"{counted(len(refs), 'run')}, {first} to {last},"
    parts = [f"{named} {status} {'in' if status is RunStatus.finished else 'after'} {duration(took)}"]
    if len(refs) == 1 and (key := deciding_metric(metrics) or min(metrics, default=None)) is not None:
        parts.append(f"{clipped(printable(key), _MOST_CELLS)} {number(metrics[key])}")
    parts.append(f"journal show {first}" if len(refs) == 1 else "journal runs list")
    return " · ".join(parts)


def bare_end_line(status: str, took: timedelta, entry: str) -> str:
    """`finished in 3 min · journal runs list`: of a run that the journal does not have yet; `entry` may be empty."""
    ended = f"{status} {'in' if status == RunStatus.finished else 'after'} {duration(took)}"
    return f"{ended} · {f'journal show {clipped(printable(entry), _MOST_CELLS)}' if entry else 'journal runs list'}"


def outcome_question(what: str, expect: str, patience_s: float) -> str:
    """Asked of an entry whose outcome nobody wrote yet."""
    expected = f" (expected: {_short(expect)})" if expect.strip() else ""
    return f'Did it hold? "{_short(what)}"{expected}. One line, Enter: later ({patience_s:g} s) > '


def why_question(patience_s: float) -> str:
    """Asked of a run of which nobody said why."""
    return f"Why was it run? One line, Enter: leave it ({patience_s:g} s) > "


def _short(text: str) -> str:
    return clipped(printable(text[: 4 * _MOST_CELLS]), _MOST_CELLS)
