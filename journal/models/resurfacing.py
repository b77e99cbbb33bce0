"""What came up again."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Resurfacing(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    reason: str = Field(primary_key=True)
    answer: str
    answered_at: datetime
    due_at: datetime | None = None
    times: int = 1
