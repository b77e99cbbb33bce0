r"""TeX in a BibTeX field as text: accents become letters, braces go, `\emph` becomes CSL's `<i>`, math stays.

Not by pylatexenc's own converter. Measured with 2.11 on what real bibliographies hold: `10% of all` loses the
rest of its line (% begins a comment), an unknown macro loses its name, 300 nested braces raise RecursionError,
and a title takes 0.8 ms. Its table of symbols is what this uses; the rest is one pass over the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from journal import csl

DEEPEST = 50  # groups inside of groups; beyond, braces are dropped and macros stay as written

# No possessive repetition around the text's alternatives: in Python 3.11.2 their lookaheads are then passed over.
_TOKEN = re.compile(
    r"""
    (?P<math>\$\$?(?:[^$\\]|\\.)++\$\$?)
    | \\(?P<macro>[A-Za-z]++)\*?[ \t\r\n]*+
    | \\(?P<symbol>.)
    | (?P<open>\{) | (?P<close>\})
    | (?P<ligature>---|--|``|'')
    | (?P<text>[^\\{}$~`'\x00-\x1f-]++|-(?!-)|'(?!')|`(?!`))
    | ~ | [\x00-\x1f]++ | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”"}
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "textcommabelow": "\u0326", "t": "\u0361", "h": "\u0309", "G": "\u030f", "U": "\u030e",
    "newtie": "\u0311", "textcommaabove": "\u0313",
}  # fmt: skip
_SYMBOLS = {
    " ": " ", "\n": " ", "\\": "\n", ",": " ", ";": " ", ":": " ", "!": "", "/": "", "-": "", "@": "",
    "(": "(", ")": ")", "[": "[", "]": "]",
}  # fmt: skip
_MARKUP = {
    "emph": "i", "textit": "i", "textsl": "i", "mkbibemph": "i", "textbf": "b", "mkbibbold": "b",
    "textsuperscript": "sup", "mkbibsuperscript": "sup", "textsubscript": "sub", "mkbibsubscript": "sub",
}  # fmt: skip
_SWITCHES = {"em": "i", "it": "i", "itshape": "i", "sl": "i", "bf": "b", "bfseries": "b"}
_CONTENT = frozenset({
    "textrm", "textsf", "texttt", "textup", "textmd", "textnormal", "text", "mbox", "hbox", "fbox", "ensuremath",
    "uppercase", "MakeUppercase", "lowercase", "MakeLowercase", "mathrm", "bibstring", "natexlab", "textcite", "url",
    "path", "nolinkurl", "detokenize", "operatorname", "IeC",
})  # fmt: skip
_NOTHING = frozenset({
    "relax", "null", "noindent", "protect", "leavevmode", "allowbreak", "break", "newblock", "sloppy", "rm", "sf", "tt",
    "sc", "normalfont", "rmfamily", "ttfamily", "sffamily", "scshape", "upshape", "mdseries", "selectfont", "small",
    "footnotesize", "nobreak", "ignorespaces", "unskip", "bibrangessep",
})  # fmt: skip
_WITHOUT_ARGUMENT = frozenset({"hspace", "vspace", "noopsort", "SortNoop", "label", "vphantom", "hphantom", "phantom"})
_TEXT = {
    "i": "ı", "j": "ȷ", "par": "\n", "newline": "\n", "linebreak": "\n", "quad": " ", "qquad": " ", "space": " ",
    "textless": "<", "textgreater": ">", "textbar": "|", "textbraceleft": "{", "textbraceright": "}",
    "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_", "textdollar": "$", "textquotesingle": "'",
    "lbrace": "{", "rbrace": "}", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "slash": "/", "TeX": "TeX",
    "LaTeX": "LaTeX", "BibTeX": "BibTeX", "LaTeXe": "LaTeX2e", "nobreakspace": " ", "textquotedbl": '"',
    "textnumero": "№", "bibrangedash": "–", "textasteriskcentered": "*", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ",
    "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ", "textbackslash": "\\",
}  # fmt: skip


def decoded(source: str) -> str:
    """The text that `source` prints, with CSL's markup; math and unknown macros stay as written."""
    if not any(character in source for character in "\\{}$~`'-"):
        return source
    return _Decoder(source).run(0, len(source), 0)


def undecorated(source: str) -> str:
    r"""A value that is no prose, such as a DOI or a file: braces and escapes go, nothing else changes."""
    source = re.sub(r"\\(?:url|path|nolinkurl|href)\s*(?=\{)", "", source)
    source = source.replace("\\textasciitilde", "~").replace("\\~{}", "~").replace("{\\_}", "_")
    return re.sub(r"\\([&%#_$~{}])", r"\1", source).replace("{", "").replace("}", "").strip()


def first_address(source: str) -> str:
    r"""The address of a value that is nothing but `\url{...}`, `\href{...}{...}` or an address; else empty."""
    match = re.fullmatch(r"\s*\{?\s*\\(?:url|href|path)\s*\{([^{}]*)\}(?:\{[^{}]*\})?\s*\}?\s*", source)
    text = match[1] if match else source
    address = undecorated(text)
    return address if re.fullmatch(r"https?://\S+", address, re.IGNORECASE) else ""


class _Decoder:
    """One pass; groups are found by a table of matching braces, so that nothing is looked at twice."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._closing = _matching_braces(source)

    def run(self, start: int, end: int, depth: int) -> str:
        """The text between two positions, which lie outside of any group that begins or ends there."""
        out: list[str] = []
        switched: list[str] = []
        position = start
        while position < end:
            token = _TOKEN.match(self._source, position, end)
            assert token is not None  # its last alternative is any character
            position = token.end()
            if token["math"]:
                out.append(_of_math(token[0]))
            elif token["macro"]:
                name = token["macro"]
                if name in _SWITCHES and depth:
                    out.append(f"<{_SWITCHES[name]}>")
                    switched.append(f"</{_SWITCHES[name]}>")
                else:
                    text, position = self._macro(name, token, end, depth)
                    out.append(text)
            elif token["symbol"]:
                text, position = self._symbol(token["symbol"], position, end, depth)
                out.append(text)
            elif token["open"]:
                inner = self._group(token.start(), end)
                if inner is not None and depth < DEEPEST:
                    out.append(self.run(position, inner, depth + 1))
                    position = inner + 1
            elif token["ligature"]:
                out.append(_LIGATURES[token["ligature"]])
            elif token["text"] or token["stray"]:
                out.append(token[0])
            elif not token["close"]:
                out.append(" ")
        return "".join(out + switched[::-1])

    def _group(self, start: int, end: int) -> int | None:
        closing = self._closing.get(start)
        return closing if closing is not None and closing < end else None

    def _argument(self, position: int, end: int, depth: int) -> tuple[str, int] | None:
        """(text, position behind it) of the group, macro or character at `position`."""
        while position < end and self._source[position].isspace():
            position += 1
        if position >= end or depth >= DEEPEST:
            return None
        if self._source[position] == "{":
            closing = self._group(position, end)
            return None if closing is None else (self.run(position + 1, closing, depth + 1), closing + 1)
        if self._source[position] == "\\":
            token = _TOKEN.match(self._source, position, end)
            if token and token["macro"]:
                return self._macro(token["macro"], token, end, depth + 1)
            return None
        return None if self._source[position] in "}$" else (self._source[position], position + 1)

    def _symbol(self, symbol: str, position: int, end: int, depth: int) -> tuple[str, int]:
        if symbol in _ACCENTS:
            return self._accent(symbol, "\\" + symbol, position, end, depth)
        return _SYMBOLS.get(symbol, symbol), position

    def _macro(self, name: str, token: re.Match[str], end: int, depth: int) -> tuple[str, int]:
        position = token.end()
        if name in _ACCENTS:
            return self._accent(name, token[0], position, end, depth)
        if name == "href":
            return self._link(token, end, depth)
        if (
            name in _MARKUP
            or name in _CONTENT
            or name in _WITHOUT_ARGUMENT
            or name in {"textsc", "enquote", "mkbibquote"}
        ):
            argument = self._argument(position, end, depth)
            if argument is None:
                return "", position
            text, position = argument
            return _wrapped(name, text), position
        if name in _NOTHING:
            return "", self._behind_empty_group(position)
        symbol = _TEXT.get(name, _symbol_of(name))
        if symbol is None:
            argument = self._argument(position, end, depth) if self._source.startswith("{", position) else None
            return (f"{token[0].rstrip()}{{{argument[0]}}}", argument[1]) if argument else (token[0], position)
        return symbol, self._behind_empty_group(position)

    def _accent(self, name: str, written: str, position: int, end: int, depth: int) -> tuple[str, int]:
        argument = self._argument(position, end, depth)
        if argument is None:
            return written, position
        text, position = argument
        if not text or text[0].isspace():
            return {"~": "~", "^": "^"}.get(name, "") + text, position
        letter = {"ı": "i", "ȷ": "j"}.get(text[0], text[0])
        return unicodedata.normalize("NFC", letter + _ACCENTS[name]) + text[1:], position

    def _link(self, token: re.Match[str], end: int, depth: int) -> tuple[str, int]:
        r"""`\href{address}{text}`: both, since the address would be lost."""
        position = token.end()
        closing = self._group(position, end) if position < end else None
        if closing is None:
            return "", position
        address = undecorated(self._source[position:closing])
        shown = self._argument(closing + 1, end, depth)
        if shown is None:
            return address, closing + 1
        return (address if shown[0] == address else f"{shown[0]} ({address})"), shown[1]

    def _behind_empty_group(self, position: int) -> int:
        return position + 2 if self._source.startswith("{}", position) else position


def _of_math(source: str) -> str:
    r"""Math as written, but a single symbol such as `$\cdot$`, which only TeX needs math for, as its character."""
    match = re.fullmatch(r"\$\s*\\([A-Za-z]+)\s*\$", source)
    symbol = _symbol_of(match[1]) if match else None
    return symbol if symbol and len(symbol) == 1 else source


def _wrapped(name: str, text: str) -> str:
    if name in _MARKUP:
        return f"<{_MARKUP[name]}>{text}</{_MARKUP[name]}>"
    if name == "textsc":
        return f"{csl.SMALL_CAPS}{text}</span>"
    if name in {"enquote", "mkbibquote"}:
        return f"“{text}”"
    if name in {"uppercase", "MakeUppercase"}:
        return text.upper()
    return "" if name in _WITHOUT_ARGUMENT else text


def _matching_braces(source: str) -> dict[int, int]:
    r"""Where each group ends. `\{` opens none here, although BibTeX itself counts it."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"\\.|[{}]", source, re.DOTALL):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            closing[opened.pop()] = match.start()
    return closing


@cache
def _symbol_of(name: str) -> str | None:
    r"""The character of a macro such as `\alpha`, from pylatexenc's tables."""
    spec = _symbols().get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    return text if isinstance(text, str) and text and "%" not in text else None


@cache
def _symbols() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()
