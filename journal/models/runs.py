"""Runs as they are mirrored, and the processes that worked on them."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Run(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    run_id: str | None = Field(default=None, unique=True)
    tracking_uri: str = ""
    experiment: str = ""
    status: str
    lifecycle: str = "active"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parent_run_id: str | None = None
    digest: str = ""
    artifact_uri: str = ""
    note: str = ""


class RunParam(SQLModel, table=True):
    __tablename__ = "run_param"
    item_id: int = Field(primary_key=True, foreign_key="run.item_id")
    key: str = Field(primary_key=True)
    number: float | None = None
    value: str


class RunMetric(SQLModel, table=True):
    __tablename__ = "run_metric"
    item_id: int = Field(primary_key=True, foreign_key="run.item_id")
    key: str = Field(primary_key=True)
    value: float | None = None
    step: int
    logged_at: datetime | None = None


class RunTag(SQLModel, table=True):
    __tablename__ = "run_tag"
    item_id: int = Field(primary_key=True, foreign_key="run.item_id")
    key: str = Field(primary_key=True)
    value: str


class Session(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime | None = None
    ended_at: datetime | None = None
    exit: str | None = None


class TrackingStore(SQLModel, table=True):
    __tablename__ = "tracking_store"
    tracking_uri: str = Field(primary_key=True)
    mark: str
