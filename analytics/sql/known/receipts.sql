-- grain:     one row of raw.receipts written by the instant
-- key:       id
-- sources:   raw.receipts
-- decisions: append-only; known from its own time (`received_at`) on.
SELECT t.* FROM raw.receipts AS t CROSS JOIN known AS k WHERE t."received_at" <= k.instant
