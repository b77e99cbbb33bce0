r"""Text as TeX that BibTeX reads: what acts is escaped, CSL's markup becomes `\emph` and the like, math stays."""

from __future__ import annotations

import re
import unicodedata

from journal import csl

_TOKEN = re.compile(
    rf"(?P<markup>{csl.RICH_TEXT.pattern})|(?P<math>\$[^$\\{{}}]*(?:(?:\\.|\{{[^{{}}$\\]*\}})[^$\\{{}}]*)*\$)"
    r"|(?P<word>[^\W_](?:[^\W_]|[\u0300-\u036f]|[-'’.](?=[^\W_]))*)|(?P<other>.)",
    re.DOTALL,
)
# No line break behind \par: readers take an @ at the start of a line for the next entry.
_ESCAPED = {
    "\\": "\\textbackslash{}", "{": "\\textbraceleft{}", "}": "\\textbraceright{}", "$": "\\$", "&": "\\&",
    "%": "\\%", "#": "\\#", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "\n": "\\par ",
}  # fmt: skip
_TRANSLATED = str.maketrans(_ESCAPED)
# Two of these beside each other would print as one other character.
_LIGATURE = re.compile(r"-(?=-)|`(?=`)|'(?=')")

_OPENING = {"<i>": "\\emph{", "<b>": "\\textbf{", "<sup>": "\\textsuperscript{", "<sub>": "\\textsubscript{",
            csl.SMALL_CAPS: "\\textsc{"}  # fmt: skip

_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k",
    "\u0331": "b", "\u0326": "textcommabelow",
}  # fmt: skip
_MACROS = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "å": "aa", "Å": "AA", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "ı": "i", "–": "textendash", "—": "textemdash", "‘": "textquoteleft", "’": "textquoteright",
    "“": "textquotedblleft", "”": "textquotedblright", "…": "textellipsis", "©": "copyright", "§": "S",
    "<": "textless", ">": "textgreater", "|": "textbar",
}  # fmt: skip


def escaped(text: str, *, ascii_only: bool = False, protects_capitals: bool = False) -> str:
    """`text` as TeX. `ascii_only` spells accents and quotation marks as TeX does; other scripts stay UTF-8.

    `protects_capitals` puts braces around words whose capitals BibTeX styles would lower: those with a
    capital inside, such as `BERT` or `U-Net`; and, in a title that is otherwise in lower case, names too.
    """
    text = csl.tidy_markup(text)
    if not protects_capitals and "<" not in text and "$" not in text:
        return _LIGATURE.sub(lambda match: match[0] + "{}", _spelt(text, ascii_only=ascii_only))
    is_sentence = protects_capitals and _is_sentence_case(text)
    pieces: list[str] = []
    is_start = True
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match["markup"]:
            pieces.append(_OPENING.get(token, "}"))
        elif match["math"] and _is_math(token):
            pieces.append(token)
        elif match["word"]:
            spelt = _spelt(token, ascii_only=ascii_only)
            is_name = is_sentence and token[0].isupper() and not is_start
            pieces.append(f"{{{spelt}}}" if protects_capitals and (is_name or _has_inner_capital(token)) else spelt)
            is_start = False
        else:
            pieces.append(_spelt(token, ascii_only=ascii_only))
            is_start = is_start or token in ":?!"
    return _LIGATURE.sub(lambda match: match[0] + "{}", "".join(pieces))


def _is_math(token: str) -> bool:
    return len(token) > 2 and "\n" not in token and csl.RICH_TEXT.search(token) is None


def _has_inner_capital(word: str) -> bool:
    """`BERT`, `iPod`, `3D`; and `U-Net`, whose first letter stands alone."""
    return any(
        letter.isupper() and (word[position - 1].isalnum() or word[position + 1 : position + 2] == "-")
        for position, letter in enumerate(word)
        if position or word[1:2] == "-"
    )


def _is_sentence_case(title: str) -> bool:
    """Whether at least half of the words are in lower case; short ones are so in either case."""
    words = [match["word"] for match in _TOKEN.finditer(csl.plain(title)) if match["word"]]
    telling = [word for word in words[1:] if len(word) > 4 and word[0].isalpha()]
    lower = sum(1 for word in telling if word[0].islower())
    return 0 < len(telling) <= 2 * lower


def _spelt(text: str, *, ascii_only: bool) -> str:
    if ascii_only:
        return "".join(map(_ascii, text))
    return text.translate(_TRANSLATED)


def _ascii(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character in _MACROS:
        return f"{{\\{_MACROS[character]}}}"
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    base, accent = parts[0], _ACCENTS.get(parts[1:], "")
    if base.isascii() and accent:
        return f"{{\\{accent}{{{base}}}}}" if accent.isalpha() else f"{{\\{accent}{base}}}"
    return character
