"""Papers and the feeds that bring them."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class Paper(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    state: str
    state_at: datetime | None = None
    version: int | None = None
    published_at: datetime | None = None
    announced_on: date | None = None
    primary_category: str | None = None
    categories: str = ""
    code_url: str | None = None
    authors: str = "[]"
    comment: str = ""
    journal_ref: str = ""
    queue_place: float | None = None
    page_read_at: datetime | None = None


class Identifier(SQLModel, table=True):
    scheme: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    item_id: int = Field(foreign_key="item.id")


class Feed(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(unique=True)
    title: str = ""
    health: str = "unread"
    message: str = ""
    etag: str | None = None
    last_modified: str | None = None
    batch: str | None = None
    built_at: datetime | None = None
    added_at: datetime
    fetched_at: datetime | None = None
    succeeded_at: datetime | None = None
    next_try_at: datetime | None = None
    removed_at: datetime | None = None
    folder: str = ""
    complete_on: date | None = None
    lost_after: date | None = None
    lost_before: date | None = None


class PaperFeed(SQLModel, table=True):
    __tablename__ = "paper_feed"
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    feed_id: int = Field(primary_key=True, foreign_key="feed.id")
    guid: str
    announce_type: str | None = None
    seen_at: datetime


class PaperLink(SQLModel, table=True):
    __tablename__ = "paper_link"
    item_id: int = Field(primary_key=True, foreign_key="paper.item_id")
    place: int = Field(primary_key=True)
    kind: str
    url: str


class Citation(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    made_at: datetime
    key: str
    csl: str = "{}"


class Rule(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    effect: str
    field: str
    value: str
    made_at: datetime


class Muting(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="paper.item_id")
    muted_at: datetime = Field(primary_key=True)
    rule: str


class Ranking(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="paper.item_id")
    place: int
    score: float
    ranked_at: datetime
    is_chance: int = 0
    because: str = "[]"
