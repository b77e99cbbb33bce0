"""A SQLModel session on a connection that is open already, inside its transaction."""

from __future__ import annotations

import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session


def open_session(raw: sqlite3.Connection) -> Session:
    """A session that works on `raw`, and neither begins nor commits: `changes` does."""
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    return Session(engine.connect(), expire_on_commit=False)
