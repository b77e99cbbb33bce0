"""Tracking URIs: those of files and folders to paths and back, and what may be shown of the others.

Pure but for the working directory. A folder of runs as MLflow wrote it once is `file:///path/mlruns`; one of
wandb's, which has no URI of its own, is `wandb:///path/wandb` here.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_PASSWORD = re.compile(r"(?<=//)([^\s/:@]*+):[^\s/@]*+@")
_SCHEMES = ("sqlite:///", "sqlite+pysqlite:///")


def sqlite_uri(path: Path) -> str:
    """The URI of a SQLite store: `sqlite:////absolute/path`.

    `%` and `?` mean something in the database part of SQLAlchemy's URLs; all else passes as it is.
    """
    return "sqlite:///" + str(path.absolute()).replace("%", "%25").replace("?", "%3F")


def sqlite_path(uri: str) -> Path | None:
    """The absolute path of a `sqlite:///` URI, relative ones taken from the working directory; else None.

    None also for a database in memory, which no other process can see.
    """
    scheme = next((scheme for scheme in _SCHEMES if uri.startswith(scheme)), None)
    if scheme is None:
        return None
    name = unquote(uri.removeprefix(scheme).partition("?")[0])
    if name in {"", ":memory:"} or "\0" in name:
        return None
    return Path(name).absolute()


def folder_uri(path: Path) -> str:
    """The URI of a folder of runs as MLflow wrote it once: `file:///absolute/path`."""
    return path.absolute().as_uri()


def folder_path(uri: str) -> Path | None:
    """The absolute path of a `file:` URI of this machine; else None."""
    return _local_path(uri, "file")


def wandb_uri(path: Path) -> str:
    """The URI of a folder of wandb's runs: `wandb:///absolute/path`."""
    return "wandb://" + quote(str(path.absolute()))


def wandb_path(uri: str) -> Path | None:
    """The absolute path of a `wandb:` URI; else None."""
    return _local_path(uri, "wandb")


def _local_path(uri: str, scheme: str) -> Path | None:
    try:
        parts = urlsplit(uri)
        is_local = parts.scheme == scheme and parts.hostname in {None, "", "localhost"}
    except ValueError:
        return None
    name = unquote(uri.partition(":")[2].removeprefix("//").removeprefix("localhost"))
    return Path(name).absolute() if is_local and name and "\0" not in name else None


def absolute_uri(uri: str) -> str:
    """`uri` in the form that is kept: a file or folder by its absolute path, any other without its password."""
    for path_of, uri_of in ((sqlite_path, sqlite_uri), (folder_path, folder_uri), (wandb_path, wandb_uri)):
        path = path_of(uri)
        if path is not None:
            return uri_of(path)
    return without_password(uri)


def artifact_place(uri: str) -> str:
    """Where artifacts lie, fit to be shown: a path for a `file:` URI, any other without its password."""
    try:
        parts = urlsplit(uri)
        if parts.scheme == "file" and parts.hostname in {None, "", "localhost"}:
            return unquote(parts.path)
    except ValueError:
        return uri
    return without_password(uri)


def without_password(uri: str) -> str:
    """`uri` without the password of a server, fit to be kept and shown."""
    try:
        parts = urlsplit(uri)
        if parts.password is None:
            return uri
    except ValueError:
        return uri
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{host}"))


def without_passwords(text: str) -> str:
    """`text` without the passwords of the addresses that it quotes."""
    return _PASSWORD.sub(r"\1@", text)
