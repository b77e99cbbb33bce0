"""TeX of titles and abstracts as readable characters, for display only: what is kept stays as it came. Pure.

A stretch of maths is shown converted where all of it was understood, and exactly as written where not:
half a formula is worse than its source. Each displayed character knows where it comes from, so that marks
made on the source lie right on what is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from journal.marks import Mark
from journal.tex_formula import Shown, formula, in_script
from journal.tex_symbols import GREEK, OPERATORS, SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS

_LONGEST_MATH = 600  # characters


@dataclass(frozen=True, slots=True)
class Displayed:
    """A text as it is shown. `sources` says, for each of its characters, where in the source it comes from."""

    text: str
    sources: Sequence[int]

    def at(self, index: int) -> int:
        """Where what stands at `index` of the source is shown, or what follows it."""
        return bisect_left(self.sources, index)

    def moved(self, marks: Iterable[Mark]) -> tuple[Mark, ...]:
        """Marks of the source as marks of what is shown; those of which nothing is shown are left out."""
        placed = (Mark(self.at(mark.start), self.at(mark.end), mark.role) for mark in marks)
        return tuple(mark for mark in placed if mark.start < mark.end)


def displayed(text: str) -> Displayed:
    """`text` with its TeX made readable; never fails, and takes time in proportion to the length."""
    if not _HAS_TEX.search(text):
        return Displayed(text, range(len(text)))
    shown: Shown = []
    braces = _Braces(_closed_braces(text))
    for start, end, is_math in _stretches(text):
        if not is_math:
            shown.extend(_prose(text, start, end, braces))
            continue
        understood = formula(text, start, end)
        shown.extend(understood if understood is not None else zip(range(start, end), text[start:end], strict=True))
    pieces = [(source, character) for source, piece in shown for character in piece]
    return Displayed("".join(piece for _, piece in pieces), tuple(source for source, _ in pieces))


_HAS_TEX = re.compile(r"[$\\]|``|''|[^\s]~|--|\^\{|_\{")

# ---------------------------------------------------------------- where maths is


_DELIMITED = re.compile(
    rf"""
    (?P<escaped>\\[$\\])
    | \$\$ (?P<display>[^$]{{1,{_LONGEST_MATH}}}) \$\$
    | \$ (?P<inline>(?:[^$\\]|\\.){{1,{_LONGEST_MATH}}}) \$
    | \\\( (?P<round>(?:[^\\]|\\[^)(]){{1,{_LONGEST_MATH}}}) \\\)
    | \\\[ (?P<square>(?:[^\\]|\\[^\][]){{1,{_LONGEST_MATH}}}) \\\]
    """,
    re.VERBOSE | re.DOTALL,
)
_PROSE_WORDS = re.compile(r"(?<![\\A-Za-z{])[a-z]{3,}(?=[\s,.)])")
_WORDS_OF_MATH = re.compile(r"\\(?:text|mathrm|mbox|operatorname|textbf|texttt|emph|textit)\s*\{[^{}]*\}")


def _stretches(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is maths with its delimiters) over the whole text."""
    position = last = 0
    while match := _DELIMITED.search(text, position):
        if match["escaped"] or not _is_math(text, match):
            # The closing dollar of an amount may open what follows.
            position = match.end() if match["escaped"] else match.start() + 1
            continue
        if last < match.start():
            yield last, match.start(), False
        yield match.start(), match.end(), True
        position = last = match.end()
    if last < len(text):
        yield last, len(text), False


def _is_math(text: str, match: re.Match[str]) -> bool:
    """Whether dollars mean maths: `costs $5 and earns $6` means money."""
    if not match["inline"]:
        return True
    inner = match["inline"]
    words = _PROSE_WORDS.findall(_WORDS_OF_MATH.sub("", inner))
    if inner[0].isdigit() and (words or text[match.end() : match.end() + 1].isdigit()):
        return False
    if len(words) >= 3:
        return False
    is_tight = not inner[0].isspace() and not inner[-1].isspace()
    return is_tight or bool(re.search(r"[\\^_=<>+]", inner)) or len(inner.strip()) <= 3


# ---------------------------------------------------------------- prose


