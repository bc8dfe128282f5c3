-- Every order of Zyn's that executed: stops that the exchange made of an entry have no intention of their own.
CREATE TABLE own_orders (
    txid TEXT PRIMARY KEY,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    leg TEXT NOT NULL,
    origin TEXT NOT NULL,
    cause TEXT NOT NULL,
    rule TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    mode TEXT NOT NULL
);
