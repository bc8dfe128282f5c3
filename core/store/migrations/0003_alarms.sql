-- What may wake the owner. Times of escalations are wall time.
CREATE TABLE escalations (
    rowid INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    opened_ms INTEGER NOT NULL,
    code TEXT NOT NULL,
    next_ms INTEGER NOT NULL,
    about TEXT NOT NULL,
    texts INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    ended_ms INTEGER,
    ended_by TEXT NOT NULL,
    mode TEXT NOT NULL
);

CREATE TABLE price_alerts (
    rowid INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    symbol TEXT NOT NULL,
    condition TEXT NOT NULL,
    level TEXT,
    set_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    ended_by TEXT NOT NULL,
    mode TEXT NOT NULL
);

CREATE INDEX announcements_time ON announcements (time_ms);