_SWITCHES = (
    r"em|it|bf|sc|tt|sf|sl|rm|small|footnotesize|scriptsize|tiny|large|Large|itshape|bfseries|scshape|ttfamily|sffamily|"
    r"normalsize"
)
_PROSE = re.compile(
    rf"""
    (?P<wrapped>\\(?:emph|text(?:bf|it|tt|sc|sf|rm|sl|up|md|normal)?|underline|uline|mbox|enquote|url|path|nolinkurl
        |ensuremath|num)\s*\{{)
    | (?P<cited>\\(?:cite[a-zA-Z]{{0,10}}\*?|ref|eqref|cref|Cref|autoref|label)\s*\{{(?P<key>[^{{}}\\]{{1,200}})\}})
    | (?P<linked>\\(?:href|textcolor|hyperlink|hypertarget)\s*\{{[^{{}}]{{0,300}}\}}\s*\{{)
    | (?P<noted>\\footnote(?:mark|text)?\s*\{{)
    | (?P<raised>\\text(?P<script>super|sub)script\s*\{{(?P<raised_text>[^{{}}\\$]{{1,12}})\}})
    | (?P<bare>\^\{{(?P<bare_text>[^{{}}\\$]{{1,12}})\}})
    | (?P<switch>\{{\s*\\(?:{_SWITCHES})(?![A-Za-z])\s*)
    | (?P<braced>\{{\\(?P<letter>[A-Za-z]{{1,24}})\s*\}})
    | (?P<lone>\\(?:{_SWITCHES}|noindent|par|xspace|newline|centering|protect|boldmath|displaystyle)(?![A-Za-z])\s?)
    | \\(?P<escaped>[%&_\#$])(?:\{{\}})?
    | (?P<space>\\[ ,;:]|\\\\(?![A-Za-z])|(?<=[A-Za-z.\}}\)])~(?=[^\s~]))
    | (?P<nothing>\\[!\-/@])
    | (?<![A-Za-z:\\])\\(?P<symbol>[A-Za-z]{{1,24}})(?![A-Za-z])(?:\{{\}})?
    | (?P<dashes>(?<!-)---?(?!-))
    | (?P<opening>``)
    | (?P<closing>'')
    | (?P<open_brace>(?<!\\)\{{)
    | (?P<close_brace>(?<!\\)\}})
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Braces:
    """Where a brace of the text is opened that is closed again; and, of those open now, what closes each of them.

    What closes is None for the brace itself.
    """

    closed: frozenset[int]
    closers: list[str | None] = field(default_factory=list)


def _prose(text: str, start: int, end: int, braces: _Braces) -> Iterator[tuple[int, str]]:
    """Running text: macros that only style go and leave what they held; marks and escapes become characters."""
    position = start
    for match in _PROSE.finditer(text, start, end):
        replacement = _replaced(match, text, braces)
        for index in range(position, match.start()):
            yield index, text[index]
        if replacement is None:
            for index in range(match.start(), match.end()):
                yield index, text[index]
        else:
            yield match.start(), replacement
        position = match.end()
    for index in range(position, end):
        yield index, text[index]


def _replaced(match: re.Match[str], text: str, braces: _Braces) -> str | None:
    """What is shown for a match, None for the match itself. Takes note of the braces that it opens and closes."""
    if match["open_brace"]:
        braces.closers.append(None)
        return None
    if match["close_brace"]:
        return braces.closers.pop() if braces.closers else None
    if match["wrapped"] or match["linked"] or match["switch"] or match["noted"]:
        # A switch stands behind its brace, all others before it.
        if (match.start() if match["switch"] else match.end() - 1) not in braces.closed:
            return None
        braces.closers.append(")" if match["noted"] else "")
        return " (" if match["noted"] else ""
    if match["cited"]:
        return f"[{match['key']}]"
    if match["raised"]:
        table = SUPERSCRIPTS if match["script"] == "super" else SUBSCRIPTS
        return in_script(match["raised_text"], table) or match["raised_text"]
    if match["bare"]:
        return in_script(match["bare_text"], SUPERSCRIPTS)
    if match["braced"] and _ENDS_IN_MACRO.search(text, max(0, match.start() - 25), match.start()):
        return None  # what the braces hold is for that macro, which is not known
    if match["symbol"] or match["braced"]:
        name = match["symbol"] or match["letter"]
        return GREEK.get(name) or OPERATORS.get(name) or SYMBOLS.get(name) or _SHORTENED.get(name)
    if match["dashes"]:
        return _dash(match, text)
    if match["escaped"]:
        return match["escaped"]
    return {"space": " ", "opening": "“", "closing": "”"}.get(match.lastgroup or "", "")


# Not of TeX itself, but defined alike in the style files of every conference.
_SHORTENED = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "wrt": "w.r.t.", "etc": "etc.", "cf": "cf.", "and": "·"}


_ENDS_IN_MACRO = re.compile(r"\\[A-Za-z]+\Z")


def _closed_braces(text: str) -> frozenset[int]:
    """Where a brace is opened that is closed again."""
    opened: list[int] = []
    closed = set()
    for brace in _BRACES.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            closed.add(opened.pop())
    return frozenset(closed)


_BRACES = re.compile(r"(?<!\\)[{}]")


def _dash(match: re.Match[str], text: str) -> str | None:
    """A dash, unless it may be the start of an option such as `--lr`."""
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if (not before or before.isspace() or before in "([`") and after.isalpha():
        return None
    return "—" if len(match[0]) == 3 else "–"
