"""The PDF of a paper of the journal, fetched into the cache under a name that says what it is."""

from __future__ import annotations

from pathlib import Path

from importers.downloads import PDF_LIMITS, Download, Progress, download_pdf
from importers.gate import ArxivGate
from importers.http import Client, Limits
from journal.config import Settings
from journal.errors import NotFound
from journal.paper_addresses import paper_addresses, pdf_file_name
from journal.paths import Paths
from journal.types import Paper


def fetch_pdf(
    client: Client,
    paths: Paths,
    settings: Settings,
    paper: Paper,
    *,
    progress: Progress | None = None,
    limits: Limits = PDF_LIMITS,
) -> Download:
    """The PDF of `paper`, from the cache where it is there.

    Raises NotFound where it has none, else what `download_pdf` raises.
    """
    url = _pdf_url(paper)
    if url is None:
        raise NotFound(f"No PDF of {paper.ref} is known.", hint=f"'journal paper open {paper.ref}' opens its page.")
    gate = ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
    return download_pdf(client, url, _file(paths, paper), gate=gate, limits=limits, progress=progress)


def _pdf_url(paper: Paper) -> str | None:
    if paper.arxiv_id:
        return paper_addresses(arxiv_id=paper.arxiv_id, version=paper.version).pdf
    return paper_addresses(url=paper.url).pdf


def _file(paths: Paths, paper: Paper) -> Path:
    day = paper.published_at or paper.announced_on
    name = pdf_file_name(
        paper.title,
        paper.authors,
        year=day.year if day else None,
        arxiv_id=paper.arxiv_id,
        version=paper.version,
        doi=paper.doi,
        url=paper.url,
    )
    return paths.cache / "papers" / name
