-- Every live trade and what the paper account would have made of it.

CREATE TABLE parity (
    fill_id TEXT PRIMARY KEY,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    leg TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    qty TEXT NOT NULL,
    price TEXT NOT NULL,
    fee TEXT NOT NULL,
    twin_price TEXT NOT NULL,
    twin_fee TEXT NOT NULL,
    maker INTEGER NOT NULL,
    mode TEXT NOT NULL
);
CREATE INDEX parity_time ON parity (time_ms);
