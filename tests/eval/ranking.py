"""How well a day's papers are ranked after a few decisions, beside arxiv-sanity-lite's recipe (`make eval`).

python -m tests.eval.ranking [--seeds N] [--development]

Simulated readers on real papers (see interests.py): the field that makes an interest is withheld from the
ranker, its phrase is stripped from the texts, one decision in ten is a slip. Measured on all papers of the
three days after the decisions: area under the ROC curve, and precision among the first 20. Differences are
paired (same reader, same morning); intervals are bootstrapped over the readers. What was chosen of our
method was chosen on the development readers, in the spring; reported are others, in the summer.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC

from journal.ranking import PaperText, scores
from journal.stemming import stems_of
from tests.eval.interests import Collection, Episode, Interest
from tests.eval.skimming import papers_file

COUNTS = (10, 50, 200)
_AT = 20
_RESAMPLED = 2_000

DEVELOPMENT = (
    Interest("cs.GT", categories=("cs.GT",)),
    Interest("cs.RO", categories=("cs.RO",)),
    Interest("cs.GR", categories=("cs.GR",)),
    Interest("cs.HC", categories=("cs.HC",)),
    Interest("federated", phrases=("federated",)),
    Interest("splatting", phrases=("gaussian splatting", "3DGS", "splatting")),
    Interest("time series", phrases=("time series",)),
    Interest("translation", phrases=("machine translation",)),
    Interest("unlearning", phrases=("unlearning",)),
    Interest("group of T.-S. Chua", leads=("Tat-Seng Chua",)),
    Interest("group of X. Cai", leads=("Xunliang Cai",)),
    Interest("cs.MM or protein", categories=("cs.MM",), phrases=("protein",)),
    Interest("EEG or weather", phrases=("EEG", "weather")),
)
REPORTED = (
    *(Interest(name, categories=(name,)) for name in ("cs.IT", "cs.CE", "cs.MA", "cs.IR", "cs.CR", "cs.CY")),
    *(
        Interest(phrase, phrases=(phrase,))
        for phrase in (
            "graph neural network", "knowledge distillation", "speech recognition", "point cloud",
            "continual learning", "anomaly detection", "speculative decoding", "remote sensing", "sparse autoencoder",
        )
    ),
    *(Interest(f"group of {lead}", leads=(lead,)) for lead in ("Mohit Bansal", "Furu Wei", "Yong Li", "Xiaojuan Qi")),
    Interest("cs.DB or quantization", categories=("cs.DB",), phrases=("quantization",)),
    Interest("cs.SD or watermark", categories=("cs.SD",), phrases=("watermark",)),
    Interest("cs.NE or calibration", categories=("cs.NE",), phrases=("calibration",)),
    Interest("sign language or OCR", phrases=("sign language", "OCR")),
    Interest("materials or theorem proving", phrases=("materials", "theorem proving")),
)  # fmt: skip

Ranker = Callable[[Episode, int], Sequence[float]]


def ours(episode: Episode, count: int) -> Sequence[float]:
    return [score.value for score in scores(episode.after, episode.decisions(count), episode.undecided(count))]


def chance(episode: Episode, count: int) -> Sequence[float]:
    draw = random.Random(count)
    return [draw.random() for _ in episode.after]


def key_words(episode: Episode, count: int) -> Sequence[float]:
    """How many words of the liked titles a paper holds: what an alert by key words does."""
    wanted = {
        stem for one in episode.decisions(count) if one.is_liked for stem in stems_of(one.paper.title) if len(stem) > 3
    }
    return [float(len(wanted & set(stems_of(f"{paper.title} {paper.abstract}")))) for paper in episode.after]


class ArxivSanity:
    """Its recipe (karpathy/arxiv-sanity-lite, compute.py and serve.py): tf-idf of 20,000 words and pairs over
    title, abstract and authors, a linear SVM with C 0.01 and balanced classes, fitted on all papers, where
    what is not tagged is negative. `decided_only` fits it on the decisions alone.
    """

    def __init__(self, *, decided_only: bool) -> None:
        self._decided_only = decided_only
        self._fitted: tuple[Episode, Any] | None = None

    def __call__(self, episode: Episode, count: int) -> Sequence[float]:
        features = self._features(episode)
        labels = np.zeros(len(episode.before) + len(episode.after))
        positions = [position for position, _ in episode.decided[count]]
        for position, is_liked in episode.decided[count]:
            labels[position] = is_liked
        svm = LinearSVC(class_weight="balanced", max_iter=10_000, tol=1e-4, C=0.01)
        if self._decided_only:
            svm.fit(features[positions], labels[positions])
        else:
            svm.fit(features, labels)
        values: Sequence[float] = svm.decision_function(features[len(episode.before) :])
        return values

    def _features(self, episode: Episode) -> Any:
        if self._fitted is None or self._fitted[0] is not episode:
            vectorizer = TfidfVectorizer(
                strip_accents="unicode", stop_words="english", token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",
                ngram_range=(1, 2), max_features=20_000, sublinear_tf=True, max_df=0.1, min_df=5,
            )  # fmt: skip
            self._fitted = (episode, vectorizer.fit_transform(map(_text, (*episode.before, *episode.after))))
        return self._fitted[1]


def _text(paper: PaperText) -> str:
    return f"{paper.title} {paper.abstract} {', '.join(paper.authors)}"


BASELINE = "arxiv-sanity-lite's SVM"


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one reader on one morning after so many decisions."""

    auc: float
    precision: float


