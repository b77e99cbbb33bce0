"""The diary."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Entry(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    type: str
    verdict: str | None = None
    outcome_at: datetime | None = None
    why: str = ""
    expect: str = ""
    outcome: str = ""
    attribute: str = ""
    answered_by: str = ""
