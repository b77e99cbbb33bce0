"""arXiv's archives and their subject classes, as arxiv.org/category_taxonomy lists them (read in 2026)."""

from __future__ import annotations

_CLASSES = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC "
    "SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "gr-qc": "",
    "hep-ex": "",
    "hep-lat": "",
    "hep-ph": "",
    "hep-th": "",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "math-ph": "",
    "nlin": "AO CD CG PS SI",
    "nucl-ex": "",
    "nucl-th": "",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph "
    "geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "quant-ph": "",
    "stat": "AP CO ME ML OT TH",
}
# Both have feeds: rss.arxiv.org/rss/cs as well as rss.arxiv.org/rss/cs.LG.
CATEGORIES = frozenset(_CLASSES) | {
    f"{archive}.{name}" for archive, classes in _CLASSES.items() for name in classes.split()
}
_BY_FOLDED = {category.lower(): category for category in CATEGORIES}


def category(name: str) -> str | None:
    """The category that `name` means, in arXiv's own spelling; None where there is none."""
    return _BY_FOLDED.get(name.lower())


def nearest(name: str) -> str | None:
    """The category that `name` is most likely a misspelling of, if any."""
    from difflib import get_close_matches  # only a misspelling needs it

    archive, _, _ = name.lower().partition(".")
    # Where the archive is right, only its own classes are near: cs.LGG is no cs.GL of another field.
    pool = [folded for folded in sorted(_BY_FOLDED) if archive not in _CLASSES or folded.startswith(f"{archive}.")]
    close = get_close_matches(name.lower(), pool, 1)
    return _BY_FOLDED[close[0]] if close else None
