-- grain:     one row of raw.tracking_events written by the instant
-- key:       id
-- sources:   raw.tracking_events
-- decisions: append-only; known from its own time (`at`) on.
SELECT t.* FROM raw.tracking_events AS t CROSS JOIN known AS k WHERE t."at" <= k.instant
