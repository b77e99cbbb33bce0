"""A name is one name, whichever way it was written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.person_names import alone, from_shown, person, shown, whole_family


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("Ashish Vaswani", "Vaswani", "Ashish"),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
        ("Vaswani, Ashish", "Vaswani", "Ashish"),
        ("Jean le Rond d'Alembert", "d'Alembert", "Jean le Rond"),
        ("Tawfiq al-Hakim", "al-Hakim", "Tawfiq"),
        ("José Ortega y Gasset", "Ortega y Gasset", "José"),
        ("Martin Luther King Jr.", "King", "Martin Luther"),
        ("bell hooks", "hooks", "bell"),
        ("The ATLAS Collaboration", "", None),
        ("Google Brain Team", "", None),
        ("OpenAI", "OpenAI", None),
    ],
)
def test_a_printed_name_is_taken_apart(text: str, family: str, given: str | None):
    name = from_shown(text)
    assert name is not None
    assert (whole_family(name), name.get("given")) == (family, given)


def test_particles_are_told_from_the_family():
    assert person(family="van der Berg", given="Jan") == {
        "family": "Berg", "given": "Jan", "non-dropping-particle": "van der",
    }  # fmt: skip
    assert person(family="Beauvoir", given="Simone de") == {
        "family": "Beauvoir", "given": "Simone", "dropping-particle": "de",
    }  # fmt: skip
    assert person(family="van der berg", given="jan") == {"family": "van der berg", "given": "jan"}


def test_nothing_is_no_name():
    assert (person(), alone(" "), from_shown("")) == (None, None, None)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_a_name_put_together_and_taken_apart_again_is_the_same(family: str, given: str, suffix: str):
    name = person(family=family, given=given, suffix=suffix)
    if name is not None and "given" in name:
        behind = f"{name['given']} {name.get('dropping-particle', '')}"
        assert person(family=whole_family(name), given=behind, suffix=name.get("suffix", "")) == name
        assert shown(name)
