-- grain:     one row of raw.charges written by the instant
-- key:       id
-- sources:   raw.charges
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.charges AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
