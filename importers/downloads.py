"""The PDF of a paper, fetched into a folder: bounded, resumed where it broke off, and whole or not there at all."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from importers.http import BadStatus, Client, Limits, host_of, says_rate_exceeded
from importers.streams import Incoming, opened
from journal.errors import DiskFull, RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from journal.paths import made

PDF_LIMITS = Limits(connect_s=10.0, read_s=60.0, total_s=3600.0, max_bytes=200 * 1024 * 1024, max_redirects=5)

_LOOKED_AT = 1024  # bytes: readers accept `%PDF-` anywhere within them (PDF 1.7, appendix H, note 13)
_MAGIC = b"%PDF-"

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and the bytes of the whole, which may be unknown."""


@dataclass(frozen=True, slots=True)
class Download:
    """A PDF on disk. `fetched_bytes` is what came over the network: 0 where it was there already."""

    path: Path
    fetched_bytes: int


def download_pdf(
    client: Client,
    url: str,
    target: Path,
    *,
    gate: AbstractContextManager[object] | None = None,
    limits: Limits = PDF_LIMITS,
    progress: Progress | None = None,
) -> Download:
    """`url` as the file `target`, whose folder is made; a file that is there is not fetched again.

    `gate` is that of arXiv and is held while arXiv answers, for nobody else. What comes is kept in
    `target.part` until it is whole, also when it breaks off or the person does; the next call goes on from
    there, unless the file has changed or the server sends all of it again.
    Raises Unreachable, RateLimited, TooLarge, Unreadable (no PDF, or none yet), DiskFull, SourceError.
    """
    with _on_disk(target):
        made(target.parent)
        if _is_there(target):
            return Download(target, 0)
        with _locked_part(target) as part:
            if _is_there(target):  # another process was faster
                return Download(target, 0)
            try:
                fetched = _fetch(client, url, part, gate if asks_arxiv(url) else None, limits, progress or _nothing)
            except TooLarge:
                part.clear()
                raise
            part.finish(target)
            return Download(target, fetched)


def _fetch(
    client: Client,
    url: str,
    part: _Part,
    gate: AbstractContextManager[object] | None,
    limits: Limits,
    progress: Progress,
) -> int:
    offset, validator = part.resumable(url)
    try:
        with opened(client, url, offset=offset, validator=validator, gate=gate, limits=limits) as incoming:
            return _take(incoming, url, part, progress)
    except BadStatus as error:
        if not offset or error.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
    except Unreadable:
        if not offset:
            raise
    part.clear()
    with opened(client, url, gate=gate, limits=limits) as incoming:
        return _take(incoming, url, part, progress)


def _take(incoming: Incoming, url: str, part: _Part, progress: Progress) -> int:
    """Write what comes behind what is there; the number of bytes that came."""
    head = part.head() if incoming.offset else b""
    if incoming.offset == 0:
        part.begin(url, incoming)
    done = incoming.offset
    progress(done, incoming.total_bytes)
    for chunk in incoming.chunks:
        # Nothing is worth keeping, or waiting for, that does not begin as a PDF does.
        if len(head) < _LOOKED_AT:
            head += chunk[: _LOOKED_AT - len(head)]
            if len(head) >= _LOOKED_AT:
                _require_pdf(head, incoming, part)
        part.file.write(chunk)
        done += len(chunk)
        progress(done, incoming.total_bytes)
    _require_pdf(head, incoming, part)
    if incoming.total_bytes is not None and done < incoming.total_bytes:
        raise Unreachable(f"{host_of(url)} broke off its answer.")
    if incoming.total_bytes is not None and done > incoming.total_bytes:
        part.clear()
        raise Unreadable(f"{host_of(url)} sent more than the whole file.")
    return done - incoming.offset


def _require_pdf(head: bytes, incoming: Incoming, part: _Part) -> None:
    if _MAGIC in head:
        return
    part.clear()
    host = host_of(incoming.url)
    if says_rate_exceeded(head):
        raise RateLimited(f"{host} asks us to wait (it says 'Rate exceeded.').")
    start = head.lstrip().lower()
    if not head:
        raise Unreadable(f"{host} sent an empty file where the PDF should be.")
    if "html" in incoming.content_type.lower() or start.startswith((b"<!doctype html", b"<html")):
        is_late = any(words in start for words in (b"not available", b"unavailable", b"being generated", b"not ready"))
        said = (
            "says that the PDF is not available yet" if is_late else "answered with a web page where the PDF should be"
        )
        if host == "arxiv.org" or host.endswith(".arxiv.org"):
            hint = "arXiv makes some PDFs when they are first asked for: try again in some minutes."
        else:
            hint = "Try again in some minutes." if is_late else "It may want a login: open the page in a browser."
        raise Unreadable(f"{host} {said}.", hint=hint)
    raise Unreadable(f"What {host} sent is no PDF.")


# ---------------------------------------------------------------- on disk


class _Part:
    """The beginning of a file, and a note beside it of where it comes from and which version it is."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def resumable(self, url: str) -> tuple[int, str | None]:
        """From which byte on, and the validator by which the server knows the version; else 0 and None."""
        size = os.fstat(self.file.fileno()).st_size
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            validator = note["validator"]
        except (OSError, ValueError, TypeError, KeyError):
            return 0, None
        if not size or note.get("url") != url or not isinstance(validator, str):
            return 0, None
        return size, validator

    def head(self) -> bytes:
        self.file.seek(0)
        head = self.file.read(_LOOKED_AT)
        self.file.seek(0, os.SEEK_END)
        return head

    def begin(self, url: str, incoming: Incoming) -> None:
        """Forget what is there and note what comes."""
        self.clear()
        # Only a strong validator may name a version of which a part is wanted (RFC 9110, section 13.1.5).
        etag = incoming.etag if incoming.etag and not incoming.etag.startswith("W/") else None
        note = {"url": url, "validator": etag or incoming.last_modified}
        self._note.write_text(json.dumps(note), encoding="utf-8")

    def clear(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self._note.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        """Give the whole its name; who looks sees all of it or nothing."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.replace(target)
        self._note.unlink(missing_ok=True)


@contextmanager
def _locked_part(target: Path) -> Iterator[_Part]:
    """The part of `target`, which no other process writes meanwhile; an empty one is not left behind."""
    path = target.with_name(target.name + ".part")
    with _opened(path, target) as file:
        try:
            yield _Part(path, file)
        finally:
            file.flush()
            if _has_name(file, path) and not os.fstat(file.fileno()).st_size:
                path.unlink(missing_ok=True)


def _opened(path: Path, target: Path) -> BinaryIO:
    """`path`, open and locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise SourceError(f"{target.name} is being downloaded by another process already.") from None
        except OSError:
            return file  # no locks on this file system
        # Whoever held it may have given it its final name, or removed it, between our opening and locking.
        if _has_name(file, path):
            return file
        file.close()


def _has_name(file: BinaryIO, path: Path) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def _on_disk(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(f"No space is left for {target}.", hint="What came so far is kept; make room.") from error
        raise SourceError(f"{target} cannot be written: {error.strerror or error}.") from error


def _is_there(target: Path) -> bool:
    return target.is_file() and target.stat().st_size > 0


def asks_arxiv(url: str) -> bool:
    """Whether this is an address of arXiv, which is asked in turn."""
    host = host_of(url).lower()
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _nothing(done: int, total: int | None) -> None:
    """For who does not want to be told."""
