"""TeX becomes characters where all of it is understood, stays as it is where not, and marks stay on their words."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.marks import Mark, MarkRole
from journal.tex_math import displayed


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\alpha$-divergence in $\mathbb{R}^d$", "α-divergence in ℝᵈ"),
        (r"$O(n\log n)$ and $\mathcal{O}(\sqrt{T})$", "O(n log n) and 𝒪(√T)"),
        (r"$x_i^2 \leq y_{ij}$, $n \to \infty$", "x_i² ≤ y_ij, n → ∞".replace("x_i", "xᵢ").replace("y_ij", "yᵢⱼ")),
        (r"8$\times$ faster, $-$6.6--6.9\%", "8× faster, -6.6–6.9%"),
        (r"$\frac{1}{2}$, $\frac{a+b}{2\pi}$", "1/2, (a+b)/(2π)"),
        (r"$91.7 \pm 0.6\%$ and 91.7$\pm$0.6\%", "91.7 ± 0.6% and 91.7±0.6%"),
        (r"$x_{\max}$ and $\tilde{O}(\epsilon^{-2})$", "x_max and Õ(ϵ⁻²)"),
        (r"$L^*=\hat{y}^\top \vec{v}$", "L*=ŷᵀ v⃗"),
        (r"$p(x \mid y)$ with $\|x\|_2$", "p(x | y) with ‖x‖₂"),
        (r"\emph{both} \textbf{bold \textit{and} more} {\em this} \texttt{x}", "both bold and more this x"),
        (r"\textbf{a rate of $3\times$ more}", "a rate of 3× more"),
        (r"``quoted'' Fig.~3 of 5\% \& more", "“quoted” Fig. 3 of 5% & more"),
        (r"10{,}000 and $10{,}000$", "10{,}000 and 10,000"),
        (r"HAM$^{3}$ and \(|G| \cdot |D|^6\)", "HAM³ and |G| · |D|⁶"),
        (r"$n \equiv 1 \pmod{3}$, $\binom{n}{k}$, $x \not\in S$", "n ≡ 1 (mod 3), C(n,k), x ∉ S"),
        (r"$\sqrt[3]{x+1}$ at $35^\circ$", "∛(x+1) at 35°"),
        (r"see \href{https://x.org}{our page} and \cite{key1}", "see our page and [key1]"),
        (r"$\text{the best of } S$, $\operatorname{SO}(n)$", "the best of S, SO(n)"),
        (r"$π^2$-Bench and $d{=}5$", "π²-Bench and d=5"),
        ("plain text, with -- a dash", "plain text, with – a dash"),
        ("set --lr and --steps", "set --lr and --steps"),
    ],
)
def test_what_is_understood_reads_as_print(source: str, shown: str):
    assert displayed(source).text == shown


@pytest.mark.parametrize(
    "source",
    [
        r"$\foo{x}$ and $\method$",
        r"\ours{} and \methodname",
        "it costs $5 per hour and $6 more",
        "from $1.20 to $3 a day",
        "nodes ($38k) improve Tokens/$ here",
        "an interval [+$0.002, +$0.019] of cost",
        r"$a\unicode{x202e}b$",
        r"$\unicode{x1b}$",
        r"$\unicode{xd800}$",
        "KV$ reuse and no closing",
        r"$\begin{cases} a & b \end{cases}$",
        r"$\frac{a}$ and $x^$ and ${a$ and $a}$",
        r"\emph{never closed",
        r"C:\temp\nu",
        r"$\stackrel{a}{b}$",
        "",
    ],
)
def test_what_is_not_understood_stays_exactly_as_it_is(source: str):
    assert displayed(source).text == source


def test_a_letter_that_stands_in_braces_of_its_own_is_that_letter():
    assert displayed(r"S{\o}ren Br{\ae }kke, {BERT} and {\alpha}").text == "Søren Brække, {BERT} and α"
    assert displayed(r"\mine{\o} and {\mine}").text == r"\mine{\o} and {\mine}"


def test_a_formula_stays_whole_where_one_part_of_it_is_unknown():
    assert displayed(r"$\alpha$ but $\alpha + \mine$").text == r"α but $\alpha + \mine$"


def test_marks_stay_on_their_words():
    source = r"We \textbf{cut} latency by $7.9\%$ on $\mathbb{R}^d$ for all."
    shown = displayed(source)
    marks = [
        Mark(source.index(word), source.index(word) + len(word), MarkRole.number)
        for word in ("cut", r"7.9\%", r"\mathbb{R}^d", "all")
    ]
    assert [shown.text[mark.start : mark.end] for mark in shown.moved(marks)] == ["cut", "7.9%", "ℝᵈ", "all"]


def test_a_mark_on_what_is_not_shown_is_left_out():
    source = r"\emph{x}"
    assert displayed(source).moved([Mark(0, 6, MarkRole.match)]) == ()


TEX = st.lists(
    st.sampled_from([*"$ {}^_\\ab1~%&-`'()", r"\alpha", r"\frac", r"\sqrt", r"\text", r"\emph{", r"\left", r"\hat", r"\(", r"\)",
                     r"\unicode{x202e}", r"\unicode{x1b}", r"\mathbb", r"\not", "word ", "5"]), max_size=60
).map("".join)  # fmt: skip


@given(TEX | st.text(max_size=200))
def test_any_text_is_shown_with_a_way_back_and_without_new_controls(source: str):
    shown = displayed(source)
    assert len(shown.sources) == len(shown.text)
    assert all(one <= other for one, other in pairwise(shown.sources))
    assert all(0 <= place < len(source) for place in shown.sources)
    made = set(shown.text) - set(source)
    assert not any(unicodedata.category(character)[0] == "C" for character in made)
    marks = [Mark(start, start + 3, MarkRole.match) for start in range(0, len(source), 3)]
    assert all(0 <= mark.start < mark.end <= len(shown.text) for mark in shown.moved(marks))


@given(st.text(st.characters(exclude_characters="$\\`'~-^_"), max_size=100))
def test_text_without_tex_is_shown_as_it_is(source: str):
    shown = displayed(source)
    assert shown.text == source
    assert [shown.at(place) for place in range(len(source) + 1)] == list(range(len(source) + 1))


@pytest.mark.parametrize(
    "piece",
    [
        "$",
        "{",
        "}",
        "$a",
        "\\emph{",
        "\\frac",
        "$\\frac{",
        "\\(",
        "^{",
        "--",
        "\\",
        "a~",
        "$x^{",
        "\\sqrt[",
        "\\hat",
        "${{",
        "\\text{",
    ],
)
def test_any_text_is_shown_in_one_pass(piece: str):
    displayed(piece * (200_000 // len(piece)))
    displayed("$" + piece * (500 // len(piece)) + "$")
