"""What a person says about many papers at once, and how a day stands. Pure.

A rule is a plain wish about an author, a category or a phrase; a day is done when nothing is left of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise

from journal.errors import BadValue
from journal.ranking import Effect, PaperText, Rule, RuleField, says_something
from journal.stemming import Word, fold, stems_of, words_of
from journal.types import Feed, PaperState

DECISIONS_TO_RANK = 10
"""After so many decisions the order of the day is worked out anew."""

LONGEST_LOOK_S = 180.0
"""A longer time between two decisions was a break, not a look at a paper."""

_LONGEST_VALUE = 200  # characters
_MOST_AUTHORS = 6
_MOST_PHRASES = 4  # and as many single words
_LONGEST_PHRASE = 4  # words
_SHORTEST_WORD = 3  # letters of a word that is no phrase by itself
_PREFIXES = {"au": RuleField.author, "cat": RuleField.category, "phrase": RuleField.phrase}
_QUOTES = "\"'“”„«»"
_EXAMPLE = 'Write au:"Geoffrey Hinton", cat:cs.CV or "phrase:chain of thought".'


# ---------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule speaks of."""

    field: RuleField
    value: str

    def __str__(self) -> str:
        return f"{_PREFIX_OF[self.field]}:{self.value}"

    @property
    def key(self) -> tuple[str, ...]:
        """The same for every spelling of one wish."""
        if self.field is RuleField.phrase:
            return (self.field, *stems_of(self.value))
        return (self.field, *fold(self.value).split())

    def rule(self, effect: Effect) -> Rule:
        return Rule(effect, self.field, self.value)


_PREFIX_OF = {looked_at: prefix for prefix, looked_at in _PREFIXES.items()}


def names_target(text: str) -> bool:
    """Whether `text` begins as an author, a category or a phrase does."""
    return text.partition(":")[0].lower() in _PREFIXES and ":" in text


def parse_target(text: str) -> Target:
    """`au:NAME`, `cat:NAME` or `phrase:WORDS` as a target. Raises BadValue."""
    prefix, colon, value = text.partition(":")
    if not colon or prefix.lower() not in _PREFIXES:
        raise BadValue(f"'{_short(text)}' is no author, category or phrase.", hint=_EXAMPLE)
    return target(_PREFIXES[prefix.lower()], value)


def target(field: RuleField, text: str) -> Target:
    """What a rule about `text` speaks of. Raises BadValue where it would speak of nothing, or of everything."""
    value = _clean(text[: 4 * _LONGEST_VALUE]).strip(_QUOTES).strip()
    if len(value) > _LONGEST_VALUE or len(text) > 4 * _LONGEST_VALUE:
        raise BadValue(f"A rule holds at most {_LONGEST_VALUE} characters.", hint=_EXAMPLE)
    if not stems_of(value):
        raise BadValue(f"There is no word in '{_short(value)}'.", hint=_EXAMPLE)
    if field is RuleField.category and " " in value:
        raise BadValue(f"'{_short(value)}' is no category: it holds a blank.", hint=_EXAMPLE)
    if field is RuleField.author and all(len(word.rstrip(".")) < 2 for word in value.split()):
        raise BadValue(f"'{_short(value)}' is only initials, which many share.", hint="Write the family name, too.")
    if field is RuleField.phrase and not says_something(value):
        raise BadValue(f"'{_short(value)}' stands in nearly every paper.", hint="Name what sets those papers apart.")
    return Target(field, value)


