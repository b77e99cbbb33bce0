"""In which order a day's papers are worth a look, and why: learned from what this person kept and skipped.

A paper is the words of its title and abstract, single and in pairs, and its authors, weighted by how rare
they are (tf-idf). What is liked is the middle of the liked papers less the middle of all papers (Rocchio,
"Relevance feedback in information retrieval", 1971), which takes what nobody decided about for the rest and
so needs no skips; what was skipped counts against it, a little. A few decisions say little about the words
of a field, so the papers that stand nearest lend theirs (pseudo-relevance feedback: Lavrenko and Croft,
"Relevance-based language models", 2001), the less the more was decided. `make eval` compares it with the
recipe of arxiv-sanity-lite. Pure, and the standard library alone: a day is ranked in well under a second.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import pairwise

from journal.stemming import fold, stem, stems_of, words_of

Vector = Mapping[str, float]

_TITLE_WEIGHT = 2.0
_PAIR_WEIGHT = 0.5
_AUTHOR_WEIGHT = 0.8  # of all authors together, beside the words' 1
_SKIPPED_WEIGHT = 0.1
_NEIGHBOURS = 30  # papers that lend their words
_FULL_LOAN = 3  # liked papers up to which they lend in full
_RULE_WEIGHT = 2.0  # standard deviations of the papers' scores
_REASONS = 4
_LEAST_REASON = 0.1
_CHANCE_EVERY = 12  # one place in so many goes to chance
_AUTHOR = "au:"

# Of every abstract, and without a word about its subject.
_COMMON_WORDS = """
    a about across after all also among an and any approach are as at available based be been being
    between both but by can code could demonstrate do does each effective et even existing
    experiment extensive first for found from further had has have here how however http https in
    into introduce introduces is it its just many may method methods model models more most much new
    no not novel of often on one only or other our over paper performance present presents propose
    proposed proposes provide provides recent remain result results same several show shows
    significant significantly since some state study such than that the their them then there
    therefore these they this those three through thus to two under up use used using various via
    was we well were what when where which while who why will with within without work would yet
"""
_EVERYWHERE = frozenset(map(stem, _COMMON_WORDS.split()))


class Effect(StrEnum):
    """What a rule does."""

    plus = auto()
    minus = auto()
    mute = auto()


class RuleField(StrEnum):
    """What of a paper a rule looks at."""

    phrase = auto()
    author = auto()
    category = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """A plain wish: more of a phrase, author or category, less of it, or none of it at all."""

    effect: Effect
    field: RuleField
    value: str

    def __str__(self) -> str:
        sign = {Effect.plus: "+", Effect.minus: "-", Effect.mute: "mute "}[self.effect]
        prefix = {RuleField.phrase: "", RuleField.author: _AUTHOR, RuleField.category: "cat:"}[self.field]
        return f"{sign}{prefix}{self.value}"


@dataclass(frozen=True, slots=True)
class PaperText:
    """What ranking looks at."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A paper that somebody decided about: kept, queued or trained on (liked), or skipped."""

    paper: PaperText
    is_liked: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How well a paper fits, in standard deviations of all papers, and the reasons with the greatest weight first."""

    value: float
    because: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A place in the order: the position of the paper, and whether chance put it there."""

    position: int
    is_chance: bool = False


def scores(
    papers: Sequence[PaperText],
    decided: Sequence[Decided],
    others: Sequence[PaperText] = (),
    rules: Sequence[Rule] = (),
) -> tuple[Score, ...]:
    """A score for each of `papers`. `others` are papers that nobody decided about: they show what is common.

    Without a liked paper all are 0, but for what the rules say.
    """
    learned = _learned(papers, decided, others)
    return tuple(_with_rules(score, paper, rules) for score, paper in zip(learned, papers, strict=True))


def order(values: Sequence[float], *, seed: int) -> tuple[Placed, ...]:
    """The places of papers with these scores, best first; equal ones keep their order.

    One place in twelve goes to a paper drawn from those that stand further down, so that a taste can widen.
    """
    chance = random.Random(seed)
    left = sorted(range(len(values)), key=lambda position: -values[position])
    if not left or values[left[0]] == values[left[-1]]:  # nothing is known yet, so there is no taste to widen
        return tuple(map(Placed, left))
    placed: list[Placed] = []
    while left:
        is_chance = len(placed) % _CHANCE_EVERY == _CHANCE_EVERY - 1 and len(left) > 1
        placed.append(Placed(left.pop(chance.randrange(1, len(left)) if is_chance else 0), is_chance))
    return tuple(placed)


