"""What TeX macros look like as characters. Tables alone; `tex_math` uses them.

Sources: The Comprehensive LaTeX Symbol List for the names, Unicode 15 for the characters. Chosen for what
60,000 real abstracts hold; a macro that authors defined for themselves is in no table and stays as written.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega varepsilon vartheta varpi varrho varsigma varphi digamma"
)
_CAPITAL = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = {
    **dict(zip(_SMALL.split(), "αβγδϵζηθικλμνξοπρστυϕχψωεϑϖϱςφϝ", strict=True)),
    **dict(zip(_CAPITAL.split(), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
}

# Set between blanks where the source has any around them.
OPERATORS = {
    "times": "×", "pm": "±", "mp": "∓", "cdot": "·", "div": "÷", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "•",
    "cup": "∪", "cap": "∩", "sqcup": "⊔", "vee": "∨", "wedge": "∧", "lor": "∨", "land": "∧", "setminus": "∖",
    "oplus": "⊕", "ominus": "⊖", "otimes": "⊗", "odot": "⊙", "oslash": "⊘", "rtimes": "⋊", "ltimes": "⋉",
    "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥", "neq": "≠", "ne": "≠", "ll": "≪",
    "gg": "≫", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅", "equiv": "≡", "propto": "∝", "asymp": "≍",
    "doteq": "≐", "lesssim": "≲", "gtrsim": "≳", "lessapprox": "⪅", "gtrapprox": "⪆", "prec": "≺", "succ": "≻",
    "preceq": "⪯", "succeq": "⪰", "preccurlyeq": "≼", "in": "∈", "ni": "∋", "notin": "∉", "subset": "⊂",
    "subseteq": "⊆", "subsetneq": "⊊", "supset": "⊃", "supseteq": "⊇", "nsubseteq": "⊈", "mid": "|", "nmid": "∤",
    "parallel": "∥", "perp": "⊥", "models": "⊨", "vdash": "⊢", "vDash": "⊨", "dashv": "⊣", "to": "→",
    "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐",
    "Leftrightarrow": "⇔", "implies": "⇒", "impliedby": "⇐", "iff": "⇔", "longrightarrow": "⟶", "longleftarrow": "⟵",
    "Longrightarrow": "⟹", "mapsto": "↦", "longmapsto": "⟼", "hookrightarrow": "↪", "uparrow": "↑", "downarrow": "↓",
    "updownarrow": "↕", "Uparrow": "⇑", "Downarrow": "⇓", "nearrow": "↗", "searrow": "↘", "rightsquigarrow": "⇝",
    "leadsto": "⇝", "rightleftharpoons": "⇌", "nrightarrow": "↛", "bowtie": "⋈", "triangleq": "≜", "coloneqq": "≔",
    "lt": "<", "gt": ">", "colon": ":", "bmod": "mod", "mod": "mod", "trianglelefteq": "⊴", "sqsubseteq": "⊑",
}  # fmt: skip

SYMBOLS = {
    "infty": "∞", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "nexists": "∄", "neg": "¬", "lnot": "¬",
    "emptyset": "∅", "varnothing": "∅", "ell": "ℓ", "hbar": "ℏ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "wp": "℘",
    "imath": "ı", "jmath": "ȷ", "prime": "′", "dagger": "†", "ddagger": "‡", "top": "⊤", "bot": "⊥", "angle": "∠",
    "triangle": "△", "square": "□", "Box": "□", "blacksquare": "■", "diamond": "⋄", "Diamond": "◇", "degree": "°",
    "checkmark": "✓", "sharp": "♯", "flat": "♭", "natural": "♮", "clubsuit": "♣", "spadesuit": "♠", "S": "§", "P": "¶",
    "sum": "∑", "prod": "∏", "coprod": "∐", "int": "∫", "iint": "∬", "oint": "∮", "bigcup": "⋃", "bigcap": "⋂",
    "bigoplus": "⨁", "bigotimes": "⨂", "bigvee": "⋁", "bigwedge": "⋀", "ldots": "…", "dots": "…", "dotsc": "…",
    "dotsb": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉",
    "lfloor": "⌊", "rfloor": "⌋", "lvert": "|", "rvert": "|", "vert": "|", "lVert": "‖", "rVert": "‖", "Vert": "‖",
    "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "backslash": "\\", "copyright": "©", "pounds": "£",
    "euro": "€", "textdegree": "°", "textmu": "µ", "textendash": "–", "textemdash": "—", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textasciitilde": "~", "textunderscore": "_", "textbar": "|",
    "textbackslash": "\\", "textless": "<", "textgreater": ">", "textdagger": "†", "textregistered": "®",
    "texttrademark": "™", "textrightarrow": "→", "textuparrow": "↑", "textdownarrow": "↓", "texttimes": "×",
    "LaTeX": "LaTeX", "TeX": "TeX", "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "l": "ł",
    "L": "Ł", "complement": "∁", "therefore": "∴", "because": "∵", "surd": "√", "eth": "ð", "blacktriangle": "▲",
    "bigstar": "★", "lozenge": "◊", "bigtriangleup": "△", "Join": "⋈", "Bbbk": "𝕜", "oslash": "⊘",
}  # fmt: skip

# Written as words, with a blank before what follows.
FUNCTIONS = _words(
    "log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth max min sup inf lim limsup "
    "liminf argmax argmin arg det dim ker deg gcd hom Pr rank tr sgn sign softmax poly polylog"
)

# Without any meaning for a reader of plain text.
DROPPED = _words(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm middle displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits nonumber boldmath unboldmath rm it bf sf tt em sc sl cal "
    "normalfont normalsize small footnotesize scriptsize tiny large Large LARGE huge Huge itshape bfseries "
    "scshape ttfamily sffamily rmfamily upshape mdseries noindent indent par centering protect relax xspace "
    "smallskip medskip bigskip nobreak allowbreak"
)
SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "~": " ", "quad": " ", "qquad": " ", "enspace": " ", "thinspace": " ",
          "space": " ", "!": "", "/": "", "-": "", "\\": " ", "newline": " ", "hfill": " "}  # fmt: skip
ESCAPED = frozenset("{}%$#&_")

# One argument that is shown as it stands.
PLAIN_WRAPPERS = _words(
    "mathrm mathbf mathit mathsf mathtt boldsymbol bm pmb mathnormal mathop mathbin mathrel mathord mathopen "
    "mathclose operatorname mbox hbox text textrm textbf textit texttt textsf textsc textsl textup textmd "
    "textnormal emph uline underline ensuremath smash enquote textcolorbox mathbfit bold symbf"
)
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300", "Tilde": "\u0303", "Hat": "\u0302", "Bar": "\u0304", "mathring": "\u030a",
}  # fmt: skip

SUPERSCRIPTS = dict(zip(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ−∘′∗⋆†⊤*",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ⁻°′*⋆†ᵀ*", strict=True,
))  # fmt: skip
SUBSCRIPTS = dict(zip(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₋", strict=True
))  # fmt: skip

_STYLED_EXCEPTIONS = {
    "mathbb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "mathcal": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "mathfrak": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
_STYLED_STARTS = {
    "mathbb": (0x1D538, 0x1D552, 0x1D7D8), "mathcal": (0x1D49C, 0x1D4B6, 0), "mathfrak": (0x1D504, 0x1D51E, 0)
}  # fmt: skip
STYLES = {"mathbb": "mathbb", "mathds": "mathbb", "mathbbm": "mathbb", "Bbb": "mathbb", "mathcal": "mathcal",
          "mathscr": "mathcal", "mathfrak": "mathfrak", "frak": "mathfrak"}  # fmt: skip


def styled(style: str, letter: str) -> str:
    """`letter` in blackboard bold, script or Fraktur; as it is where there is no such character."""
    if letter in _STYLED_EXCEPTIONS[style]:
        return _STYLED_EXCEPTIONS[style][letter]
    capitals, smalls, digits = _STYLED_STARTS[style]
    if "A" <= letter <= "Z":
        return chr(capitals + ord(letter) - ord("A"))
    if "a" <= letter <= "z":
        return chr(smalls + ord(letter) - ord("a"))
    return chr(digits + ord(letter) - ord("0")) if digits and letter.isascii() and letter.isdigit() else letter