def _clean(text: str) -> str:
    """`text` in one line, without controls and halves of characters, which no paper holds."""
    blanked = (" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in text)
    return " ".join("".join(each for each in blanked if unicodedata.category(each) != "Cs").split())


def _short(text: str) -> str:
    text = "".join(each for each in _clean(text[:200]) if each.isprintable())
    return text if len(text) <= 40 else text[:39] + "…"


def suggested(paper: PaperText) -> tuple[Target, ...]:
    """What a rule made while looking at `paper` may speak of: authors, the first first, categories, phrases."""
    names = paper.authors
    if len(names) > _MOST_AUTHORS:  # the last is often the head of the group
        names = (*names[: _MOST_AUTHORS - 1], names[-1])
    wanted = [
        *((RuleField.author, name) for name in names),
        *((RuleField.category, category) for category in paper.categories),
        *((RuleField.phrase, phrase) for phrase in title_phrases(paper.title)),
    ]
    found: dict[tuple[str, ...], Target] = {}
    for looked_at, value in wanted:
        try:
            one = target(looked_at, value)
        except BadValue:
            continue
        found.setdefault(one.key, one)
    return tuple(found.values())


def title_phrases(title: str) -> tuple[str, ...]:
    """What a title is about: its runs of telling words, the pairs within longer ones, and single words."""
    title = title[:500]
    runs = list(_runs(title))
    whole = [run for run in runs if 1 < len(run) <= _LONGEST_PHRASE]
    pairs = [list(pair) for run in runs if len(run) > 2 for pair in pairwise(run)]
    words = [[word] for run in runs for word in run if word.end - word.start > _SHORTEST_WORD]
    phrases = [dict.fromkeys(title[run[0].start : run[-1].end] for run in found) for found in ([*whole, *pairs], words)]
    return tuple(phrase for found in phrases for phrase in list(found)[:_MOST_PHRASES])


def _runs(title: str) -> Iterator[list[Word]]:
    """Neighbouring words of a title that say something, with blanks or hyphens between them."""
    run: list[Word] = []
    for word in words_of(title):
        is_apart = bool(run) and title[run[-1].end : word.start].strip(" -‐‑") != ""
        is_telling = says_something(title[word.start : word.end])
        if run and (is_apart or not is_telling):
            yield run
            run = []
        if is_telling:
            run.append(word)
    if run:
        yield run


# ---------------------------------------------------------------- the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule speaks of among the papers that feeds brought lately.

    `days` is None where there are so many that only the latest `of` were counted.
    """

    rule: Rule
    speaks_of: int
    kept: int
    queued: int
    new: int  # still to be looked at: what a rule that mutes hides at once
    of: int
    days: int | None
    titles: tuple[str, ...] = ()  # some of them, those that were kept and queued first
    states: tuple[PaperState, ...] = ()  # of each of these


def preview_counts(preview: Preview) -> str:
    """`41 of 1,203 · 2 kept`"""
    dear = ((preview.kept, "kept"), (preview.queued, "queued"))
    counts = [f"{count:,} {word}" for count, word in dear if count]
    return " · ".join([f"{preview.speaks_of:,} of {preview.of:,}", *counts])


def counted_over(preview: Preview) -> str:
    """`the papers of the last 30 days`: what a preview was counted over."""
    if preview.days is None:
        return f"the last {preview.of:,} papers that feeds brought"
    return f"the {preview.of:,} papers that feeds brought in the last {preview.days} days"


def local_midnight(now: datetime) -> datetime:
    """When this person's day began."""
    return datetime.combine(now.astimezone().date(), time.min).astimezone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was decided today, and what is left.

    `decided_at` is in order and without what rules muted when it arrived; `by_rules` counts what rules
    muted today, `since_ranked` the decisions of any day since the order was last worked out.
    """

    decided_at: tuple[datetime, ...] = ()
    counts: Mapping[PaperState, int] = field(default_factory=dict)
    by_rules: int = 0
    left: int = 0
    decisions: int = 0  # of any day, up to the thousand that the order is learned from
    since_ranked: int = 0
    is_ranked: bool = False
    has_taste: bool = False  # something to rank by
    has_new_rules: bool = False  # wishes made, taken away or taken back since the order was worked out

    @property
    def is_ranking_due(self) -> bool:
        return self.since_ranked >= DECISIONS_TO_RANK or self.has_new_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """A day as it is told at its end. `kept` and `queued` are (ref, title) pairs."""

    day: Day
    kept: tuple[tuple[str, str], ...] = ()
    queued: tuple[tuple[str, str], ...] = ()
    failed_feeds: tuple[Feed, ...] = ()
    next_due_at: datetime | None = None


def looks(decided_at: Sequence[datetime]) -> list[float]:
    """Seconds between the decisions, breaks left out; what was decided in one go was one look."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(decided_at)]
    return [gap for gap in gaps if 0 < gap <= LONGEST_LOOK_S]


def worked_for(decided_at: Sequence[datetime]) -> timedelta:
    """How long the decisions took, breaks left out."""
    return timedelta(seconds=sum(looks(decided_at)))


def day_sentence(day: Day) -> str:
    """`All 212 done in 14 min: 9 kept, 14 queued, 180 skipped, 9 muted (7 by your rules)`; '' where nothing was."""
    decided = sum(day.counts.values())
    if not decided:
        return ""
    parts = [
        f"{day.counts[state]:,} {state}"
        for state in (PaperState.kept, PaperState.queued, PaperState.skipped, PaperState.muted)
        if day.counts.get(state)
    ]
    told = ", ".join(parts) + (f" ({day.by_rules:,} by your rules)" if day.by_rules else "")
    minutes = round(worked_for(day.decided_at).total_seconds() / 60)
    taken = "" if len(day.decided_at) < 2 else f" in {minutes} min" if minutes else " in less than a minute"
    done = f"All {decided:,} done" if not day.left else f"{decided:,} of {decided + day.left:,} done"
    return f"{done}{taken}: {told}"


def as_shown(shown: Sequence[int], fresh: Sequence[int]) -> list[int]:
    """The papers of `fresh` in the order in which they were shown; what was not comes behind, in its own order.

    So a list that is read again does not change under the eyes, and what is taken back returns to its place.
    """
    present, known = set(fresh), set(shown)
    return [*(paper for paper in shown if paper in present), *(paper for paper in fresh if paper not in known)]


def reordered_below(shown: Sequence[int], fresh: Sequence[int], eye: int) -> list[int]:
    """A new order from behind `eye` on: up to that paper, all stays as it was shown.

    Whoever works at the top gets the best paper next; and nobody who passed papers over finds others among
    them, or misses one: what stood above stays above, and what was not seen yet stays below.
    """
    held = list(shown[: shown.index(eye) + 1]) if eye in shown else []
    known = {*held, *fresh}
    passed = set(held)
    return [
        *held,
        *(paper for paper in fresh if paper not in passed),
        *(paper for paper in shown if paper not in known),
    ]


def learned_from(day: Day) -> str:
    """`in order of your 10 decisions`: what the order rests on."""
    if not day.decisions:
        return "in order of your rules"
    if day.decisions < DECISIONS_TO_RANK:
        return f"in order of your rules and {day.decisions} decision{'' if day.decisions == 1 else 's'}"
    return f"in order of your {'last ' if day.decisions >= 1_000 else ''}{day.decisions:,} decisions"


def order_note(day: Day) -> str:
    """Why the day is not in an order of this person's own yet; '' where it is, or is about to be."""
    if day.is_ranked or not day.left:
        return ""
    if day.decisions < DECISIONS_TO_RANK:
        return "order of arrival until you have decided about ten"
    return "" if day.has_taste else "order of arrival until you keep or queue one"
