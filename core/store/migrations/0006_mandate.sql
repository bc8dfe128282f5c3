-- The owner's standing orders in force; one row a policy. Times are wall time.
CREATE TABLE mandate (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    said TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    mode TEXT NOT NULL
);
