-- At work: the processes that trained, what surrounded them, and what they logged without MLflow.

-- What the tracking store says of a run, beside `status` and `ended_at`, which are true: MLflow calls a run
-- finished that raised, and running what was killed. Empty where no store tells.
ALTER TABLE run ADD COLUMN told TEXT NOT NULL DEFAULT '' CHECK (told IN ('', 'running', 'scheduled', 'finished', 'failed', 'killed', 'vanished'));
ALTER TABLE run ADD COLUMN told_ended_at TEXT CHECK (told_ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]');
ALTER TABLE run ADD COLUMN archived_at TEXT CHECK (archived_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'); -- left out of lists unless asked for
UPDATE run SET told = status, told_ended_at = ended_at WHERE status IN ('running', 'scheduled', 'finished', 'failed', 'killed');

CREATE INDEX run_open ON run (started_at) WHERE status = 'running';

-- One process that worked: what `journal run` started, or a block of `journal.tried`. A run that was continued
-- later has several, and a sweep is one with several runs.
CREATE TABLE session_of_any_kind (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE CHECK (length(uid) = 26),
    entry_item_id INTEGER REFERENCES item (id), -- what it tries; NULL where nobody said why
    launch_uid TEXT NOT NULL DEFAULT '', -- the session around this one: a trial inside of `journal run`
    host TEXT NOT NULL,
    pid INTEGER NOT NULL, -- 0 where it never started
    started_at TEXT NOT NULL CHECK (started_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    heartbeat_at TEXT CHECK (heartbeat_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'), -- the last sign of life of one that vanished
    ended_at TEXT CHECK (ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    exit TEXT CHECK (exit IN ('finished', 'failed', 'interrupted', 'killed', 'vanished')), -- NULL: it goes on
    code INTEGER, -- its exit code, where it is known
    signal INTEGER, -- the signal that ended it
    cwd TEXT NOT NULL DEFAULT '',
    argv TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(argv)), -- a JSON list, without secrets
    output TEXT NOT NULL DEFAULT '', -- the tail of what it printed, where that could be kept
    error TEXT NOT NULL DEFAULT '' -- the traceback that ended it
) STRICT;
INSERT INTO session_of_any_kind (id, uid, entry_item_id, host, pid, started_at, heartbeat_at, ended_at, exit)
    SELECT session.id, item.uid, item.id, host, pid, started_at, heartbeat_at, ended_at, exit
    FROM session JOIN item ON item.id = item_id GROUP BY item.uid;
DROP TABLE session;
ALTER TABLE session_of_any_kind RENAME TO session;
CREATE INDEX session_of_entry ON session (entry_item_id);
CREATE INDEX session_open ON session (started_at) WHERE exit IS NULL;

CREATE TABLE session_run (
    session_id INTEGER NOT NULL REFERENCES session (id),
    item_id INTEGER NOT NULL REFERENCES run (item_id),
    joined_at TEXT NOT NULL CHECK (joined_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    PRIMARY KEY (session_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_run ON session_run (item_id);

-- What surrounded a session, in sections (code, patch, packages, python, hardware, environment, data, command...), each
-- a JSON object of texts. Most runs share most of them, so each content is kept once.
CREATE TABLE facts (
    digest TEXT PRIMARY KEY,
    content TEXT NOT NULL CHECK (json_valid(content))
) STRICT, WITHOUT ROWID;
CREATE TABLE capture (
    session_id INTEGER NOT NULL REFERENCES session (id),
    section TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES facts (digest),
    PRIMARY KEY (session_id, section)
) STRICT, WITHOUT ROWID;

-- The curves of runs that no tracking store holds.
CREATE TABLE metric_series (
    id INTEGER PRIMARY KEY,
    item_id INTEGER NOT NULL REFERENCES run (item_id),
    key TEXT NOT NULL,
    UNIQUE (item_id, key)
) STRICT;
CREATE TABLE metric_point (
    series_id INTEGER NOT NULL REFERENCES metric_series (id),
    step INTEGER NOT NULL,
    logged_ms INTEGER NOT NULL, -- milliseconds since 1970
    value REAL, -- NULL was NaN
    PRIMARY KEY (series_id, step, logged_ms)
) STRICT, WITHOUT ROWID;

-- A filter and an order of runs by name.
CREATE TABLE saved_view (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    filter TEXT NOT NULL DEFAULT '',
    sort TEXT NOT NULL DEFAULT '',
    made_at TEXT NOT NULL CHECK (made_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
) STRICT, WITHOUT ROWID;

-- Which part of a network or its training an entry is about: data, architecture, loss, optimiser...
ALTER TABLE entry ADD COLUMN attribute TEXT NOT NULL DEFAULT '';
CREATE INDEX entry_by_attribute ON entry (attribute) WHERE attribute <> '';
-- Who gave an answer: an entry that says so, and is about a question, answers it.
ALTER TABLE entry ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';
-- Those that are over, while their store was not read since: it may have more of them.
CREATE INDEX run_unread ON run (ended_at) WHERE told = 'running' AND status <> 'running';
CREATE INDEX run_vanished ON run (ended_at) WHERE status = 'vanished';

-- Where a dataset lies on this machine, and how it looked there when `fingerprint` was taken (names, sizes, times):
-- while it looks the same, its content need not be read again.
ALTER TABLE dataset ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN look TEXT NOT NULL DEFAULT '';
CREATE INDEX dataset_by_path ON dataset (path);
-- What it held when a person said what it is: `fingerprint` follows what is seen, this follows the person.
ALTER TABLE dataset ADD COLUMN described TEXT NOT NULL DEFAULT '';
UPDATE dataset SET described = fingerprint;

-- Every content that a dataset was seen with.
CREATE TABLE dataset_content (
    item_id INTEGER NOT NULL REFERENCES dataset (item_id),
    fingerprint TEXT NOT NULL,
    seen_at TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (item_id, fingerprint)
) STRICT, WITHOUT ROWID;
