-- Up to which list (its Eastern day) a feed of arXiv was read without a gap: what came later and is not in
-- the feed any more has to be caught up with.
ALTER TABLE feed ADD COLUMN complete_on TEXT CHECK (complete_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');

-- The lists between these two are missing for good: when they were to be caught up with, they were too long ago.
ALTER TABLE feed ADD COLUMN lost_after TEXT CHECK (lost_after GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
ALTER TABLE feed ADD COLUMN lost_before TEXT CHECK (lost_before GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');

-- Where a queued paper stands in the queue; what has no place comes last, in the order of queueing.
ALTER TABLE paper ADD COLUMN queue_place REAL;

-- What came up again, and what this person said to it. One row for an item and a reason.
CREATE TABLE resurfacing (
    item_id INTEGER NOT NULL REFERENCES item (id),
    reason TEXT NOT NULL CHECK (reason IN ('queued', 'method', 'unverified')),
    answer TEXT NOT NULL CHECK (answer IN ('done', 'snoozed', 'never')),
    answered_at TEXT NOT NULL CHECK (answered_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    due_at TEXT CHECK (due_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'), -- when it may come up again; NULL: never
    times INTEGER NOT NULL DEFAULT 1 CHECK (times > 0), -- how often it was answered: the interval grows with it
    PRIMARY KEY (item_id, reason)
) STRICT, WITHOUT ROWID;

-- Where a pointer was made on this machine, since `repository` may be an address; and whether the file then was
-- not as its commit has it.
ALTER TABLE pointer ADD COLUMN root TEXT NOT NULL DEFAULT '';
ALTER TABLE pointer ADD COLUMN is_changed INTEGER NOT NULL DEFAULT 0 CHECK (is_changed IN (0, 1));

-- Which papers a rule muted, and when: it was the rule for as long as the paper's `state_at` is this moment.
CREATE TABLE muting (
    item_id INTEGER NOT NULL REFERENCES paper (item_id),
    muted_at TEXT NOT NULL CHECK (muted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'),
    rule TEXT NOT NULL, -- as it is written: "cat:cs.CV"
    PRIMARY KEY (item_id, muted_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX muting_by_time ON muting (muted_at);

-- What was decided today, and since the day was ranked.
CREATE INDEX paper_by_decision ON paper (state_at) WHERE state_at IS NOT NULL;

-- When the page of a paper was looked into for code, weights, data and project pages; and what it named, best first.
-- A page that names none has a time and no rows.
ALTER TABLE paper ADD COLUMN page_read_at TEXT CHECK (page_read_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]');

CREATE TABLE paper_link (
    item_id INTEGER NOT NULL REFERENCES paper (item_id),
    place INTEGER NOT NULL, -- 1, 2, 3...
    kind TEXT NOT NULL CHECK (kind IN ('code', 'weights', 'data', 'page')),
    url TEXT NOT NULL,
    PRIMARY KEY (item_id, place)
) STRICT, WITHOUT ROWID;
