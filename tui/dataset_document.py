"""What is shown of a dataset: where it lies, how it stands, what is said of it, what it was seen to hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from journal.data_now import DataStanding
from journal.types import DATASET_TEXTS, Dataset, DatasetContent, Ref, UsedData
from tui.documents import Document, Facts, Links, Prose, Table, Title
from tui.formatting import counted, local_day, local_time

_SHOWN_OF_DIGEST = 12
_MOST_RUNS = 8  # named
_TOLD = {
    DataStanding.same: ("It looks as it did when it was read.", "good"),
    DataStanding.touched: ("Names, sizes or times are not as they were: 'journal dataset check' reads it.", "warn"),
    DataStanding.gone: ("It is not there any more, or not on this machine.", "bad"),
    DataStanding.unreadable: ("It cannot be read.", "bad"),
    DataStanding.unknown: ("", ""),
}


def dataset_document(dataset: Dataset, standing: DataStanding, marks: tuple[tuple[str, str], ...] = ()) -> Document:
    """The dataset; `marks` are facts that any item has."""
    seen = dataset.contents if len(dataset.contents) > 1 else ()
    return Document(
        dataset.ref,
        (
            Title(dataset.title),
            Facts((
                (str(dataset.ref), "ref"),
                (size_told(dataset.content), ""),
                (dataset.path, "dim"),
                (f"added {local_time(dataset.created_at)}", "dim"),
                (changed_mark(dataset), "warn"),
                *marks,
            )),
            Facts((_TOLD[standing],)),
            *(Prose(field.capitalize(), getattr(dataset, field)) for field in DATASET_TEXTS),
            Links("Links", dataset.links),
            Table("Seen with", tuple((local_time(each.seen_at), _seen(each, dataset)) for each in seen)),
            Table("", (("fingerprint", dataset.fingerprint),)),
        ),
    )  # fmt: skip


def _seen(content: DatasetContent, dataset: Dataset) -> str:
    is_described, is_now = (content.fingerprint == each for each in (dataset.described, dataset.fingerprint))
    marks = f"{', as described' if is_described else ''}{', now' if is_now else ''}"
    return f"{size_told(content)}, {short(content.fingerprint)}{marks}"


def size_told(content: DatasetContent) -> str:
    """`4 files, 11.6 MB`."""
    return f"{counted(content.files, 'file')}, {bytes_told(content.bytes)}" if content.files else "size not told"


def changed_mark(dataset: Dataset) -> str:
    """`changed on 2026-11-20`, the day on which that was seen first; '' where it is as a person described it."""
    return f"changed on {local_day(dataset.changed_at)}" if dataset.changed_at else ""


def bytes_told(count: int) -> str:
    """`512 bytes`, `11.6 MB`."""
    if count < 1000:
        return counted(count, "byte")
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:,.1f} {unit}"


def changed_told(then: DatasetContent, now: DatasetContent) -> str:
    """How a content is another than one before it, in a sentence."""
    return (
        f"It has changed: {size_told(then)} ({short(then.fingerprint)}, seen {local_time(then.seen_at)}), "
        f"now {size_told(now)} ({short(now.fingerprint)})."
    )


def who_read_what(readers: Iterable[tuple[DatasetContent, Sequence[Ref]]]) -> str:
    """`r1, r2 read 0123456789ab; r3 read ba9876543210.`: which runs read which content; '' where none did."""
    told = [
        f"{', '.join([*map(str, runs[:_MOST_RUNS]), *_more(len(runs))])} read {short(content.fingerprint)}"
        for content, runs in readers
        if runs
    ]
    return f"{'; '.join(told)}." if told else ""


def _more(count: int) -> list[str]:
    return [f"{count - _MOST_RUNS:,} more"] if count > _MOST_RUNS else []


def told_of_data(used: UsedData) -> tuple[str, ...]:
    """What a person must know of the data of a run, in sentences."""
    return tuple(sentence for sentence in (had_changed(used), changed_since(used)) if sentence)


def had_changed(used: UsedData) -> str:
    """That the run found its dataset changed; '' where that was known before, or is not so."""
    if used.ref is None or used.before is None:
        return ""
    before = f"{short(used.before.fingerprint)} before, seen {local_time(used.before.seen_at)}"
    return f"{used.ref} {used.title} had changed when the run used it: it was {before}; then {short(used.fingerprint)}."


def changed_since(used: UsedData) -> str:
    """That the data of a run is another now, or was another than any that is known; '' where it is the same."""
    if used.ref is None or used.fingerprint == used.now:
        return ""
    seen = f"seen {local_time(used.seen_at)}" if used.seen_at else "never seen else"
    then = f"the run used {short(used.fingerprint)}, {seen}"
    return f"{used.ref} {used.title} has changed since: {then}; now it is {short(used.now)}."


def short(fingerprint: str) -> str:
    """The first digits of a fingerprint."""
    return fingerprint.partition(":")[2][:_SHOWN_OF_DIGEST]
