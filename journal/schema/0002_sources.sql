-- What the files of a tracking store looked like before its runs were last mirrored: while they look
-- the same there is nothing new to read.
CREATE TABLE tracking_store (
    tracking_uri TEXT PRIMARY KEY,
    mark TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A text that a person wrote over what a source told: no source changes it any more.
CREATE TABLE own_text (
    item_id INTEGER NOT NULL REFERENCES item (id),
    field TEXT NOT NULL CHECK (field IN ('title', 'body')),
    PRIMARY KEY (item_id, field)
) STRICT, WITHOUT ROWID;

-- A run that was deleted in MLflow is deleted here, too, until it is restored there.
UPDATE item SET deleted_at = updated_at
WHERE deleted_at IS NULL AND id IN (SELECT item_id FROM run WHERE lifecycle = 'deleted');
