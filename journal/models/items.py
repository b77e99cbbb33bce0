"""What all kinds share."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Item(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    number: int
    uid: str = Field(unique=True)
    title: str
    people: str = ""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    extra: str = ""
    body: str = ""


class Link(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    from_id: int = Field(foreign_key="item.id")
    to_id: int = Field(foreign_key="item.id")
    relation: str
    created_at: datetime


class Tag(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    name: str = Field(primary_key=True)


class Revision(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")
    field: str
    replaced_at: datetime
    text: str


class OwnText(SQLModel, table=True):
    __tablename__ = "own_text"
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    field: str = Field(primary_key=True)
