"""arXiv's categories as its OAI-PMH service names them, and which of them belong together. Pure.

A set is `group:archive:CLASS`, such as `cs:cs:LG`; an archive without classes, or as a whole, is
`group:archive`, such as `physics:hep-th` (info.arxiv.org/help/oa, "Sets"; arXiv/oaipmh, _parse_set).
Sets are told apart by case, unlike the addresses of feeds.
"""

from __future__ import annotations

# arxiv.org/category_taxonomy: the archives of the group of physics; every other archive is its own group.
_PHYSICS = frozenset({
    "astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin", "nucl-ex", "nucl-th",
    "physics", "quant-ph",
})  # fmt: skip
_LOWER_CASE = frozenset({"cond-mat", "physics"})  # the archives whose classes are written small: cond-mat.dis-nn
# Two names of one category each (arXiv/arxiv-base, CATEGORY_ALIASES).
_OTHER_NAME = {
    "math.MP": "math-ph", "stat.TH": "math.ST", "math.IT": "cs.IT", "q-fin.EC": "econ.GN", "cs.SY": "eess.SY",
    "cs.NA": "math.NA",
}  # fmt: skip
_OTHER_NAME |= {name: alias for alias, name in _OTHER_NAME.items()}


def set_of(category: str) -> str:
    """The set that holds what is listed in `category`: `cs:cs:LG` for cs.LG, `physics:quant-ph` for quant-ph."""
    archive, _, subject_class = spelt(category).partition(".")
    group = "physics" if archive in _PHYSICS else archive
    return f"{group}:{archive}:{subject_class}" if subject_class else f"{group}:{archive}"


def spelt(category: str) -> str:
    """`category` in arXiv's own spelling: cs.LG for CS.lg."""
    archive, _, subject_class = category.strip().partition(".")
    archive = archive.lower()
    subject_class = subject_class.lower() if archive in _LOWER_CASE else subject_class.upper()
    return f"{archive}.{subject_class}" if subject_class else archive


def lists(asked: str, category: str) -> bool:
    """Whether the list of `asked`, a category or a whole archive, is the one that `category` belongs to."""
    asked = spelt(asked)
    if asked in {category, _OTHER_NAME.get(category)}:
        return True
    return "." not in asked and category.partition(".")[0] == asked
