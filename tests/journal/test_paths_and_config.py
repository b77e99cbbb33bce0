"""Where things are kept, and settings that cannot be misspelt silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal import config, paths
from journal.clock import from_milliseconds, from_stored, iso, stored
from journal.errors import BadConfig
from tests.conftest import NOON


def test_xdg_directories_are_respected() -> None:
    found = paths.find({"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"})
    assert found.journal == Path("/d/labjournal/journal.db")
    assert found.log == Path("/s/labjournal/journal.log")
    assert found.settings == Path("/c/labjournal/config.toml")
    assert found.cache == Path("/h/.cache/labjournal")


def test_an_empty_or_relative_directory_counts_as_unset() -> None:
    """XDG Base Directory Specification: relative paths are invalid and must be ignored."""
    found = paths.find({"HOME": "/h", "XDG_DATA_HOME": "relative", "XDG_STATE_HOME": "", "LABJOURNAL_HOME": ""})
    assert found.data == Path("/h/.local/share/labjournal")
    assert found.state == Path("/h/.local/state/labjournal")


def test_labjournal_home_moves_everything() -> None:
    found = paths.find({"HOME": "/h", "XDG_DATA_HOME": "/d", "LABJOURNAL_HOME": "/j"})
    assert all(Path("/j") in place.parents for place in (found.journal, found.log, found.settings, found.spool))


def test_all_journals_of_a_user_take_turns_in_asking_arxiv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = paths.at_home(tmp_path / "one"), paths.at_home(tmp_path / "other")
    assert one.arxiv_gate == other.arxiv_gate == tmp_path / "state/labjournal/arxiv_gate"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert one.arxiv_gate == Path("/home/ada/.local/state/labjournal/arxiv_gate")


def test_a_relative_labjournal_home_is_below_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.find({"HOME": "/h", "LABJOURNAL_HOME": "mine"}).journal == tmp_path / "mine" / "journal.db"


def test_asking_where_things_are_makes_nothing(tmp_path: Path) -> None:
    found = paths.find({"HOME": str(tmp_path)})
    assert found.spool and found.log and found.demo
    assert list(tmp_path.iterdir()) == []


def test_the_bundled_data_is_found() -> None:
    assert (paths.bundled_data() / "demo" / "papers.jsonl").is_file()


def test_no_settings_file_means_the_defaults(tmp_path: Path) -> None:
    assert config.load(tmp_path / "none.toml", {}) == config.Settings()


def test_settings_come_from_the_file_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('arxiv_rss_url = "http://mirror/"\narxiv_interval_s = 5\ncontact = "me"\n')
    settings = config.load(file, {"LABJOURNAL_CONTACT": "you", "LABJOURNAL_ARXIV_INTERVAL": "0.5"})
    assert (settings.arxiv_rss_url, settings.arxiv_interval_s, settings.contact) == ("http://mirror/", 0.5, "you")


@pytest.mark.parametrize("service", ["api", "rss", "oai"])
def test_each_service_of_arxiv_can_be_a_mirror(tmp_path: Path, service: str) -> None:
    file = tmp_path / "config.toml"
    key, variable = f"arxiv_{service}_url", f"LABJOURNAL_ARXIV_{service.upper()}"
    assert getattr(config.Settings(), key).startswith("https://")
    file.write_text(f'{key} = "http://mirror/"\n')
    assert getattr(config.load(file, {}), key) == "http://mirror/"
    assert getattr(config.load(file, {variable: "http://other/"}), key) == "http://other/"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('arxiv_rss = "x"', "there is no setting 'arxiv_rss'"),
        ("arxiv_interval_s = 'soon'", "arxiv_interval_s must be a number"),
        ("arxiv_interval_s = true", "arxiv_interval_s must be a number"),
        ("arxiv_interval_s = -1", "arxiv_interval_s must be a number of seconds from 0 to 86,400, not -1"),
        ("arxiv_interval_s = nan", "arxiv_interval_s must be a number of seconds from 0 to 86,400, not nan"),
        ("arxiv_rss_url = 'mirror'", "arxiv_rss_url must be an http or https address, not 'mirror'"),
        ("contact = 3", "contact must be a text"),
        ("fetch = 'never'", "fetch must be 'by itself' or 'by hand', not 'never'"),
        ("contact = ", "not valid TOML"),
    ],
)
def test_an_error_in_the_settings_is_named_with_the_file(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(BadConfig, match=sentence) as caught:
        config.load(file, {})
    assert str(file) in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("INTERVAL", "often", "a number of seconds, not 'often'"),
        ("INTERVAL", "-1", "a number of seconds from 0 to 86,400, not -1"),
        ("INTERVAL", "nan", "a number of seconds from 0 to 86,400, not nan"),
        ("INTERVAL", "inf", "a number of seconds from 0 to 86,400, not inf"),
        ("API", "bogus", "an http or https address, not 'bogus'"),
        ("API", "export.arxiv.org/api/query", "an http or https address, not 'export.arxiv.org/api/query'"),
        ("RSS", "ftp://me:secret@mirror", "an http or https address, not 'ftp://me@mirror'"),
        ("OAI", "http://h:port", "an http or https address, not 'http://h:port'"),
    ],
)
def test_an_error_in_the_environment_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(BadConfig) as caught:
        config.load(tmp_path / "none.toml", {f"LABJOURNAL_ARXIV_{name}": value})
    assert str(caught.value) == f"LABJOURNAL_ARXIV_{name} must be {said}."


def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(BadConfig, match="cannot be read"):
        config.load(tmp_path / "config.toml", {})


def test_times_are_kept_in_utc_and_read_back_aware() -> None:
    assert stored(NOON) == "2026-11-20 12:00:00.000000"
    assert from_stored(stored(NOON)) == NOON
    assert iso(NOON) == "2026-11-20T12:00:00Z"
    assert from_milliseconds(1_000) == from_stored("1970-01-01 00:00:01.000000")
    with pytest.raises(ValueError, match="without a zone"):
        stored(NOON.replace(tzinfo=None))
