CREATE TABLE conversations (
    rowid INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    data TEXT NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX conversations_session ON conversations (session, rowid);

CREATE TABLE memories (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    session TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    mode TEXT NOT NULL
);

CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL, mode TEXT NOT NULL);

CREATE TABLE key_values (name TEXT PRIMARY KEY, value TEXT NOT NULL, mode TEXT NOT NULL);

CREATE TABLE processed_updates (
    source TEXT NOT NULL,
    update_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    PRIMARY KEY (source, update_id)
) WITHOUT ROWID;

-- The channels in force; rewritten at every start.
CREATE TABLE channels (name TEXT PRIMARY KEY, mode TEXT NOT NULL);

CREATE TABLE announcements (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    severity INTEGER NOT NULL,
    text TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    correlation TEXT NOT NULL,
    data TEXT NOT NULL,
    mode TEXT NOT NULL
);

-- Times here are wall time: they are about reaching a person.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    announcement_id INTEGER NOT NULL REFERENCES announcements (id),
    channel TEXT NOT NULL,
    severity INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at_ms INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL,
    UNIQUE (announcement_id, channel)
);
CREATE INDEX outbox_waiting ON outbox (channel, severity, id) WHERE delivered = 0;

-- One row a channel in the transaction of the fact, and none for an announcement that was known already.
CREATE TRIGGER announced AFTER INSERT ON announcements BEGIN
    INSERT INTO outbox (announcement_id, channel, severity, mode)
    SELECT NEW.id, name, NEW.severity, NEW.mode FROM channels;
END;
