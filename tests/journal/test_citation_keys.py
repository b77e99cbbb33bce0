"""A citation key is the one that people expect, is never given twice, and a key that a person brings is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.citation_keys import brought, is_valid, made, same


@pytest.mark.parametrize(
    ("author", "year", "title", "key"),
    [
        ("Ashish Vaswani", 2017, "Attention Is All You Need", "vaswani2017attention"),
        ("Razvan Pascanu", 2013, "On the difficulty of training recurrent neural networks", "pascanu2013difficulty"),
        ("Alexey Dosovitskiy", 2020, "An Image is Worth 16x16 Words", "dosovitskiy2020image"),
        ("Laurens van der Maaten", 2008, "Visualizing Data using t-SNE", "maaten2008visualizing"),
        ("Łukasz Kaiser", 2017, "One Model To Learn Them All", "kaiser2017one"),
        ("Jürgen Weiß", 2001, "Über die Größe", "weiss2001uber"),
        ("Noah Stephens-Davidowitz", 2014, "How to Eat Your Entropy", "stephensdavidowitz2014eat"),
        ("Google Brain Team", 2016, "TensorFlow: A System", "google2016tensorflow"),
        ("OpenAI", 2023, "GPT-4 Technical Report", "openai2023gpt"),
        ("Martin Luther King Jr.", None, "$O(n)$ <i>Dreams</i>", "kingdreams"),
        ("王小明", 2020, "深度学习", "anon2020"),
        ("José Ortega y Gasset", 1930, "La rebelión de las masas", "ortega1930rebelion"),
        ("Wei Dai", 1998, "The", "dai1998the"),
    ],
)
def test_a_key_is_name_year_and_first_telling_word(author: str, year: int | None, title: str, key: str):
    assert made([author], year, title, ()) == key


def test_a_work_without_authors_has_a_key_too():
    assert made([], 2020, "", ()) == "anon2020"


def test_keys_are_told_apart_by_letters_without_end():
    taken: set[str] = set()
    keys = []
    for _ in range(60):
        keys.append(made(["A Smith"], 2020, "Deep nets", taken))
        taken.add(same(keys[-1]))
    assert keys[:3] == ["smith2020deep", "smith2020deepa", "smith2020deepb"]
    assert keys[26:28] == ["smith2020deepz", "smith2020deepaa"]
    assert len(set(keys)) == 60


def test_a_key_that_is_free_is_kept_as_it_is():
    assert brought("DBLP:conf/nips/VaswaniSPUJGKP17", set()) == "DBLP:conf/nips/VaswaniSPUJGKP17"


def test_bibtex_does_not_tell_apart_capitals_so_neither_do_we():
    assert brought("Smith2020", {same("smith2020")}) == "Smith2020a"


@pytest.mark.parametrize(
    ("key", "kept"), [("a b,c{d}", "abcd"), ('"#%', ""), ("x\x1b[1my", "x[1my"), ("müller1999", "müller1999"), ("", "")]
)
def test_what_would_end_a_key_is_left_out_of_it(key: str, kept: str):
    assert brought(key, set()) == kept


@given(st.lists(st.text(max_size=30), max_size=2), st.none() | st.integers(0, 9999), st.text(max_size=60))
def test_a_made_key_is_always_valid_ascii_and_free(authors: list[str], year: int | None, title: str):
    key = made(authors, year, title, {"anon"})
    assert is_valid(key)
    assert key.isascii()
    assert key == same(key) != "anon"


@given(st.text(max_size=300))
def test_a_key_that_is_brought_is_valid_or_none(text: str):
    key = brought(text, {same(text)})
    assert key == "" or (is_valid(key) and same(key) != same(text))