def matches(rule: Rule, paper: PaperText) -> bool:
    """Whether a rule speaks of this paper: its phrase, in any form of its words, an author or a category."""
    if rule.field is RuleField.category:
        return rule.value.lower() in {category.lower() for category in paper.categories}
    if rule.field is RuleField.author:
        wanted = fold(rule.value).split()
        return any(_is_named(wanted, fold(author).split()) for author in paper.authors)
    wanted = stems_of(rule.value)
    return bool(wanted) and any(_contains(text, wanted) for text in (paper.title, paper.abstract))


def says_something(phrase: str) -> bool:
    """Whether a phrase has a word about a subject: not only such as stand in every abstract."""
    return any(word not in _EVERYWHERE for word in stems_of(phrase))


def _is_named(wanted: Sequence[str], name: Sequence[str]) -> bool:
    """Whether all words of `wanted` are in a name; an initial stands for its word."""
    return bool(wanted) and all(any(part == word or (word.rstrip(".") == part[:1]) for part in name) for word in wanted)


def _contains(text: str, wanted: Sequence[str]) -> bool:
    found = stems_of(text)
    return any(found[start : start + len(wanted)] == list(wanted) for start in range(len(found) - len(wanted) + 1))


# ---------------------------------------------------------------- learning


def _learned(papers: Sequence[PaperText], decided: Sequence[Decided], others: Sequence[PaperText]) -> list[Score]:
    if not papers or not any(one.is_liked for one in decided):
        return [Score(0.0)] * len(papers)
    texts = [*papers, *(one.paper for one in decided), *others]
    vectors = _vectors(texts)
    arrived, judged = vectors[: len(papers)], vectors[len(papers) : len(papers) + len(decided)]
    undecided = [*arrived, *vectors[len(papers) + len(decided) :]]
    common = _mean(vectors)
    liked = [vector for vector, one in zip(judged, decided, strict=True) if one.is_liked]
    skipped = [vector for vector, one in zip(judged, decided, strict=True) if not one.is_liked]
    taste = _apart(_mean(liked), common)
    if skipped:
        taste = _sum((taste, 1.0), (_apart(_mean(skipped), common), -_SKIPPED_WEIGHT))
    near = _near(undecided, taste, common)
    if near:
        taste = _sum((taste, 1.0), (near, math.sqrt(min(1.0, _FULL_LOAN / len(liked)))))
    # What all papers have in common is no reason, and the spread of all is the unit.
    usual = _mean(undecided)
    middle = _dot(usual, taste)
    values = [_dot(vector, taste) - middle for vector in undecided]
    spread = math.sqrt(sum(value * value for value in values) / len(values)) or 1.0
    return [
        Score(value / spread, _reasons(value, _weights(vector, usual, taste, spread), paper))
        for value, vector, paper in zip(values, arrived, papers, strict=False)
    ]


def _near(undecided: Sequence[Vector], taste: Vector, common: Vector) -> Vector:
    """The middle of the papers nearest to a taste, weighted by how near they are, as a direction."""
    offset = _dot(common, taste)
    ranked = sorted(((_dot(vector, taste) - offset, at) for at, vector in enumerate(undecided)), reverse=True)
    nearest = [(undecided[at], weight) for weight, at in ranked[:_NEIGHBOURS] if weight > 0]
    total = sum(weight for _, weight in nearest)
    if not nearest:
        return {}
    return _apart(_sum(*((vector, weight / total) for vector, weight in nearest)), common)


def _vectors(texts: Sequence[PaperText]) -> list[Vector]:
    """Unit vectors of words, pairs of words and authors; what stands in one paper alone tells nothing."""
    counts = [_counted(text) for text in texts]
    document_frequency = Counter(term for counted in counts for term in counted)
    total = len(texts) + 1
    rarity = {
        term: math.log(total / (1 + frequency)) for term, frequency in document_frequency.items() if frequency > 1
    }
    vectors: list[Vector] = []
    for text, counted in zip(texts, counts, strict=True):
        vector = _unit(
            {
                term: (1 + math.log(count) if count > 1 else count) * rarity[term]
                for term, count in counted.items()
                if term in rarity and not term.startswith(_AUTHOR)
            }
        )
        authors = [name for name in _author_terms(text) if name in rarity]
        share = _AUTHOR_WEIGHT / math.sqrt(len(text.authors)) if authors else 0.0
        vectors.append({**vector, **dict.fromkeys(authors, share)})
    return vectors


