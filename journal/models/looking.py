"""Code pointers, datasets, checks and reviews."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Pointer(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    repository: str
    commit_id: str | None = None
    path: str
    first_line: int
    last_line: int
    text: str
    root: str = ""
    is_changed: int = 0


class Dataset(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    fingerprint: str
    origin: str = ""
    configuration: str = ""
    labelling: str = ""
    splits: str = ""
    quirks: str = ""
    path: str = ""
    look: str = ""
    described: str = ""


class DatasetContent(SQLModel, table=True):
    __tablename__ = "dataset_content"
    item_id: int = Field(primary_key=True, foreign_key="dataset.item_id")
    fingerprint: str = Field(primary_key=True)
    seen_at: datetime
    files: int
    bytes: int


class CheckResult(SQLModel, table=True):
    __tablename__ = "check_result"
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")
    check_id: str
    verdict: str
    step: int | None = None
    module: str | None = None
    checked_at: datetime
    evidence: str = ""


class Review(SQLModel, table=True):
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    run_item_id: int | None = Field(default=None, foreign_key="item.id")
    dataset_item_id: int | None = Field(default=None, foreign_key="item.id")
    split: str = ""


class ReviewSample(SQLModel, table=True):
    __tablename__ = "review_sample"
    item_id: int = Field(primary_key=True, foreign_key="review.item_id")
    sample: int = Field(primary_key=True)
    loss: float | None = None
    pattern: str = ""
    seen_at: datetime | None = None
