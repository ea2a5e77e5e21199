-- grain:     one row of raw.ledger_entries written by the instant
-- key:       id
-- sources:   raw.ledger_entries
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.ledger_entries AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
