"""What a skimmer reads first of an abstract: what is new, and what came out of it in numbers. Pure.

By rule, and shown as such: nothing is left out or reworded, and the marks lie on the text as it is.
`make eval` measures the rules on abstracts that they were not written with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from journal.figures import figures
from journal.marks import Mark, MarkRole
from journal.sentences import sentences

_MOST_CONTRIBUTIONS = 3  # where all is marked, nothing is
_MOST_RESULTS = 2
_LONGEST = 20_000  # characters looked at: the longest abstract of arXiv has 1,920

_ADVERBS = (
    r"(?:(?:also|then|further|furthermore|thus|therefore|hence|first|finally|here|instead|additionally|formally|jointly|"
    r"theoretically|empirically|rigorously|systematically|carefully|subsequently|next|now|thereby|moreover|"
    r"[a-z]+ly)(?:,\s|\s))*+"
)
_PAPER = (
    r"(?:this|the\spresent|our|the)\s(?:\w+\s){0,2}?(?:paper|work|study|article|survey|review|thesis|report|tutorial|chapter|"
    r"manuscript|research|note|letter|investigation)"
)
_WE = rf"(?:\b[Ww]e\s|\bI\s|\b(?:[Tt]he\s)?[Aa]uthors\s|\b(?i:{_PAPER})\s(?:we\s)?)"
_NEW = (
    r"(?:propos|introduc|present|develop|devis|contribut|put\sforward|unveil|formaliz|formalis|formulat|prov(?:e|es|ed|ing)"
    r"\b(?!id)|establish|deriv|refram|recast|pioneer|advocat|argu|contend|coin|term\b|call\b|refer\sto|reformulat|demo\b)"
)
_DONE = (
    r"(?:stud(?:y|ies|ied)|investigat|examin|explor|analy[sz]|address|tackl|show|demonstrat|reveal|find|found|identif|"
    r"revisit|buil[dt]|creat|construct|releas|provid|offer|describ|design|characteri|extend|audit|conduct|report|"
    r"compar|survey|review|discuss|ask|aim|seek|outlin|synthesi[sz]|quantif|uncover|complement|generali[sz]|bridg|"
    r"focus|consider|evaluat|benchmark|assess|test|implement|measur|tak(?:e|es)\s|leverag|combin|unif|call\sfor|challeng|"
    r"curat|collect|curat|adapt|relax|clos(?:e|es)\b|fill)"
)
_NEW_BY_US = re.compile(rf"{_WE}{_ADVERBS}{_NEW}", re.ASCII)
_DONE_BY_US = re.compile(rf"{_WE}{_ADVERBS}{_DONE}", re.ASCII)
_IS_NEW = re.compile(
    r"\b(?:is|are|was|were)\s(?:\w+ly\s|also\s|then\s|thus\s)?"
    r"(?:proposed|introduced|presented|developed|devised|formulated|designed)\b(?!\s(?:to\s(?:be|handle)|by|for|as|in)\b)"
)
_PAPER_IS = re.compile(
    rf"\b(?i:{_PAPER})\s(?:is|are|makes|brings|focuses|concerns|contributes|investigates|describes|details|systematizes)\b"
)
_NAMED_CONTRIBUTION = re.compile(
    r"\b(?:our|the|main|key|core|central|primary|technical|these|three|two|four|following)\s(?:\w+\s)?(?:contributions?|innovations?|novelty|thesis)\s"
    r"(?:is|are|include|lies|of|comprise)|\bcontributions?\s(?:is|are)\b|\bhere\s(?:we|I)\b|\bwe\s\w+\s?\w*\san?\s(?:novel|new)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"\b(?:novel|new|first|simple|unified|general|principled)\b|\([A-Z][\w+-]*[A-Z][\w+-]*\)|\b(?:called|termed|dubbed|named)\b"
)
_OURS = re.compile(
    r"\b[Oo]ur\s(?:\w+[\s-]){0,2}?(?:method|approach|framework|model|system|algorithm|pipeline|formulation|solution|technique|"
    r"key\s(?:idea|insight|observation)|main\sresult|central\sclaim|thesis)\b"
)
_LEADS_IN = re.compile(
    r"^(?:\W*)(?:to\s(?:this\send|address|tackle|overcome|mitigate|bridge|fill|close|resolve|solve|alleviate|remedy)|in\sthis\s"
    r"(?:paper|work|study|article)|here,|motivated\sby|inspired\sby|(?:based|building)\son\sthis)",
    re.IGNORECASE,
)
_DETAIL = re.compile(
    r"^\W*(?:specifically|concretely|in\sparticular|for\s(?:example|instance)|in\spractice|to\sdo\sso|more\sspecifically|"
    r"during|at\sinference|experiments|extensive\sexperiments|experimental\sresults|results|empirical(?:ly)?|across|on\s[A-Z])\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:also|further|furthermore|additionally|moreover|in\saddition|finally|ultimately)\b", re.IGNORECASE
)
_SET_UP = re.compile(
    r"\b(?:[Ww]e|I)\s(?:then\s|also\s|further\s)?(?:use|used|apply|applied|train|trained|validate|validated|evaluate|evaluated|"
    r"fine-tune|test|tested|conduct|conducted|perform|performed|benchmark|compare|compared|discuss|hope|believe|expect|"
    r"observe|observed|note|conclude)\b|\bexperiments?\b|\bablations?\b"
)
_SHARED = re.compile(
    r"\b(?:code|models?|data|datasets?|weights|materials|implementation|demo|videos?|results|checkpoints|project|benchmark|software|"
    r"package|page|website|resources|artifacts?|prompts|everything)\b[^.;]{0,80}\b(?:available|released?|open-sourced?|found\sat|accessible|"
    r"public|hosted)\b|https?:|\bthis\shttps?\sURL|\b(?:[Ww]e|[Aa]uthors)\s(?:will\s|also\s)?(?:publicly\s|openly\s|fully\s)?(?:release|open-source|publish|make)\b",
)
_OTHERS = re.compile(
    r"^\W*(?:existing|prior|previous|recent|current|traditional|conventional|most|many|several|while|although|despite|however)\b",
    re.IGNORECASE,
)

_OUTCOME = re.compile(
    r"\b(?:outperform|improv|achiev|reach|attain|surpass|reduc|increas|decreas|cut(?:s|ting)?\b|yield|obtain|exceed|gain|boost|lower|rais"
    r"|drop|fell|falls?\b|rise|rose|speed|accelerat|sav(?:e|es|ing)\b|match|beat|deliver|score|scor(?:es|ing)\b|retain|recover|correlat|degrad|"
    r"collaps|predict|detect|succeed|win|won\b|rank|narrow|maintain|preserv|remain|produc|show|find|found|reveal|observ|demonstrat|report|"
    r"range|accounts?\b|identif|agree|flip|converg|classif|solv|resolv|complet|eliminat|compress|generaliz|fail|widen|clos(?:e|es|ing)\b|bring|"
    r"lead|vari|differ|contribut|reproduc|elicit|estimate)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:than|over|compared|versus|vs\.?|against|baselines?|state-of-the-art|relative|respectively|from\s\S+\sto|up\sto|by\s(?:up\sto\s)?\W?\d|"
    r"outperform\w*|surpass\w*|exceed\w*|improv\w*|reduc\w*|best|highest|lowest|faster|fewer|smaller|larger|higher|lower|better)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:experiments?|evaluations?|results?|empirical(?:ly)?|benchmarks?|ablations?|we\s(?:find|found|show|observe|report)|tests?|trials|"
    r"simulations?|accuracy|F1|AUC|AUROC|BLEU|ROUGE|recall|precision|success\srate|error|latency|throughput|score|mAP|mIoU|PSNR|"
    r"perplexity|speedup|SOTA|correlation|agreement|median|mean|average)\b"
)
_MADE_OF = re.compile(
    r"\b(?:dataset|benchmark|corpus|collection|suite|sample|cohort|survey|participants|respondents|comprising|containing|consisting|spanning|"
    r"covering|annotated|curated|collected|trained\son|evaluated\son|evaluate|billion|parameters|threshold)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with what the rules say of it; below 1 it is none of the kind."""

    start: int
    end: int
    contribution: float
    result: float
    figures: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Skimmed:
    """`marks` on all that a skimmer wants; `gist`, of these, the sentences to read where there is room for few."""

    marks: tuple[Mark, ...]
    gist: tuple[Mark, ...]


