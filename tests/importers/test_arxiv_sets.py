"""A category is found in arXiv's OAI-PMH service, whatever its group, and known under both of its names."""

from __future__ import annotations

import pytest

from importers.arxiv_sets import lists, set_of, spelt


@pytest.mark.parametrize(
    ("category", "its_set"),
    [
        ("cs.LG", "cs:cs:LG"),
        ("stat.ML", "stat:stat:ML"),
        ("math.AG", "math:math:AG"),
        ("math-ph", "physics:math-ph"),
        ("quant-ph", "physics:quant-ph"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("cond-mat.dis-nn", "physics:cond-mat:dis-nn"),
        ("physics.data-an", "physics:physics:data-an"),
        ("nlin.AO", "physics:nlin:AO"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("q-fin.ST", "q-fin:q-fin:ST"),
        ("eess.AS", "eess:eess:AS"),
        ("physics", "physics:physics"),  # the archive, not all of physics
        ("cs", "cs:cs"),
        ("CS.lg", "cs:cs:LG"),  # feeds do not tell case apart, sets do
        ("Cond-Mat.DIS-NN", "physics:cond-mat:dis-nn"),
    ],
)
def test_a_category_has_its_set(category: str, its_set: str):
    assert set_of(category) == its_set


@pytest.mark.parametrize(
    ("asked", "category", "expected"),
    [
        ("cs.LG", "cs.LG", True),
        ("cs.lg", "cs.LG", True),
        ("cs.LG", "cs.CL", False),
        ("cs", "cs.CL", True),
        ("math", "math-ph", False),
        ("math.MP", "math-ph", True),
        ("math-ph", "math.MP", True),
        ("cs.NA", "math.NA", True),
        ("hep-th", "hep-th", True),
        ("c", "cs.LG", False),
    ],
)
def test_a_list_holds_its_own_categories(asked: str, category: str, expected: bool):
    assert lists(asked, category) is expected


def test_spelling_stays_where_it_is_right():
    assert [spelt(one) for one in ("cs.LG", "quant-ph", "physics.acc-ph")] == ["cs.LG", "quant-ph", "physics.acc-ph"]
