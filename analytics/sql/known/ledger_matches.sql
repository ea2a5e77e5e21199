-- grain:     one row of raw.ledger_matches written by the instant
-- key:       id
-- sources:   raw.ledger_matches
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.ledger_matches AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