def measure(
    collection: Collection, interests: Sequence[Interest], seeds: int
) -> dict[tuple[str, int], dict[str, list[Measured]]]:
    """By ranker and number of decisions, by reader, the mornings."""
    rankers: dict[str, Ranker] = {
        "ours": ours, BASELINE: ArxivSanity(decided_only=False), "the same on decisions alone": ArxivSanity(decided_only=True),
        "key words": key_words, "chance": chance,
    }  # fmt: skip
    found: defaultdict[tuple[str, int], dict[str, list[Measured]]] = defaultdict(lambda: defaultdict(list))
    for interest in interests:
        for seed in range(seeds):
            episode = collection.episode(interest, seed, COUNTS)
            if episode is None:
                print(f"  too few papers of {interest.name!r}, left out")
                break
            for name, ranker in rankers.items():
                for count in COUNTS:
                    found[name, count][interest.name].append(_measured(episode, ranker(episode, count)))
    return dict(found)


def _measured(episode: Episode, values: Sequence[float]) -> Measured:
    liked = np.array(episode.liked)
    first = np.argsort(-np.asarray(values), kind="stable")[:_AT]
    return Measured(float(roc_auc_score(liked, values)), float(liked[first].mean()))


def report(seeds: int = 3, *, development: bool = False) -> None:
    """Print the table, or why it is not measured."""
    path = papers_file()
    if path is None:
        print("daily ranking: not measured; LABJOURNAL_PAPERS can name papers_60k.jsonl.gz")
        return
    since, until = ("2026-01", "2026-05") if development else ("2026-05", "2026-09")
    interests = DEVELOPMENT if development else REPORTED
    found = measure(Collection(path, since, until), interests, seeds)
    readers = len(found["ours", COUNTS[0]])
    print(
        f"daily ranking: {readers} readers, {seeds} mornings each; in brackets what ours is ahead, with 95 % interval"
    )
    for count in COUNTS:
        print(f"  after {count} decisions")
        best = found["ours", count]
        for name in dict.fromkeys(name for name, _ in found):
            mine = found[name, count]
            line = f"    {name:28}  AUC {_mean(mine, 'auc'):.3f}  precision at {_AT} {_mean(mine, 'precision'):.3f}"
            if name != "ours":
                line += f"   [{_ahead(best, mine, 'auc')}; {_ahead(best, mine, 'precision')}]"
            print(line)


def _mean(by_reader: dict[str, list[Measured]], what: str) -> float:
    return float(np.mean([np.mean([getattr(one, what) for one in mornings]) for mornings in by_reader.values()]))


def _ahead(ours: dict[str, list[Measured]], theirs: dict[str, list[Measured]], what: str) -> str:
    """The mean of the paired differences, bootstrapped over readers."""
    differences = np.array(
        [
            np.mean(
                [
                    getattr(mine, what) - getattr(other, what)
                    for mine, other in zip(ours[name], theirs[name], strict=True)
                ]
            )
            for name in ours
        ]
    )
    draw = np.random.default_rng(0)
    means = [draw.choice(differences, len(differences)).mean() for _ in range(_RESAMPLED)]
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{differences.mean():+.3f}, {low:+.3f} to {high:+.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.eval.ranking")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--development", action="store_true", help="the readers on which the method was chosen")
    options = parser.parse_args()
    report(options.seeds, development=options.development)
