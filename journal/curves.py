"""A metric over the steps of a run, as values that importers read and the interface draws. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One metric of one run, a point for each step, in the order of steps.

    `values` may hold NaN and infinities. `times_ms` are milliseconds since 1970. Where many points were
    read as few, `lows` and `highs` are the range that each point stands for; else they are empty.
    `restarts` are the steps at which a later process went on with the run.
    """

    key: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    times_ms: tuple[int, ...]
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    restarts: tuple[int, ...] = ()
