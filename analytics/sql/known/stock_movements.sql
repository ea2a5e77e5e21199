-- grain:     one row of raw.stock_movements written by the instant
-- key:       id
-- sources:   raw.stock_movements
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.stock_movements AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
