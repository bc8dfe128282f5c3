-- Every signal, taken or not, with all that its outcome depends on; frozen when it came.
CREATE TABLE signals (
    id TEXT PRIMARY KEY,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    rule TEXT NOT NULL,
    candle_ms INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    fate TEXT NOT NULL,
    reason TEXT NOT NULL,
    features TEXT NOT NULL,
    schema INTEGER NOT NULL,
    stop_distance REAL NOT NULL,
    target_distance REAL NOT NULL,
    taker REAL NOT NULL,
    spread REAL NOT NULL,
    barrier INTEGER NOT NULL,
    exits_on_turn INTEGER NOT NULL,
    multiplier REAL NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX signals_candle ON signals (candle_ms);

-- How each ended; the order of the rows is the order in which Zyn came to know.
CREATE TABLE outcomes (
    number INTEGER PRIMARY KEY,
    signal_id TEXT NOT NULL UNIQUE,
    closed_ms INTEGER NOT NULL,
    "exit" TEXT NOT NULL,
    entry_price REAL NOT NULL,
    exit_price REAL NOT NULL,
    r REAL NOT NULL,
    mode TEXT NOT NULL
);

-- One row a learning step: what was known (outcomes up to high_water), by which code, and what followed.
CREATE TABLE policies (
    version INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    schema INTEGER NOT NULL,
    high_water INTEGER NOT NULL,
    day INTEGER NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    mode TEXT NOT NULL
);

-- Evidence is added to, never changed.
CREATE TRIGGER signals_stay BEFORE UPDATE ON signals BEGIN SELECT RAISE(ABORT, 'signals are evidence'); END;
CREATE TRIGGER signals_kept BEFORE DELETE ON signals BEGIN SELECT RAISE(ABORT, 'signals are evidence'); END;
CREATE TRIGGER outcomes_stay BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are evidence'); END;
CREATE TRIGGER outcomes_kept BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are evidence'); END;
CREATE TRIGGER policies_stay BEFORE UPDATE ON policies BEGIN SELECT RAISE(ABORT, 'policies are evidence'); END;
CREATE TRIGGER policies_kept BEFORE DELETE ON policies BEGIN SELECT RAISE(ABORT, 'policies are evidence'); END;
CREATE TRIGGER fills_stay BEFORE UPDATE ON fills BEGIN SELECT RAISE(ABORT, 'fills are evidence'); END;
CREATE TRIGGER fills_kept BEFORE DELETE ON fills BEGIN SELECT RAISE(ABORT, 'fills are evidence'); END;
CREATE TRIGGER trips_stay BEFORE UPDATE ON round_trips BEGIN SELECT RAISE(ABORT, 'round trips are evidence'); END;
CREATE TRIGGER trips_kept BEFORE DELETE ON round_trips BEGIN SELECT RAISE(ABORT, 'round trips are evidence'); END;
CREATE TRIGGER safety_stays BEFORE UPDATE ON safety_events BEGIN SELECT RAISE(ABORT, 'safety events are evidence'); END;
CREATE TRIGGER safety_kept BEFORE DELETE ON safety_events BEGIN SELECT RAISE(ABORT, 'safety events are evidence'); END;
