"""Links are found in whatever state they arrive, told apart, and given once in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.page_links import links_in_page
from journal.paper_links import links_in, same_place
from journal.types import LinkKind, PaperLink

REPOSITORY = "https://github.com/owner/my_repo-1"


@pytest.mark.parametrize(
    "text",
    [
        "Code: https://github.com/owner/my_repo-1.",
        "(github.com/owner/my_repo-1), and more",
        r"at \url{https://github.com/owner/my\_repo-1}.",
        r"see \href{https://github.com/owner/my_repo-1}{https://github.com/owner/my_repo-1}",
        "https:// github.com/owner/my_repo-1",
        "https://github.com/owner/ my_repo-1",
        "https://github. com/owner/my_repo-1",
        "https:/github.com/owner/my_repo-1",
        "at https://github.com/owner/my_repo- 1 now",
        "http://www.github.com/owner/my_repo-1.git",
        "[code](https://github.com/owner/my_repo-1), ok",
        "https://github.com/owner/my_repo-1/tree/main",
        "https://GitHub.com/owner/my_repo-1#readme",
        "https://github.com/owner/my_repo-1;https://github.com/owner/my_repo-1",
        "https://github.com/owner/my_repo-1.The data follows",
        "“https://github.com/owner/my_repo-1”",
        "Code~(\\texttt{https://github.com/owner/my_repo-1})",
        "<https://github.com/owner/my_repo-1>",
    ],
)
def test_a_repository_is_found_in_every_state(text: str):
    assert links_in(text) == (PaperLink(REPOSITORY, LinkKind.code),)


@pytest.mark.parametrize(
    ("text", "url", "kind"),
    [
        ("https://huggingface.co/owner/model", "https://huggingface.co/owner/model", LinkKind.weights),
        ("hf.co/datasets/owner/set", "https://huggingface.co/datasets/owner/set", LinkKind.data),
        ("https://huggingface.co/spaces/owner/demo", "https://huggingface.co/spaces/owner/demo", LinkKind.page),
        ("data at zenodo.org/records/123", "https://zenodo.org/records/123", LinkKind.data),
        ("Source code: https://zenodo.org/records/123", "https://zenodo.org/records/123", LinkKind.code),
        ("archived (doi:10.5281/zenodo.123)", "https://doi.org/10.5281/zenodo.123", LinkKind.data),
        ("https://www.kaggle.com/datasets/a/b", "https://kaggle.com/datasets/a/b", LinkKind.data),
        ("https://www.kaggle.com/code/a/b", "https://kaggle.com/code/a/b", LinkKind.code),
        ("https://anonymous.4open.science/r/Foo-1234/", "https://anonymous.4open.science/r/Foo-1234", LinkKind.code),
        ("colab.research.google.com/drive/1aB", "https://colab.research.google.com/drive/1aB", LinkKind.code),
        ("https://gitlab.inria.fr/a/b", "https://gitlab.inria.fr/a/b", LinkKind.code),
        ("codeberg.org/a/b", "https://codeberg.org/a/b", LinkKind.code),
        ("osf.io/abc12", "https://osf.io/abc12", LinkKind.data),
        ("figshare.com/articles/1", "https://figshare.com/articles/1", LinkKind.data),
        ("Project page: owner.github.io/thing/", "https://owner.github.io/thing", LinkKind.page),
        ("see www.example.org/project", "http://www.example.org/project", LinkKind.page),
        ("https://lab.example.edu/thing", "https://lab.example.edu/thing", LinkKind.page),
    ],
)
def test_links_are_told_apart_and_have_one_spelling(text: str, url: str, kind: LinkKind):
    found = links_in(text)
    assert [(link.url.replace("https://www.", "http://www."), link.kind) for link in found] == [(url, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1) file:///etc/passwd ftp://github.com/a/b data:text/html,x",
        "https://arxiv.org/abs/1706.03762 and https://doi.org/10.1109/5.771073",
        "https://openreview.net/forum?id=x",
        "https://user:password@github.com/a/b",
        "mail me@github.com or notgithub.com/a/b",
        "github.com and huggingface.co",
        "https://github.com/features/copilot",
        "released on GitHub. Com and hf.shape of x",
        "https://localhost/x https://127.0.0.1/x https://[::1]/x",
        "https://creativecommons.org/licenses/by/4.0/",
    ],
)
def test_what_is_no_link_of_the_paper_is_not_offered(text: str):
    assert links_in(text) == ()


def test_one_thing_is_given_once_whichever_text_it_is_in():
    found = links_in(
        "Code: https://github.com/A/B", "https://github.com/a/b/tree/main/sub, https://a.github.io http://a.github.io/"
    )
    assert found == (
        PaperLink("https://github.com/A/B", LinkKind.code),
        PaperLink("https://a.github.io", LinkKind.page),
    )
    assert same_place("https://github.com/A/B.git".removesuffix(".git"), "http://www.github.com/a/b/issues")


@given(
    st.text(st.sampled_from('https:/gub.comiABabc-_ .,()\\{}<>"&#;@%\n\u202e'), max_size=200) | st.text(max_size=200)
)
def test_whatever_is_found_in_any_text_is_a_clean_web_address(text: str):
    for link in (*links_in(text, "https://github.com/a/" + text), *links_in_page(text)):
        assert link.url.startswith(("https://", "http://"))
        assert link.url.isascii() and link.url.isprintable()
        assert not set(link.url) & set(' <>"{}|\\^`')


@pytest.mark.parametrize(
    "piece",
    [
        "https:// ",
        "github.",
        "a.",
        "https://github.com/a/",
        "www.",
        "doi:",
        "10.5281/zenodo",
        "\\_",
        "&#9",
        "http:/" * 3,
    ],
)
def test_any_text_is_searched_in_one_pass(piece: str):
    links_in(piece * (300_000 // len(piece)))
    links_in_page(piece * (300_000 // len(piece)))
