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
    told: str = ""
    told_ended_at: datetime | None = None
    archived_at: datetime | None = None


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
    uid: str = Field(unique=True)
    entry_item_id: int | None = Field(default=None, foreign_key="item.id")
    launch_uid: str = ""
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime | None = None
    ended_at: datetime | None = None
    exit: str | None = None
    code: int | None = None
    signal: int | None = None
    cwd: str = ""
    argv: str = "[]"
    output: str = ""
    error: str = ""


class SessionRun(SQLModel, table=True):
    __tablename__ = "session_run"
    session_id: int = Field(primary_key=True, foreign_key="session.id")
    item_id: int = Field(primary_key=True, foreign_key="run.item_id")
    joined_at: datetime


class Facts(SQLModel, table=True):
    digest: str = Field(primary_key=True)
    content: str


class Capture(SQLModel, table=True):
    session_id: int = Field(primary_key=True, foreign_key="session.id")
    section: str = Field(primary_key=True)
    digest: str = Field(foreign_key="facts.digest")


class MetricSeries(SQLModel, table=True):
    __tablename__ = "metric_series"
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="run.item_id")
    key: str


class MetricPoint(SQLModel, table=True):
    __tablename__ = "metric_point"
    series_id: int = Field(primary_key=True, foreign_key="metric_series.id")
    step: int = Field(primary_key=True)
    logged_ms: int = Field(primary_key=True)
    value: float | None = None


class SavedView(SQLModel, table=True):
    __tablename__ = "saved_view"
    name: str = Field(primary_key=True)
    filter: str = ""
    sort: str = ""
    made_at: datetime


class TrackingStore(SQLModel, table=True):
    __tablename__ = "tracking_store"
    tracking_uri: str = Field(primary_key=True)
    mark: str
