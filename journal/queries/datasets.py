"""Datasets: what the journal knows of them, and which runs used them in which content."""

from __future__ import annotations

import json
import sqlite3

from journal.clock import from_stored
from journal.queries.items import item_id, links_of, tags_of
from journal.types import Dataset, DatasetContent, Kind, Ref, UsedData

_FINGERPRINTS = ("sha256:", "tree:")


def get_dataset(connection: sqlite3.Connection, ref: Ref) -> Dataset:
    """One dataset with every content it was seen with. Raises NotFound."""
    identity = item_id(connection, ref)
    row = connection.execute(
        """
        SELECT title, created_at, updated_at, deleted_at, path, fingerprint, look, described, origin, configuration,
            labelling, splits, quirks
        FROM item JOIN dataset ON item_id = item.id WHERE item.id = ?
        """,
        (identity,),
    ).fetchone()
    contents = connection.execute(
        "SELECT fingerprint, seen_at, files, bytes FROM dataset_content WHERE item_id = ? ORDER BY seen_at",
        (identity,),
    ).fetchall()
    return Dataset(
        ref=ref,
        kind=Kind.dataset,
        title=row[0],
        created_at=from_stored(row[1]),
        updated_at=from_stored(row[2]),
        is_deleted=row[3] is not None,
        tags=tags_of(connection, identity),
        path=row[4],
        fingerprint=row[5],
        look=row[6],
        described=row[7],
        origin=row[8],
        configuration=row[9],
        labelling=row[10],
        splits=row[11],
        quirks=row[12],
        contents=tuple(
            DatasetContent(fingerprint=fingerprint, seen_at=from_stored(seen_at), files=files, bytes=size)
            for fingerprint, seen_at, files, size in contents
        ),
        links=links_of(connection, identity),
    )


def list_datasets(connection: sqlite3.Connection, *, limit: int = 1_000_000) -> tuple[Dataset, ...]:
    """Datasets that are not deleted, newest first."""
    rows = connection.execute(
        "SELECT number FROM item WHERE kind = 'dataset' AND deleted_at IS NULL "
        "ORDER BY created_at DESC, id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return tuple(get_dataset(connection, Ref(Kind.dataset, number)) for (number,) in rows)


def dataset_at(connection: sqlite3.Connection, path: str) -> Ref | None:
    """The dataset that lies at an absolute path; None where none does."""
    row = connection.execute(
        "SELECT number FROM dataset JOIN item ON item.id = item_id WHERE path = ? AND deleted_at IS NULL "
        "ORDER BY item.id DESC",
        (path,),
    ).fetchone()
    return Ref(Kind.dataset, row[0]) if row else None


def data_of_run(connection: sqlite3.Connection, ref: Ref) -> tuple[UsedData, ...]:
    """The data that a run named and that was read, as its last session had it, with the datasets that lie there."""
    row = connection.execute(
        """
        SELECT content, started_at FROM session_run JOIN session ON session.id = session_run.session_id
        JOIN capture ON capture.session_id = session.id AND section = 'data' JOIN facts USING (digest)
        WHERE session_run.item_id = ? ORDER BY started_at DESC, session.uid DESC
        """,
        (item_id(connection, ref),),
    ).fetchone()
    read = {path: value for path, value in json.loads(row[0]).items() if is_fingerprint(value)} if row else {}
    return tuple(_used(connection, path, fingerprint, row[1]) for path, fingerprint in read.items())


def runs_with_data(connection: sqlite3.Connection, fingerprint: str) -> tuple[int, ...]:
    """The item ids of the runs whose captured data hold this fingerprint."""
    rows = connection.execute(
        """
        SELECT DISTINCT session_run.item_id FROM facts, json_each(facts.content)
        JOIN capture ON capture.digest = facts.digest AND section = 'data'
        JOIN session_run ON session_run.session_id = capture.session_id
        WHERE json_each.value = ? ORDER BY 1
        """,
        (fingerprint,),
    ).fetchall()
    return tuple(identity for (identity,) in rows)


def runs_that_read(connection: sqlite3.Connection, fingerprint: str) -> tuple[Ref, ...]:
    """The runs that are not deleted whose captured data hold this fingerprint, oldest first."""
    rows = connection.execute(
        "SELECT number FROM item WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL ORDER BY number",
        (json.dumps(runs_with_data(connection, fingerprint)),),
    )
    return tuple(Ref(Kind.run, number) for (number,) in rows)


def is_fingerprint(text: str) -> bool:
    """Whether a captured fact is of data that was read, not only looked at."""
    return text.startswith(_FINGERPRINTS)


def _used(connection: sqlite3.Connection, path: str, fingerprint: str, started_at: str) -> UsedData:
    row = connection.execute(
        """
        SELECT number, title, fingerprint,
            (SELECT seen_at FROM dataset_content WHERE dataset_content.item_id = item.id AND fingerprint = :then)
        FROM dataset JOIN item ON item.id = dataset.item_id WHERE path = :path AND deleted_at IS NULL
        ORDER BY item.id DESC
        """,
        {"path": path, "then": fingerprint},
    ).fetchone()
    number, title, now, seen_at = row or (None, "", "", None)
    return UsedData(
        path=path,
        fingerprint=fingerprint,
        ref=Ref(Kind.dataset, number) if number is not None else None,
        title=title,
        now=now,
        seen_at=from_stored(seen_at) if seen_at else None,
        before=_before(connection, path, seen_at) if seen_at == started_at else None,
    )


def _before(connection: sqlite3.Connection, path: str, moment: str) -> DatasetContent | None:
    """What the dataset that lies there was seen with last before a moment."""
    row = connection.execute(
        """
        SELECT dataset_content.fingerprint, seen_at, files, bytes
        FROM dataset_content JOIN dataset USING (item_id) JOIN item ON item.id = item_id
        WHERE path = ? AND deleted_at IS NULL AND seen_at < ? ORDER BY item.id DESC, seen_at DESC
        """,
        (path, moment),
    ).fetchone()
    return row and DatasetContent(fingerprint=row[0], seen_at=from_stored(row[1]), files=row[2], bytes=row[3])
