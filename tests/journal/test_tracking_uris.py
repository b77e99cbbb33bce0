"""A store is known by one URI, however it was named; and no password is ever kept or shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.tracking_uris import absolute_uri, sqlite_path, sqlite_uri, without_password, without_passwords

names = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in {".", ".."}
)


@given(name=names)
def test_any_file_name_survives_the_way_to_a_uri_and_back(name: str):
    path = Path("/data") / name / "mlflow.db"
    assert sqlite_path(sqlite_uri(path)) == path


def test_sqlalchemy_reads_our_uris_as_the_same_file():
    make_url = pytest.importorskip("sqlalchemy.engine").make_url
    for name in ("plain", "with blank", "100%", "what?", "ä#1", "a%20b", "x=y&z"):
        path = Path("/data") / name / "mlflow.db"
        assert make_url(sqlite_uri(path)).database == str(path)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:////data/mlflow.db", "/data/mlflow.db"),
        ("sqlite+pysqlite:////data/mlflow.db", "/data/mlflow.db"),
        ("sqlite:////data/mlflow.db?timeout=3", "/data/mlflow.db"),
        ("sqlite://", None),
        ("sqlite:///", None),
        ("sqlite:///:memory:", None),
        ("sqlite:////a%00b", None),
        ("https://lab.example/mlflow", None),
        ("./mlruns", None),
        ("", None),
    ],
)
def test_only_sqlite_files_have_a_path(uri: str, path: str | None):
    assert sqlite_path(uri) == (None if path is None else Path(path))


def test_a_relative_store_is_that_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_uri("sqlite:///mlflow.db") == f"sqlite:///{tmp_path}/mlflow.db"


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("postgresql://me:secret@db.example:5432/mlflow?x=1", "postgresql://me@db.example:5432/mlflow?x=1"),
        ("https://me:p%40ss@lab.example", "https://me@lab.example"),
        ("https://lab.example/mlflow", "https://lab.example/mlflow"),
        ("databricks", "databricks"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_passwords_are_dropped_and_all_else_stays(uri: str, kept: str):
    assert without_password(uri) == kept
    assert absolute_uri(uri) == kept


def test_passwords_are_dropped_wherever_a_text_quotes_an_address():
    told = "--store=http://me:s3cret@h/x and (postgresql://:s3cret@h) but //h:80/@me, a:b@c and http://me@h"
    assert (
        without_passwords(told) == "--store=http://me@h/x and (postgresql://@h) but //h:80/@me, a:b@c and http://me@h"
    )
