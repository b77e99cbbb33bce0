-- The morning: what ranks the day, what is muted, how papers are cited and read on.

-- A work of a bibliography that nothing else identifies is known by its first author, year and title.
CREATE TABLE identifier_of_any_scheme (
    scheme TEXT NOT NULL CHECK (scheme IN ('arxiv', 'doi', 'url', 'work')),
    value TEXT NOT NULL,
    item_id INTEGER NOT NULL REFERENCES item (id),
    PRIMARY KEY (scheme, value)
) STRICT, WITHOUT ROWID;
INSERT INTO identifier_of_any_scheme SELECT scheme, value, item_id FROM identifier;
DROP TABLE identifier;
ALTER TABLE identifier_of_any_scheme RENAME TO identifier;
CREATE INDEX identifier_of_item ON identifier (item_id);

ALTER TABLE feed ADD COLUMN folder TEXT NOT NULL DEFAULT ''; -- as a path, "Blogs/Labs"

-- By what a paper is cited: made once, or brought along, and never changed. `csl` is the record as it was
-- imported (CSL-JSON), so that an export loses nothing.
CREATE TABLE citation (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    made_at TEXT NOT NULL CHECK (made_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    key TEXT NOT NULL CHECK (key <> ''),
    csl TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(csl))
) STRICT;

CREATE UNIQUE INDEX citation_by_key ON citation (key COLLATE NOCASE);

-- What a person wants more of, less of, or not to see at all.
CREATE TABLE rule (
    id INTEGER PRIMARY KEY,
    effect TEXT NOT NULL CHECK (effect IN ('plus', 'minus', 'mute')),
    field TEXT NOT NULL CHECK (field IN ('phrase', 'author', 'category')),
    value TEXT NOT NULL CHECK (value <> ''),
    made_at TEXT NOT NULL CHECK (made_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    UNIQUE (field, value)
) STRICT;

-- Where a new paper stands in the day's order, and why. Written by the program whenever papers arrive.
CREATE TABLE ranking (
    item_id INTEGER PRIMARY KEY REFERENCES paper (item_id),
    place INTEGER NOT NULL CHECK (place > 0),
    score REAL NOT NULL,
    ranked_at TEXT NOT NULL CHECK (ranked_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    is_chance INTEGER NOT NULL DEFAULT 0 CHECK (is_chance IN (0, 1)), -- put there so that taste can widen
    because TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(because)) -- a JSON list of [reason, weight]
) STRICT;

CREATE INDEX ranking_by_place ON ranking (place);
