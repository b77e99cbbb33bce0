"""Of the addresses in a paper's page, its own are found, and the many of others are not offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.page_links import MOST_OF_A_KIND, links_in_page
from journal.page_text import page_text

OWN = "https://github.com/us/own"
THEIRS = "https://github.com/them/theirs"
FILLER = "<p>" + "Words about gradients. " * 600 + "</p>"  # longer than what counts as the first part


def found(markup: str) -> list[str]:
    return [link.url for link in links_in_page(markup)]


def anchor(url: str, words: str = "") -> str:
    return f'<a class="ltx_ref ltx_href" title="" href="{url}">{words or url}</a>'


def test_a_page_gives_its_own_things_and_not_its_navigation() -> None:
    markup = (
        '<a href="https://github.com/a/b?x=1&amp;y=2">Code</a> <a href="https://example.org/about">About</a>'
        "<script src='https://cdn.example.org/x.js'>https://github.com/not/shown</script>"
        "<nav><a href='https://github.com/the/site'>fork us</a></nav>"
        "<footer>Template from <a href='https://github.com/nerfies/nerfies.github.io'>here</a></footer>"
        "<!-- https://github.com/commented/out --> <a href='https://huggingface.co/a/b'>weights</a> &#99999999999;"
    )
    assert [(link.url, link.kind.value) for link in links_in_page(markup)] == [
        ("https://github.com/a/b?x=1&y=2", "code"),
        ("https://huggingface.co/a/b", "weights"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "Our code is available at {}.",
        "The code and models are publicly available at {}.",
        "We release all of it under {}.",
        "Code: {}",
        "The source code can be found here: {}",
        "The <b>implementation</b> of this work is hosted on {}",
        "<h1>Title</h1><p>[{}]</p>",
    ],
)
def test_what_the_page_says_is_its_own_comes_first(statement: str) -> None:
    words = "Code" if statement.startswith("<h1>") else ""
    markup = f"{FILLER}<p>A baseline is {anchor(THEIRS, 'theirs')}.</p><p>{statement.format(anchor(OWN, words))}</p>"
    assert found(markup)[0] == OWN


@pytest.mark.parametrize(
    "statement",
    [
        "We use the implementation of {}",
        "Our code is based on {}",
        "All models are trained using {}",
        "The baseline is run by their code {}",
        "We compare our model with {}",
    ],
)
def test_what_is_said_to_be_of_others_is_not_offered(statement: str) -> None:
    of_others = f"<p>{statement.format(anchor(THEIRS, 'theirs'))}.</p>"
    assert found(f"{of_others}{FILLER}<p>Our code is at {anchor(OWN)}.</p>") == [OWN]
    assert found(of_others) == []


def test_what_the_sentence_before_a_footnote_says_is_said_of_its_address() -> None:
    """As LaTeXML writes it."""
    footnote = (
        '<span class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">{0}</sup><span class="ltx_note_outer">'
        '<span class="ltx_note_content"><sup class="ltx_note_mark">{0}</sup>\n  <span class="ltx_tag ltx_tag_note">{0}'
        '</span>\n  <a href="{1}" title="" class="ltx_ref ltx_url ltx_font_typewriter">{1}</a></span></span></span>'
    )
    markup = (
        f'{FILLER}<p class="ltx_p">We compare with the detector.{footnote.format(1, THEIRS)} It is slow.</p>'
        f'<p class="ltx_p">The code is publicly available.{footnote.format(2, OWN)} We hope for more.</p>'
    )
    assert found(markup) == [OWN]


def test_the_first_part_of_a_page_comes_before_the_rest() -> None:
    assert found(f"<p>{anchor(OWN, 'GH')}</p>{FILLER}<p>see {anchor(THEIRS, 'that')}</p>") == [OWN, THEIRS]
    assert found(f"<p>see that</p>{FILLER}{anchor(THEIRS, 'x')}{anchor(OWN, 'y')}") == [THEIRS, OWN]


def test_addresses_named_in_one_breath_are_of_one_owner() -> None:
    weights = "https://huggingface.co/us/own"
    markup = (
        f"{FILLER}<p>Code and weights are available on {anchor(OWN, 'GitHub')} and {anchor(weights, 'the hub')}.</p>"
        f"<p>The other is {anchor('https://huggingface.co/them/theirs', 'other')}.</p>"
    )
    assert found(markup) == [OWN, weights, "https://huggingface.co/them/theirs"]


@pytest.mark.parametrize(
    "begin_and_end",
    [
        ('<section id="bib" class="ltx_bibliography"><h2>References</h2><ul class="ltx_biblist">', "</ul></section>"),
        ('<section class="ltx_bibliography"><section>', "</section></section>"),
        ('<ol class="references">', "</ol>"),
        ('<div role="doc-bibliography">', "</div>"),
        ("<ul><li class='x ltx_bibitem'>", "</li></ul>"),
        ('<section class="ltx_bibliography">', ""),  # the page was cut
    ],
)
def test_the_list_of_references_is_left_out_and_what_follows_is_not(begin_and_end: tuple[str, str]) -> None:
    begin, end = begin_and_end
    appendix = f"<section><p>Our code is at {anchor(OWN)}</p></section>" if end else ""
    assert found(f"{begin}Their code is available at {anchor(THEIRS)}{end}{appendix}") == ([OWN] if end else [])


def test_no_more_than_a_few_of_a_kind_are_offered() -> None:
    markup = "".join(f"<p>{anchor(f'https://github.com/a/b{n}', 'x')}</p>" for n in range(30))
    assert found(markup) == [f"https://github.com/a/b{n}" for n in range(MOST_OF_A_KIND)]


def test_those_who_make_the_page_are_not_those_who_wrote_the_paper() -> None:
    of_arxiv = (
        "<p>Code: https://github.com/arXiv/html_feedback/issues and https://github.com/brucemiller/LaTeXML</p>"
        "<div id='labstabs'><div>Code: <a href='https://huggingface.co/huggingface'>What is Huggingface?</a>"
        "https://github.com/some/tool</div></div>"
    )
    assert found(of_arxiv) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='javascript:location=\"https://github.com/a\"'>x</a>",
        "<a href='data:text/html,https://x.y'>x</a>",
        "<a href='https://user:password@github.com/a/b'>code</a>",
        "<a href='https://github.com:80@evil.example/a/b'>code</a>",
        "<a href='//evil.example/a'>code</a>",
        "<style>https://github.com/a/b</style>",
    ],
)
def test_what_leads_elsewhere_is_no_link(markup: str) -> None:
    assert not [url for url in found(markup) if "evil" in url or "password" in url or "github.com/a/b" in url]


@pytest.mark.parametrize(
    "unit",
    [
        "<nav>",
        "<!--",
        '<a href="',
        "<script>",
        "<div id=labstabs>",
        '<li class="ltx_bibitem">',
        "<nav></nav>",
        "class=",
        "</",
        "code: https://github.com/a/b we use our ",
        "&#9",
    ],
)
def test_any_page_is_read_in_one_pass(unit: str) -> None:
    links_in_page(unit * (1_000_000 // len(unit)))


def test_a_page_of_ever_new_tags_is_read_in_one_pass() -> None:
    links_in_page("".join(f"<t{n} class=nav>" for n in range(60_000)))


@given(st.text(st.sampled_from("<>/!-\"'= abhrefclnvsiptx:.gu\f\u202e&#;\x1b"), max_size=300) | st.text(max_size=300))
def test_whatever_is_found_in_any_page_is_a_clean_web_address(text: str) -> None:
    page_text(text)
    for link in links_in_page(f"{text}<a href='https://github.com/a/{text}'>https://github.com/{text}"):
        assert link.url.startswith("https://")
        assert link.url.isascii() and link.url.isprintable()
        assert not set(link.url) & set(' <>"{}|\\^`')