def skim(text: str) -> tuple[Mark, ...]:
    """Marks on `text`, by position: at most three contributions, two results, and the figures of all results.

    A sentence that says both is marked as both. Which is which where marks overlap: `marks.MarkRole`.
    """
    return skimmed(text).marks


def skimmed(text: str) -> Skimmed:
    """The marks of `skim`, and the gist: the surest contribution, the first of those equally sure, and the results."""
    judged = _judged(text[:_LONGEST])
    new = [Mark(s.start, s.end, MarkRole.contribution) for s in _contributions(judged)]
    results = [Mark(s.start, s.end, MarkRole.result) for s in _best(judged, "result", _MOST_RESULTS)]
    figures_of_results = [Mark(*figure, MarkRole.number) for s in judged if s.result >= 1 for figure in s.figures]
    return Skimmed(tuple(sorted([*new, *results, *figures_of_results])), tuple(sorted([*new[:1], *results])))


def _best(judged: Iterable[_Sentence], kind: str, most: int) -> list[_Sentence]:
    """The highest of those that reach 1, the earlier first where they are equal."""
    reached = [sentence for sentence in judged if getattr(sentence, kind) >= 1]
    return sorted(reached, key=lambda sentence: (-getattr(sentence, kind), sentence.start))[:most]


def _contributions(judged: list[_Sentence]) -> list[_Sentence]:
    """Those well below the strongest are left out; where no sentence is sure, the likeliest one stands."""
    best = _best(judged, "contribution", _MOST_CONTRIBUTIONS)
    if best:
        return [one for one in best if one.contribution >= best[0].contribution - 2]
    likely = [one for one in judged if one.contribution >= 0.5]
    return likely[:1]


