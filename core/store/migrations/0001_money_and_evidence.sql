-- Decimals are text, times are milliseconds UTC of market time, every row carries its mode.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    cause TEXT NOT NULL,
    leg TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    origin TEXT NOT NULL,
    request TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    txid TEXT,
    stop_distance TEXT,
    target_distance TEXT,
    correlation TEXT NOT NULL,
    rule TEXT NOT NULL,
    note TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    deadline_ms INTEGER,
    payload_sha256 TEXT NOT NULL,
    progress INTEGER NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX intents_open ON intents (progress) WHERE progress < 2;
CREATE INDEX intents_created ON intents (created_ms);
CREATE INDEX intents_txid ON intents (txid);

CREATE TABLE fills (
    id TEXT PRIMARY KEY,
    order_txid TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    price TEXT NOT NULL,
    qty TEXT NOT NULL,
    cost TEXT NOT NULL,
    fee TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    maker INTEGER NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX fills_time ON fills (time_ms);
CREATE INDEX fills_order ON fills (order_txid);

CREATE TABLE round_trips (
    rowid INTEGER PRIMARY KEY,
    symbol TEXT NOT NULL,
    qty TEXT NOT NULL,
    entry_price TEXT NOT NULL,
    exit_price TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER NOT NULL,
    fees TEXT NOT NULL,
    net_pnl TEXT NOT NULL,
    origin TEXT NOT NULL,
    reason TEXT NOT NULL,
    cause TEXT NOT NULL,
    rule TEXT NOT NULL,
    mode TEXT NOT NULL,
    UNIQUE (symbol, cause, opened_ms, closed_ms)
);
CREATE INDEX round_trips_closed ON round_trips (closed_ms);

CREATE TABLE decisions (
    rowid INTEGER PRIMARY KEY,
    symbol TEXT NOT NULL,
    candle_ms INTEGER NOT NULL,
    decided_ms INTEGER NOT NULL,
    signal TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    correlation TEXT NOT NULL,
    rule TEXT NOT NULL,
    action TEXT NOT NULL,
    mode TEXT NOT NULL,
    UNIQUE (symbol, candle_ms, correlation)
);
CREATE INDEX decisions_candle ON decisions (candle_ms);

CREATE TABLE performance (
    time_ms INTEGER PRIMARY KEY,
    equity TEXT NOT NULL,
    cash TEXT NOT NULL,
    realised TEXT NOT NULL,
    unrealised TEXT NOT NULL,
    open_positions INTEGER NOT NULL,
    mode TEXT NOT NULL
);

CREATE TABLE insights (
    rowid INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    data TEXT NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX insights_time ON insights (time_ms);

CREATE TABLE errors (
    rowid INTEGER PRIMARY KEY,
    "where" TEXT NOT NULL,
    message TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    correlation TEXT NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX errors_time ON errors (time_ms);

CREATE TABLE safety_events (
    rowid INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    correlation TEXT NOT NULL,
    data TEXT NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX safety_events_time ON safety_events (time_ms);

CREATE TABLE latches (
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_ms INTEGER NOT NULL,
    lifted_ms INTEGER,
    lifted_by TEXT NOT NULL,
    mode TEXT NOT NULL,
    PRIMARY KEY (name, set_ms)
);

-- A latch that was set twice is lifted once.
CREATE TRIGGER latch_lifted_on_update AFTER UPDATE ON latches WHEN NEW.lifted_ms IS NOT NULL BEGIN
    UPDATE latches SET lifted_ms = NEW.lifted_ms, lifted_by = NEW.lifted_by
    WHERE name = NEW.name AND lifted_ms IS NULL AND set_ms <= NEW.lifted_ms;
END;
CREATE TRIGGER latch_lifted_on_insert AFTER INSERT ON latches WHEN NEW.lifted_ms IS NOT NULL BEGIN
    UPDATE latches SET lifted_ms = NEW.lifted_ms, lifted_by = NEW.lifted_by
    WHERE name = NEW.name AND lifted_ms IS NULL AND set_ms <= NEW.lifted_ms;
END;

CREATE TABLE day_baselines (
    day TEXT PRIMARY KEY,
    equity TEXT NOT NULL,
    pnl TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    mode TEXT NOT NULL
);

-- Every execution with the intention behind it; the exchange's own word stays in fills.
CREATE VIEW trades AS
SELECT fills.*, intents.leg, intents.origin, intents.cause, intents.rule, intents.correlation
FROM fills LEFT JOIN intents ON intents.txid = fills.order_txid;
