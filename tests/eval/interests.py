"""Simulated readers: what each is interested in, what a ranker may see of a paper, and what was decided so far."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from journal.ranking import Decided, PaperText

Record = dict[str, Any]

_DAYS_BEFORE, _DAYS_AFTER = 6, 3
_LEAST_A_DAY = 100  # papers; days with fewer are cut off by the ends of the collection
_LIKED_SHARE = 0.3  # of the decisions, as of a person who searches, or skims a list that is ranked already
_FLIPPED = 10  # one decision in ten is a slip
_TRIES = 60


@dataclass(frozen=True)
class Interest:
    """Papers of these categories, with one of these phrases, or by one of these groups (a lead and who writes with them)."""

    name: str
    categories: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Episode:
    """A reader on some morning: decisions about papers of the days before, and what came on the days after.

    `liked` says of each of `after` whether it is of the interest; `decided` has the decisions by their number.
    """

    before: tuple[PaperText, ...]
    after: tuple[PaperText, ...]
    liked: tuple[bool, ...]
    decided: dict[int, tuple[tuple[int, bool], ...]]

    def decisions(self, count: int) -> list[Decided]:
        return [Decided(self.before[position], is_liked) for position, is_liked in self.decided[count]]

    def undecided(self, count: int) -> list[PaperText]:
        known = {position for position, _ in self.decided[count]}
        return [paper for position, paper in enumerate(self.before) if position not in known]


class Collection:
    """Real papers by the day of their listing."""

    def __init__(self, file: Path, since: str, until: str) -> None:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            by_id = {record["id"]: record for record in map(json.loads, lines)}
        self.records: list[Record] = sorted(by_id.values(), key=lambda record: (record["announced"], record["id"]))
        self._by_day: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self.records:
            self._by_day[record["announced"]].append(record)
        self.days = [
            day for day in sorted(self._by_day) if since <= day < until and len(self._by_day[day]) >= _LEAST_A_DAY
        ]

    @cached_property
    def _together(self) -> dict[str, Counter[str]]:
        together: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for record in self.records:
            for author in record["authors"]:
                together[author].update(record["authors"])
        return together

    def episode(self, interest: Interest, seed: int, counts: Sequence[int]) -> Episode | None:
        """A morning of this reader; None where the collection holds too little of the interest."""
        chance = random.Random(f"{interest.name}/{seed}")
        liked_ids = self._liked(interest)
        for _ in range(_TRIES):
            day = chance.randrange(_DAYS_BEFORE, len(self.days) - _DAYS_AFTER)
            before = self._papers(interest, self.days[day - _DAYS_BEFORE : day])
            after = self._papers(interest, self.days[day : day + _DAYS_AFTER])
            liked = [position for position, record in enumerate(before) if record["id"] in liked_ids]
            if len(liked) >= 5 and sum(record["id"] in liked_ids for record in after) >= 3:
                break
        else:
            return None
        others = [position for position, record in enumerate(before) if record["id"] not in liked_ids]
        chance.shuffle(liked)
        chance.shuffle(others)
        return Episode(
            before=tuple(_seen(interest, record) for record in before),
            after=tuple(_seen(interest, record) for record in after),
            liked=tuple(record["id"] in liked_ids for record in after),
            decided={count: _decisions(liked, others, count, chance) for count in counts},
        )

    def _papers(self, interest: Interest, days: Sequence[str]) -> list[Record]:
        papers = [record for day in days for record in self._by_day[day]]
        # Of half of the records the categories are not known: who is interested in one cannot judge these.
        return [record for record in papers if record.get("categories")] if interest.categories else papers

    def _liked(self, interest: Interest) -> set[str]:
        patterns = [_pattern(phrase) for phrase in interest.phrases]
        group = {name for lead in interest.leads for name, count in self._together[lead].items() if count >= 3}
        return {
            record["id"]
            for record in self.records
            if set(interest.categories) & set(record.get("categories") or ())
            or group & set(record["authors"])
            or any(pattern.search(f"{record['title']} . {record['abstract']}") for pattern in patterns)
        }


def _decisions(
    liked: Sequence[int], others: Sequence[int], count: int, chance: random.Random
) -> tuple[tuple[int, bool], ...]:
    chosen = liked[: max(1, round(count * _LIKED_SHARE))]
    decisions = [(position, True) for position in chosen]
    decisions += [(position, False) for position in others[: count - len(chosen)]]
    chance.shuffle(decisions)
    slips = set(chance.sample(range(count), count // _FLIPPED))
    return tuple((position, liked is not (at in slips)) for at, (position, liked) in enumerate(decisions))


def _seen(interest: Interest, record: Record) -> PaperText:
    """What the ranker may see: without the field that makes the interest, and without its phrase."""
    title, abstract = record["title"], record["abstract"]
    for phrase in interest.phrases:
        title, abstract = _pattern(phrase).sub(" ", title), _pattern(phrase).sub(" ", abstract)
    return PaperText(
        title=title,
        abstract=abstract,
        authors=() if interest.leads else tuple(record["authors"]),
        categories=() if interest.categories else tuple(record.get("categories") or ()),
    )


def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", phrase)))
    return re.compile(rf"\b{words}(?:s|es|ed|ing)?\b", re.IGNORECASE)
