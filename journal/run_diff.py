"""What differs between two runs, as values: the metric that decides first, then only what is not the same. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from journal.commits_between import Between
from journal.deciding import deciding_metric, is_better
from journal.parting import Parting
from journal.patches import FileChange
from journal.printed_lines import OutputChange, first_difference
from journal.seed_groups import GroupedRun, Noise, Spread, code_of_patch, noise_between, spread
from journal.types import Ref, Run, RunStatus
from journal.words import WRITTEN_TO

PARAMETERS, TAGS, COMMAND, DATA, CODE = "parameters", "tags", "command", "data", "code"
MOVED = "path"  # the name of a change of DATA: the same content elsewhere
# What surrounded a run, in the order in which it is told; the code itself is compared file by file.
FACTS = (COMMAND, DATA, CODE, "packages", "python", "system", "environment", "hardware")
_NOT_OWN = ("mlflow.", "journal.")  # tags that trackers write
PATCH = "patch"
LEFT_OUT = "left out"  # in any section: what of it was not kept
_COUNTS = frozenset({"changed", "untracked"})  # of files; those are compared one by one
_LEFT_OUT_FILE = re.compile(r"(.+): (?:[\d,]+ bytes|binary|no regular file|may hold secrets)")
_MORE = re.compile(r"and ([\d,]+) more")
_NUMBER = re.compile("([0-9]+)")
_FAMILY = 3  # names that differ in their numbers alone
_MOST_NAMED = 3  # files of a patch that were not kept
_UNREAD = "unread"  # begins what stands in place of a fingerprint that was not taken


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """A run with everything that was recorded of it; `output` is the kept tail of what it printed."""

    run: Run
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    output: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)  # of its last metric values
    group: Sequence[GroupedRun] = ()  # the runs of its configuration, itself first


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two runs, as a heading names it."""

    ref: Ref
    title: str
    run_id: str | None
    experiment: str
    status: RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something by name in A and in B; None where a run does not have it."""

    name: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What differs of one kind. `unknown_for`: the runs that recorded nothing of it, so that nothing is compared.

    `missing`: for a run that recorded a part of it alone, the names that the other has.
    """

    name: str
    changes: tuple[Change, ...] = ()
    unknown_for: tuple[Ref, ...] = ()
    missing: tuple[tuple[Ref, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """The last values of a metric; None was NaN, or a run that did not log it (then its step is None, too)."""

    key: str
    a: float | None
    b: float | None
    a_step: int | None = None
    b_step: int | None = None
    difference: float | None = None
    is_better: bool | None = None  # None: equal, or the name does not say which way is better


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The spread of the deciding metric over seeds. `is_one_group`: the runs differ in their seed alone."""

    a: Spread | None
    b: Spread | None
    noise: Noise | None
    is_one_group: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChanges:
    """What a run had uncommitted and the other had not: against its own commit, empty where that is unknown."""

    ref: Ref
    commit: str
    files: tuple[FileChange, ...]
    is_outside: bool = False  # of every repository


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """How the code differs: `between` is None where the commits cannot be listed, and `sentences` say why.

    `origins` tell for a file whose commits changed it, and which run had it changed without a commit. `own` is said
    of files that cannot be compared, and `unknown_for` are the runs of whose code no more than that is known.
    `same`: files of a run outside of every repository that the other had alike, elsewhere.
    """

    between: Between | None = None
    files: tuple[FileChange, ...] = ()
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    own: tuple[OwnChanges, ...] = ()
    unknown_for: tuple[Ref, ...] = ()
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDiff:
    """Everything that differs between two runs, as far as it is known."""

    a: Side
    b: Side
    metric: MetricChange | None
    seeds: Seeds | None
    partings: tuple[Parting, ...]
    sections: tuple[Section, ...]
    code: CodeChange
    output: OutputChange | None
    metrics: tuple[MetricChange, ...]  # the other ones
    datasets: Mapping[str, str]  # what the journal calls the content of a fingerprint
    unknown: tuple[str, ...]  # what could not be compared, in sentences


def compare(
    a: RecordedRun,
    b: RecordedRun,
    *,
    metric: str = "",
    partings: Sequence[Parting] = (),
    code: CodeChange = CodeChange(),
    datasets: Mapping[str, str] | None = None,
    unknown: Sequence[str] = (),
) -> RunDiff:
    """The difference of two runs; `metric` decides, where it is given. What reading found out is passed in."""
    key = metric or deciding_key(a.run, b.run)
    changes = [_metric_change(a, b, name) for name in sorted(a.run.metrics.keys() | b.run.metrics.keys())]
    return RunDiff(
        a=_side(a.run),
        b=_side(b.run),
        metric=_metric_change(a, b, key) if key else None,
        seeds=_seeds(a, b, key) if key else None,
        partings=tuple(partings),
        sections=tuple(_sections(a, b)),
        code=code,
        output=first_difference(a.output, b.output),
        metrics=tuple(change for change in changes if change.key != key and change.a != change.b),
        datasets=datasets or {},
        unknown=(*unknown, *_not_kept(a), *_not_kept(b), *_patches_not_kept(a, b)),
    )


def deciding_key(a: Run, b: Run) -> str | None:
    """By which metric two runs are compared: one that both logged."""
    return deciding_metric(a.metrics.keys() & b.metrics.keys())


def facts_told(run: Run, facts: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The facts of a run; where a section was not captured, what MLflow's own tags say of it."""
    tags = run.run_tags
    source = tags.get("mlflow.source.name", "")
    is_file = source.endswith(".py") and PurePath(source).is_absolute()
    told = {
        "code": {
            "commit": tags.get("mlflow.source.git.commit", ""),
            "branch": tags.get("mlflow.source.git.branch", ""),
            "repository": tags.get("mlflow.source.git.repoURL", ""),
        },
        "command": {"script": source},
        "system": {"user": tags.get("mlflow.user", "")},
    }
    if told["code"]["commit"] and is_file:
        told["code"]["root"] = str(PurePath(source).parent)
    said = {name: {key: value for key, value in section.items() if value} for name, section in told.items()}
    return {**{name: section for name, section in said.items() if section}, **facts}


def _side(run: Run) -> Side:
    return Side(ref=run.ref, title=run.title, run_id=run.run_id, experiment=run.experiment, status=run.status)


def _sections(a: RecordedRun, b: RecordedRun) -> list[Section]:
    own_a, own_b = [
        {
            **{key: value for key, value in run.run_tags.items() if not key.startswith(_NOT_OWN)},
            **{f"#{tag}": "tagged" for tag in run.tags},
        }
        for run in (a.run, b.run)
    ]
    without = [one.run.ref for one in (a, b) if not one.run.params]
    found = [
        Section(name=PARAMETERS, unknown_for=tuple(without))
        if len(without) == 1
        else Section(name=PARAMETERS, changes=changes(a.run.params, b.run.params, as_numbers=True)),
        Section(name=TAGS, changes=changes(own_a, own_b)),
    ]
    told = {change.name.replace("-", "_") for change in found[0].changes}
    facts_a, facts_b = facts_told(a.run, a.facts), facts_told(b.run, b.facts)
    for name in FACTS:
        unknown = tuple(one.run.ref for one, facts in ((a, facts_a), (b, facts_b)) if not facts.get(name))
        if unknown:
            found.append(Section(name=name, unknown_for=unknown))
            continue
        section = _section(name, a, b, facts_a[name], facts_b[name])
        differing = [change for change in section.changes if _is_compared(name, change)]
        if name == DATA:
            differing = _without_moves(differing)
        elif name == COMMAND:  # what the parameters tell is not told again
            differing = [one for one in differing if one.name.removeprefix("arg.").replace("-", "_") not in told]
        found.append(replace(section, changes=tuple(differing)))
    return found


def _section(
    name: str, a: RecordedRun, b: RecordedRun, facts_a: Mapping[str, str], facts_b: Mapping[str, str]
) -> Section:
    """A section of which both recorded something. What one of them cannot have recorded is no difference."""
    by_tags = [run for run in (a, b) if name not in run.facts]
    if not by_tags:
        is_whole_a, is_whole_b = LEFT_OUT not in facts_a, LEFT_OUT not in facts_b
        differing = (
            change
            for change in changes(facts_a, facts_b)
            if (change.a is not None or is_whole_a) and (change.b is not None or is_whole_b)
        )
        return Section(name=name, changes=tuple(differing))
    # MLflow's tags say little, and some of it in another way than what is captured.
    shared = (facts_a.keys() & facts_b.keys()) - {"root"} - ({"repository"} if len(by_tags) == 1 else set())
    if not shared:
        return Section(name=name, unknown_for=tuple(run.run.ref for run in by_tags))
    missing = []
    for run, own, other in ((a, facts_a, facts_b), (b, facts_b, facts_a)):
        names = sorted(other.keys() - own.keys() - _COUNTS - {LEFT_OUT, "root"})
        if run in by_tags and names:
            missing.append((run.run.ref, tuple(names)))
    return Section(
        name=name,
        changes=changes({key: facts_a[key] for key in shared}, {key: facts_b[key] for key in shared}),
        missing=tuple(missing),
    )


def _is_compared(section: str, change: Change) -> bool:
    if section == DATA and any((value or "").startswith(_UNREAD) for value in (change.a, change.b)):
        return False
    return change.name != LEFT_OUT and not (section == CODE and change.name in _COUNTS)


def _not_kept(run: RecordedRun) -> Iterator[str]:
    """Sentences on what was left out of the facts of a run."""
    for name, section in run.facts.items():
        if LEFT_OUT in section and name != PATCH:
            yield f"{name} of {run.run.ref}, not kept: {section[LEFT_OUT]}"
    for path, value in run.facts.get(DATA, {}).items():
        if value.startswith(_UNREAD):
            yield f"the content of {path} for {run.run.ref}: {value}"
    yield from written_while_it_ran(run.run.ref, run.facts)


def written_while_it_ran(ref: Ref, facts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Sentences on the data of a run that did not look at its end as they did at its beginning."""
    for path in facts.get(WRITTEN_TO, {}):
        yield f"{path} was written to while {ref} ran: what it read may be another content than the one kept."


def _patches_not_kept(a: RecordedRun, b: RecordedRun) -> Iterator[str]:
    """One sentence on what of the code neither commit nor patch holds. Data that lies beside it, not kept of either
    run, is none: it says nothing of a difference. What nobody looked at may be anything.
    """
    left_out = [run.facts.get(PATCH, {}).get(LEFT_OUT, "").splitlines() for run in (a, b)]
    ours, theirs = ({_name_left_out(line) for line in lines} - {None} for lines in left_out)
    told = []
    for run, lines, others in ((a, left_out[0], theirs), (b, left_out[1], ours)):
        names = [_name_left_out(line) for line in lines]
        shown = [
            name or line
            for name, line in zip(names, lines, strict=True)
            if (name not in others or code_of_patch({f"untracked/{name}": ""})) and not _MORE.fullmatch(line)
        ]
        unread = sum(int(uncounted[1].replace(",", "")) for line in lines if (uncounted := _MORE.fullmatch(line)))
        beyond = max(0, len(shown) - _MOST_NAMED) + unread
        if shown:
            more = f" and {beyond:,} more" if beyond else ""
            told.append(f"of {run.run.ref}, not kept: {', '.join(shown[:_MOST_NAMED])}{more}")
        elif unread:
            told.append(f"of {run.run.ref}, not kept: {unread:,} {'file' if unread == 1 else 'files'}")
    if told:
        yield f"{PATCH} {'; '.join(told)}"


def _name_left_out(line: str) -> str | None:
    """The untracked file that a line of what was left out names; None where it tells of something else."""
    found = _LEFT_OUT_FILE.fullmatch(line)
    return found[1] if found else None


def changes(a: Mapping[str, str], b: Mapping[str, str], *, as_numbers: bool = False) -> tuple[Change, ...]:
    """What is not the same: changed first, then what only A has, then what only B has, by name, `layer12` before
    `layer102`. Families of numbered names come after all others, which they would hide.

    `as_numbers`: 0.1 and 1e-1 are the same; versions such as 2.1 and 2.10 are not.
    """
    named = [
        Change(name=name, a=a.get(name), b=b.get(name))
        for name in sorted(a.keys() | b.keys(), key=_natural)
        if a.get(name) != b.get(name) and not (as_numbers and _is_one_number(a.get(name), b.get(name)))
    ]
    families = Counter(map(_family, a.keys() | b.keys()))

    def place(change: Change) -> tuple[bool, int]:
        return families[_family(change.name)] >= _FAMILY, (change.b is None) + 2 * (change.a is None)

    return tuple(sorted(named, key=place))


def _family(name: str) -> str:
    """A name with its numbers left open; one without any is like no other."""
    return _NUMBER.sub("\0", name)


def _natural(name: str) -> tuple[list[str | tuple[int, str]], str]:
    """Numbers in names in their own order; their digits are compared, since there may be thousands of them."""
    parts = enumerate(_NUMBER.split(name))
    return [(len(part.lstrip("0")), part.lstrip("0")) if at % 2 else part for at, part in parts], name


def _without_moves(found: Sequence[Change]) -> list[Change]:
    """The same content at another path is one change: of the path."""
    gone = {change.a: change for change in found if change.b is None}
    moved = {change.b: change for change in found if change.a is None and change.b in gone}
    kept = [change for change in found if not (change.a is None or change.b is None) or _text(change) not in moved]
    paths = [Change(name=MOVED, a=gone[content].name, b=change.name) for content, change in moved.items()]
    return kept + paths


def _text(change: Change) -> str | None:
    return change.a if change.b is None else change.b


def _is_one_number(one: str | None, other: str | None) -> bool:
    try:
        return one is not None and other is not None and float(one) == float(other)
    except ValueError:
        return False


def _metric_change(a: RecordedRun, b: RecordedRun, key: str) -> MetricChange:
    before, after = a.run.metrics.get(key), b.run.metrics.get(key)
    return MetricChange(
        key=key,
        a=before,
        b=after,
        a_step=a.steps.get(key),
        b_step=b.steps.get(key),
        difference=None if before is None or after is None else after - before,
        is_better=None if before is None or after is None else is_better(key, before, after),
    )


def _seeds(a: RecordedRun, b: RecordedRun, key: str) -> Seeds:
    one, other = spread(a.group, key), spread(b.group, key)
    is_one_group = b.run.ref in {run.ref for run in a.group}
    noise = noise_between(one, other) if one and other and not is_one_group else None
    return Seeds(a=one, b=other, noise=noise, is_one_group=is_one_group)
