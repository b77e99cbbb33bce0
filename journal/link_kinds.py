"""What is behind a web address of a paper: code, weights, data or a page about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from journal.types import LinkKind


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Hosts that are known without a scheme before them, and what they keep.
_CODE_HOSTS = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com", "git.sr.ht", "gist.github.com",
               "anonymous.4open.science", "colab.research.google.com", "pypi.org")  # fmt: skip
_WEIGHT_HOSTS = ("huggingface.co", "hf.co", "modelscope.cn", "ollama.com", "civitai.com")
_DATA_HOSTS = ("zenodo.org", "osf.io", "figshare.com", "kaggle.com", "data.mendeley.com", "physionet.org",
               "synapse.org",
               "ieee-dataport.org", "dataverse.harvard.edu", "openneuro.org", "datadryad.org", "archive.ics.uci.edu",
               "drive.google.com", "dropbox.com", "pan.baidu.com")  # fmt: skip
_PAGE_HOSTS = ("sites.google.com", "readthedocs.io", "readthedocs.org", "streamlit.app", "vercel.app", "netlify.app")
_PAGE_SUFFIXES = (".github.io", ".gitlab.io")
# Where papers, people, licences and conferences are: no link of a paper to its own things.
_NOT_OURS = (
    "arxiv.org", "doi.org", "aclanthology.org", "openreview.net", "ieeexplore.ieee.org", "ieee.org", "acm.org",
    "springer.com", "sciencedirect.com", "elsevier.com", "nature.com", "mdpi.com", "wiley.com", "tandfonline.com",
    "frontiersin.org", "plos.org", "biorxiv.org", "medrxiv.org", "ssrn.com", "hal.science", "semanticscholar.org",
    "thecvf.com", "mlr.press", "neurips.cc", "icml.cc", "iclr.cc", "ceur-ws.org", "isca-archive.org", "orcid.org",
    "creativecommons.org", "wikipedia.org", "scholar.google.com", "researchgate.net", "jmlr.org", "aaai.org",
    "pnas.org",
    "iopscience.iop.org", "journals.aps.org", "copernicus.org", "dblp.org", "worldscientific.com", "sagepub.com",
    "cambridge.org", "oup.com", "science.org", "authorea.com", "easychair.org", "melba-journal.org", "shareok.org",
    "rdcu.be", "eprint.iacr.org", "ojs.aaai.org", "proceedings.com", "vldb.org", "usenix.org", "philarchive.org",
    "w3.org", "schema.org", "googleapis.com", "gstatic.com", "cloudflare.com", "jsdelivr.net", "unpkg.com",
)  # fmt: skip

_NO_OWNERS = _words(
    "features about pricing topics explore marketplace login join settings sponsors apps orgs search site"
)
_HUB_PAGES = _words("docs blog papers learn tasks pricing join login settings chat posts search enterprise")
_ARCHIVED = re.compile(r"10\.(?:5281/zenodo|6084/m9|7910/dvn|17605/osf|17632/\w|5061/dryad)", re.IGNORECASE)
_SAYS_CODE = re.compile(r"\b(?:code|software|implementation|scripts|repository|source)\b[^.]*$", re.IGNORECASE)
_SAYS_DATA = re.compile(r"\b(?:data(?:set)?s?|corpus|benchmark)\b[^.]*$", re.IGNORECASE)
_SAYS_PAGE = re.compile(r"page|site|project|demo|code|data|available|visit|access|see\b|found|at:?\s*$", re.IGNORECASE)
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99})"
_REPOSITORY = re.compile(rf"/({_OWNER})/({_OWNER})(/.*)?")


def kind_of_address(url: str, before: str, *, takes_any_host: bool) -> LinkKind | None:
    """What `url` holds, also by the words before it; None where it is no link of a paper to its own things.

    `takes_any_host` lets an address of any other host be a page.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.strip("/")
    first = path.partition("/")[0].lower()
    if host in {"huggingface.co", "hf.co"}:
        return _kind_on_hub(first)
    if host in {"modelscope.cn"} and first == "datasets":
        return LinkKind.data if "/" in path else None
    if host == "kaggle.com":
        kinds = {"models": LinkKind.weights, "m": LinkKind.weights, "code": LinkKind.code, "kernels": LinkKind.code}
        return kinds.get(first, LinkKind.data) if path else None
    if _is_of(host, _CODE_HOSTS) or host.startswith(("gitlab.", "git.")):
        return LinkKind.code if path and first not in _NO_OWNERS else None
    if _is_of(host, _WEIGHT_HOSTS):
        return LinkKind.weights if path else None
    if _is_of(host, _DATA_HOSTS) or (host == "doi.org" and _ARCHIVED.match(path)):
        if not path:
            return None
        says_code = _SAYS_CODE.search(before) and not _SAYS_DATA.search(before)
        return LinkKind.code if says_code else LinkKind.data
    if host.endswith(_PAGE_SUFFIXES) or (_is_of(host, _PAGE_HOSTS) and (path or host not in _PAGE_HOSTS)):
        return LinkKind.page
    if not takes_any_host or _is_of(host, _NOT_OURS) or not (path or _SAYS_PAGE.search(before)):
        return None
    return LinkKind.page


def _kind_on_hub(first: str) -> LinkKind | None:
    """What the first part of a path on Hugging Face says; anything else names an owner of models."""
    if not first or first in _HUB_PAGES:
        return None
    return {"datasets": LinkKind.data, "spaces": LinkKind.page}.get(first, LinkKind.weights)


def is_known(host: str) -> bool:
    """Whether an address of this host is one even where no scheme stands before it."""
    known = (*_CODE_HOSTS, *_WEIGHT_HOSTS, *_DATA_HOSTS, *_PAGE_HOSTS)
    return _is_of(host, known) or host.endswith(_PAGE_SUFFIXES)


def _is_of(host: str, hosts: Iterable[str]) -> bool:
    return any(host == known or host.endswith("." + known) for known in hosts)


def canonical_address(url: str) -> str:
    """https where the host is known to speak it, one name for one host, no `.git`, no default branch."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    host = "huggingface.co" if host == "hf.co" else host
    if not is_known(host):
        return url
    path = (
        re.sub(r"/(?:-/)?(?:tree|blob)/(?:main|master)(?:/README\.md)?\Z", "", parts.path)
        .removesuffix(".git")
        .rstrip("/")
    )
    return f"https://{host}{path}" + (f"?{parts.query}" if parts.query else "")


def same_thing(url: str) -> str:
    """What two spellings of an address have in common; a repository is one thing, whatever is pointed at in it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host in {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"} and (
        match := _REPOSITORY.fullmatch(parts.path)
    ):
        return f"{host}/{match[1]}/{match[2]}".lower()
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"
