"""Whether MLflow as it is installed here may touch a database: opening one of another version migrates it.

MLflow's store makes the tables that it misses as soon as it is opened (`SqlAlchemyStore.__init__`), and with them
the whole schema of its own version: whoever still trains with the older MLflow then finds a store that it refuses.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from journal.errors import Unreadable
from journal.tracking_uris import sqlite_path, without_password

_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")


def is_database(uri: str) -> bool:
    """Whether `uri` names a database, and not a server or a folder."""
    return uri.partition(":")[0].partition("+")[0] in _DATABASES


def require_same_version(uri: str) -> None:
    """Raise Unreadable where the database at `uri` is not of the version of the MLflow that is installed.

    It is only looked at. Loads MLflow; whatever the database's driver raises comes through.
    """
    if not is_database(uri):
        return
    from mlflow.store.db.utils import _get_latest_schema_revision

    theirs, ours = _version(uri), _get_latest_schema_revision()
    if theirs != ours:
        raise Unreadable(
            f"The MLflow store at {without_password(uri)} is of another version of MLflow ({theirs or 'none'}, "
            f"here {ours}), and opening it would migrate it.",
            hint="Name the server that it belongs to by its http address, or use the same MLflow here.",
        )


def _version(uri: str) -> str | None:
    path = sqlite_path(uri)
    if path is not None:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            try:
                rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                return None
        return str(rows[0][0]) if rows else None
    from mlflow.store.db.utils import _get_schema_version, create_sqlalchemy_engine

    engine = create_sqlalchemy_engine(uri)
    try:
        version = _get_schema_version(engine)
        return None if version is None else str(version)
    finally:
        engine.dispose()