def _judged(text: str) -> list[_Sentence]:
    judged = []
    has_begun = False
    for start, end in sentences(text):
        sentence = text[start:end]
        contribution = _contribution(sentence)
        has_begun = has_begun or contribution > 0
        found = figures(text, start, end)
        judged.append(_Sentence(start, end, contribution, _result(sentence, len(found), has_begun), found))
    return judged


def _contribution(sentence: str) -> float:
    """How surely this says what is new: from 1 on it does."""
    score = 0.0
    if _NEW_BY_US.search(sentence):
        score = 3.0
    elif _NAMED_CONTRIBUTION.search(sentence) or _PAPER_IS.search(sentence):
        score = 2.0
    elif _DONE_BY_US.search(sentence) or _IS_NEW.search(sentence):
        score = 1.5
    else:
        is_likely = (_OURS.search(sentence) or _LEADS_IN.search(sentence)) and not _SET_UP.search(sentence)
        return 0.5 if is_likely else 0.0
    score += 0.5 * bool(_NAMES.search(sentence)) + 0.5 * bool(_LEADS_IN.search(sentence))
    score -= 1.0 * bool(_DETAIL.search(sentence)) + 0.5 * bool(_MORE.search(sentence))
    score -= 1.0 * bool(_SET_UP.search(sentence)) + 2.0 * bool(_SHARED.search(sentence))
    return score - 1.0 * bool(_OTHERS.search(sentence))


def _result(sentence: str, count: int, has_begun: bool) -> float:
    """How surely this states an outcome in numbers: from 1 on it does."""
    if not count:
        return 0.0
    score = 0.8 + 0.2 * min(count, 4) + 0.3 * bool(_OUTCOME.search(sentence))
    score += 0.5 * bool(_COMPARED.search(sentence)) + 0.4 * bool(_REPORTED.search(sentence))
    score -= 0.7 * bool(_MADE_OF.search(sentence)) + 1.0 * bool(_SHARED.search(sentence))
    return score - (0.0 if has_begun else 1.0)
