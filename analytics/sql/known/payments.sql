-- grain:     one row of raw.payments written by the instant
-- key:       id
-- sources:   raw.payments
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.payments AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
