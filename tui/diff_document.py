"""What is shown of the difference of two runs: the metric that decides, then only what differs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from journal.code_matching import DiffLine
from journal.commits_between import Between, Commit
from journal.deciding import direction
from journal.patches import FileChange, limited
from journal.printed_lines import OutputChange
from journal.run_diff import (
    DATA,
    MOVED,
    PARAMETERS,
    Change,
    CodeChange,
    MetricChange,
    OwnChanges,
    RunDiff,
    Section,
    Side,
)
from journal.types import Kind, LinkedItem, RunStatus
from tui.diff_words import parting_told, seeds_told, unknown_told
from tui.documents import Block, Code, CodeLine, Document, Facts, Links, Prose, Table, Title
from tui.formatting import clipped, counted, local_day, number, printable
from tui.roles import STATUS_ROLES

_LONGEST_VALUE = 300
_SHOWN_OF_COMMIT, _SHOWN_OF_FINGERPRINT = 10, 12  # characters
_ROLE_OF_SIGN = {"+": "good", "-": "bad"}
_NOT_OWN = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Most:
    """How many of each thing are shown; None: all of them."""

    rows: int | None = None  # of a section
    metrics: int | None = None
    commits: int | None = None  # of a side
    files_of_commit: int | None = None
    files: int | None = None
    lines: int | None = None  # of a file


_ALL = _Most()
_SOME = _Most(rows=30, metrics=8, commits=12, files_of_commit=4, files=20, lines=40)


def diff_document(
    diff: RunDiff, *, shows_all: bool = False, more: str = "", is_quick: bool = False, has_links: bool = False
) -> Document:
    """The whole difference; unless `shows_all`, long parts are cut, and `more` says how to see them whole.

    `is_quick`: code and curves are still being compared. `has_links`: with the runs, to go to.
    """
    most = _ALL if shows_all else _SOME
    blocks: list[Block] = [
        *_sides(diff.a, diff.b),
        *_verdict(diff),
    ]
    head = len(blocks)
    blocks.append(Table("Where the curves part", tuple((one.key, parting_told(one, diff)) for one in diff.partings)))
    told = [section for section in diff.sections if section.changes]
    without = [ref for section in diff.sections if section.name == PARAMETERS for ref in section.unknown_for]
    blocks.append(Table(PARAMETERS.capitalize(), tuple((str(ref), "logged none") for ref in without)))
    blocks += [_table(section, diff.datasets, most.rows, more) for section in told]
    if diff.code.between:
        blocks += _commits(diff.code.between, diff, most, more)
    blocks += _output(diff.output, diff)
    blocks += _files(diff.code, most, more)
    differs = any(not isinstance(block, Table) or block.rows for block in blocks[head:])
    blocks.append(_metrics(diff.metrics, most.metrics, more))
    if is_quick:
        blocks.append(Prose("", "Comparing code and curves..."))
    else:
        nothing = "Nothing else that is known differs."
        if not differs:
            nothing = "Nothing that is known differs, but for the metrics."
        blocks.append(Prose("", nothing))
    blocks.append(Prose("Not known", "\n".join(unknown_told(diff))))
    if has_links:
        blocks.append(Links("The runs", tuple(_link(side) for side in (diff.a, diff.b))))
    return Document(diff.b.ref, tuple(blocks))


# ---------------------------------------------------------------- the head


def _sides(a: Side, b: Side) -> Iterator[Facts]:
    for side in (a, b):
        unfinished = "" if side.status is RunStatus.finished else str(side.status)
        yield Facts((
            (str(side.ref), "ref"), (side.title, ""), (side.experiment, "dim"), (unfinished, STATUS_ROLES[side.status]),
        ))  # fmt: skip


def _verdict(diff: RunDiff) -> Iterator[Block]:
    metric = diff.metric
    if metric is None:
        yield Title("No metric decides")
        yield Facts((("the two share none whose name says which way is better", "warn"),))
        return
    words, role = _judged(metric)
    broken = [
        str(side.ref)
        for side, value, step in ((diff.a, metric.a, metric.a_step), (diff.b, metric.b, metric.b_step))
        if value is None and step is not None
    ]
    if broken:
        words, role = f"{' and '.join(broken)} {'is' if len(broken) == 1 else 'are'} not a number", "bad"
    is_compared = diff.seeds is not None and metric.difference is not None
    sure, details = seeds_told(diff.seeds, metric, diff) if diff.seeds is not None and is_compared else ("", "")
    noise = diff.seeds.noise if diff.seeds is not None else None
    exceeds = noise is not None and noise.exceeds and noise.difference * (metric.difference or 0) > 0
    yield Title(f"{metric.key}  {_values(metric)}")
    yield Facts(((", ".join(part for part in (words, sure) if part), role if exceeds else "warn" if sure else role),))
    yield Facts(((details, "dim"),))
    if metric.a_step is not None and metric.b_step is not None and metric.a_step != metric.b_step:
        steps = f"{diff.a.ref} at step {metric.a_step:,}, {diff.b.ref} at step {metric.b_step:,}"
        yield Facts(((f"not at the same point of training: {steps}", "warn"),))


def _values(metric: MetricChange) -> str:
    return f"{_value(metric.a, metric.a_step)} → {_value(metric.b, metric.b_step)}{_difference(metric)}"


def _value(value: float | None, step: int | None) -> str:
    return number(value) if value is not None or step is not None else "not logged"


def _difference(metric: MetricChange) -> str:
    return "" if metric.difference is None else f"  ({metric.difference:+.3g})"


def _judged(metric: MetricChange) -> tuple[str, str]:
    if metric.difference == 0:
        return "the same", "dim"
    if metric.is_better is None:
        return ("" if direction(metric.key) else "its name does not say which way is better"), "dim"
    return ("better", "good") if metric.is_better else ("worse", "bad")


# ---------------------------------------------------------------- sections


def _table(section: Section, datasets: Mapping[str, str], most: int | None, more: str) -> Table:
    rows = [(change.name, _change_told(change, section, datasets)) for change in section.changes[:most]]
    rows += _left_out(len(section.changes) - len(rows), more)
    is_same_path = any(change.a and change.b and change.name != MOVED for change in section.changes)
    heading = "Data: same path, other content" if section.name == DATA and is_same_path else section.name.capitalize()
    return Table(heading, tuple(rows))


def _change_told(change: Change, section: Section, datasets: Mapping[str, str]) -> str:
    def shown(value: str) -> str:
        if section.name == DATA and change.name != MOVED:
            name = datasets.get(value)
            return f"{name} ({value[:_SHOWN_OF_FINGERPRINT]})" if name else value[:_SHOWN_OF_FINGERPRINT]
        if change.name == "commit":
            return value[:_SHOWN_OF_COMMIT]
        return clipped(printable(value[: 4 * _LONGEST_VALUE]), _LONGEST_VALUE) or "(empty)"

    if change.a is None:
        return f"(none) → {shown(change.b or '')}"
    return f"{shown(change.a)} → {'(none)' if change.b is None else shown(change.b)}"


def _left_out(count: int, more: str) -> list[tuple[str, str]]:
    return [("...", f"and {count:,} more{f': {more}' if more else ''}")] if count > 0 else []


def _metrics(metrics: Sequence[MetricChange], most: int | None, more: str) -> Table:
    rows = []
    for metric in metrics[:most]:
        words = _judged(metric)[0] if direction(metric.key) else ""
        rows.append((metric.key, f"{_values(metric)}  {words}".rstrip()))
    return Table("Other metrics", (*rows, *_left_out(len(metrics) - len(rows), more)))


def _output(output: OutputChange | None, diff: RunDiff) -> Iterator[Block]:
    if output is None:
        return
    lines = [
        CodeLine(f"{sign}{side.ref}", "(it ends before)" if text is None else text[:_LONGEST_VALUE], role)
        for sign, side, text, role in (("-", diff.a, output.a, "bad"), ("+", diff.b, output.b, "good"))
    ]
    yield Code(f"First line of the output that differs ({output.line:,} of what was kept)", tuple(lines))


# ---------------------------------------------------------------- code


def _commits(between: Between, diff: RunDiff, most: _Most, more: str) -> Iterator[Block]:
    for side, commits, unlisted in (
        (diff.b, between.only_b, between.unlisted_b),
        (diff.a, between.only_a, between.unlisted_a),
    ):
        if not commits:
            continue
        count = len(commits) + unlisted
        others = sum(commit.is_own is False for commit in commits)
        told = f", {others} by others ({_NOT_OWN})" if others else ""
        shown = commits[: most.commits]
        lines = [line for commit in shown for line in _commit_lines(commit, most)]
        if count > len(shown):
            how = f": {more}" if more and len(commits) > len(shown) else ""
            lines.append(CodeLine("", f"and {counted(count - len(shown), 'commit')} more{how}", "dim"))
        if between.is_shallow:
            lines.append(CodeLine("", "The clone is shallow: commits from before its beginning are not told.", "dim"))
        yield Code(f"{counted(count, 'commit')} that only {side.ref} has{told}", tuple(lines))


def _commit_lines(commit: Commit, most: _Most) -> Iterator[CodeLine]:
    is_others = commit.is_own is False
    label = f"{_NOT_OWN if is_others else ' '} {commit.id[:_SHOWN_OF_COMMIT]}"
    day = local_day(commit.authored_at)
    yield CodeLine(label, printable(f"{day}  {commit.author}: {commit.subject}"), "warn" if is_others else "")
    shown = commit.files[: most.files_of_commit]
    files = [f"{file.path} {_counts(file.added, file.removed)}" for file in shown]
    if len(commit.files) > len(shown):
        files.append(f"{len(commit.files) - len(shown):,} more")
    if files:
        yield CodeLine("", f"  {printable(', '.join(files))}", "dim")


def _counts(added: int | None, removed: int | None) -> str:
    return "(no text)" if added is None or removed is None else f"+{added:,} -{removed:,}"


def _files(code: CodeChange, most: _Most, more: str) -> Iterator[Block]:
    if code.unknown_for:
        runs = " and what ".join(f"{ref} ran" for ref in code.unknown_for)
        yield Title(f"Code as it ran: what {runs} is not known")
    if code.same:
        yield Title(f"Code as it ran: {', '.join(code.same)} has the same content, under another root")
    if code.files:
        heading = "Files of which both are known" if code.unknown_for else "Code as it ran"
        yield Title(f"{heading}: {counted(len(code.files), 'file differs', 'files differ')}")
        yield from _changes(code.files, code.origins, most, more)
    for own in code.own:
        yield Title(f"{_own_told(own)}: {counted(len(own.files), 'file')}")
        yield from _changes(own.files, {}, most, more)


def _own_told(own: OwnChanges) -> str:
    if own.is_outside:
        return f"Kept of what {own.ref} ran, in no repository"
    commit = f"its commit {own.commit[:_SHOWN_OF_COMMIT]}" if own.commit else "its commit, which is not known"
    return f"Uncommitted in {own.ref} alone, against {commit}"


def _changes(
    files: Sequence[FileChange], origins: Mapping[str, Sequence[str]], most: _Most, more: str
) -> Iterator[Block]:
    shown = files[: most.files]
    for change in shown:
        yield _file(change if most.lines is None else limited(change, most.lines), origins.get(change.path, ()), more)
    rest = [f"{change.path} +{change.added:,} -{change.removed:,}" for change in files[len(shown) :]]
    if rest:
        yield Prose(f"{counted(len(rest), 'file')} more{f': {more}' if more else ''}", printable(", ".join(rest[:100])))


def _file(change: FileChange, origins: Sequence[str], more: str) -> Code:
    name = change.path if change.what != "renamed" else f"{change.old_path} → {change.path}"
    what = "" if change.what == "changed" else f" {change.what}"
    lines = [_code_line(line) for line in change.lines]
    if change.note:
        told = f"{change.note}{f': {more}' if more and change.note.endswith('more lines') else ''}"
        lines.append(CodeLine("", told, "dim"))
    by = f"  ({', '.join(origins)})" if origins else ""
    heading = printable(f"{name}{what} +{change.added:,} -{change.removed:,}{by}")
    nothing = "(the same content)" if change.what == "renamed" else "(empty)"
    return Code(heading, tuple(lines) or (CodeLine("", nothing, "dim"),))


def _code_line(line: DiffLine) -> CodeLine:
    if not line.sign:
        return CodeLine("", "", "dim")
    if line.sign == " ":
        return CodeLine(f"·{line.number}" if line.number else "", line.text, "dim")
    return CodeLine(f"{line.sign}{line.number}", line.text, _ROLE_OF_SIGN[line.sign])


def _link(side: Side) -> LinkedItem:
    return LinkedItem(ref=side.ref, kind=Kind.run, title=side.title, relation="", direction="out")
