-- What the files of a tracking store looked like before its runs were last mirrored: while they look
-- the same there is nothing new to read.
CREATE TABLE tracking_store (
    tracking_uri TEXT PRIMARY KEY,
    mark TEXT NOT NULL
) STRICT, WITHOUT ROWID;