def _counted(text: PaperText) -> dict[str, float]:
    counted: dict[str, float] = dict.fromkeys(_author_terms(text), 1.0)
    for part, weight in ((text.title, _TITLE_WEIGHT), (text.abstract, 1.0)):
        for term, share in _terms(part):
            counted[term] = counted.get(term, 0.0) + weight * share
    return counted


def _terms(text: str) -> Iterator[tuple[str, float]]:
    """The stems of a text and the pairs of neighbours, with the weight of one occurrence."""
    before = ""
    for term in stems_of(text):
        if len(term) < 2 or term in _EVERYWHERE or term[0].isdigit():
            before = ""
            continue
        yield term, 1.0
        if before:
            yield f"{before} {term}", _PAIR_WEIGHT
        before = term


def _author_terms(text: PaperText) -> Iterable[str]:
    return [f"{_AUTHOR}{fold(author)}" for author in text.authors]


# ---------------------------------------------------------------- vectors


def _dot(vector: Vector, taste: Vector) -> float:
    get = taste.get
    return sum(value * get(term, 0.0) for term, value in vector.items())


def _sum(*parts: tuple[Vector, float]) -> Vector:
    total: dict[str, float] = {}
    for vector, weight in parts:
        for term, value in vector.items():
            total[term] = total.get(term, 0.0) + weight * value
    return total


def _mean(vectors: Sequence[Vector]) -> Vector:
    return _sum(*((vector, 1 / len(vectors)) for vector in vectors))


def _apart(middle: Vector, common: Vector) -> Vector:
    """In which direction a group of papers differs from all."""
    return _unit(_sum((middle, 1.0), (common, -1.0)))


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else vector


# ---------------------------------------------------------------- reasons


def _weights(vector: Vector, usual: Vector, taste: Vector, spread: float) -> Vector:
    """What each term of a paper adds to its score, beside what it adds to that of the usual paper."""
    return {term: (value - usual.get(term, 0.0)) * taste.get(term, 0.0) / spread for term, value in vector.items()}


def _reasons(value: float, weights: Vector, paper: PaperText) -> tuple[tuple[str, float], ...]:
    """What weighs most, for and against, in the words of the paper; a pair says what its words would say again.

    Reasons against alone do not tell why a paper stands above the middle, so then there are none.
    """
    spelling = _spelling(paper)
    reasons: list[tuple[str, float]] = []
    said: set[str] = set()
    for term, weight in sorted(weights.items(), key=lambda item: -abs(item[1])):
        if len(reasons) == _REASONS or abs(weight) < _LEAST_REASON:
            break
        words = {term} if term.startswith(_AUTHOR) else set(term.split())
        if not words & said and term in spelling:
            said |= words
            reasons.append((spelling[term], round(weight, 2)))
    explains = value <= 0 or any(weight > 0 for _, weight in reasons)
    return tuple(reasons) if explains else ()


def _spelling(paper: PaperText) -> dict[str, str]:
    """How the paper writes its terms."""
    spelt = {f"{_AUTHOR}{fold(author)}": f"{_AUTHOR}{author}" for author in paper.authors}
    for text in (paper.abstract, paper.title):
        found = list(words_of(text))
        for word in found:
            spelt[word.stem] = text[word.start : word.end].lower()
        for first, second in pairwise(found):
            spelt[f"{first.stem} {second.stem}"] = (
                f"{text[first.start : first.end]} {text[second.start : second.end]}".lower()
            )
    return spelt


def _with_rules(score: Score, paper: PaperText, rules: Sequence[Rule]) -> Score:
    """The score with what plain wishes add, which come first among the reasons."""
    told = [rule for rule in rules if rule.effect is not Effect.mute and matches(rule, paper)]
    if not told:
        return score
    added = [(str(rule), _RULE_WEIGHT if rule.effect is Effect.plus else -_RULE_WEIGHT) for rule in told]
    return Score(score.value + sum(weight for _, weight in added), (*added, *score.because)[: _REASONS + len(added)])
