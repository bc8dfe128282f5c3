-- Numbers that only rise and outlive a restart, such as the highest nonce that was handed out.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    mode TEXT NOT NULL
);

-- An intention knows no state between committed and answered: what may have left is looked for.
UPDATE intents SET state = 'ambiguous', progress = 1 WHERE state = 'sent';
