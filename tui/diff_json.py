"""The difference of two runs as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journal.patches import FileChange, limited
from journal.run_diff import RunDiff
from tui.diff_words import unknown_told

_MOST_LINES = 40  # of a file


def json_of(diff: RunDiff, *, shows_all: bool = False) -> dict[str, object]:
    """The difference as one object: a list for each section, only with what differs.

    Lines of code are cut as on the screen unless `shows_all`; a file's `note` then says how many are left out.
    """
    between = diff.code.between
    return {
        "a": diff.a,
        "b": diff.b,
        "metric": diff.metric,
        "seeds": diff.seeds
        and {
            "a": diff.seeds.a,
            "b": diff.seeds.b,
            "is_one_group": diff.seeds.is_one_group,
            "interval": diff.seeds.noise and [diff.seeds.noise.low, diff.seeds.noise.high],
            "rule": diff.seeds.noise and diff.seeds.noise.rule,
            "exceeds_noise": diff.seeds.noise and diff.seeds.noise.exceeds,
        },
        "curves": diff.partings,
        **{section.name: section.changes for section in diff.sections},
        "commits": {
            "only_a": between.only_a if between else (),
            "only_b": between.only_b if between else (),
            "unlisted_a": between.unlisted_a if between else 0,
            "unlisted_b": between.unlisted_b if between else 0,
        },
        "files": _files(diff.code.files, diff.code.origins, shows_all=shows_all),
        "same_elsewhere": diff.code.same,
        "uncommitted": [
            {"ref": own.ref, "commit": own.commit, "files": _files(own.files, {}, shows_all=shows_all)}
            for own in diff.code.own
        ],
        "output": diff.output,
        "metrics": diff.metrics,
        "datasets": diff.datasets,
        "unknown": list(unknown_told(diff)),
    }


def _files(
    files: Sequence[FileChange], origins: Mapping[str, Sequence[str]], *, shows_all: bool
) -> list[dict[str, object]]:
    return [
        {
            "path": change.path,
            "old_path": change.old_path,
            "what": change.what,
            "added": change.added,
            "removed": change.removed,
            "note": change.note,
            "origins": origins.get(change.path, ()),
            "lines": [f"{line.sign}{line.text}" if line.sign else "" for line in change.lines],
        }
        for change in (files if shows_all else [limited(change, _MOST_LINES) for change in files])
    ]
