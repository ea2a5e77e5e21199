-- grain:     one row of raw.payout_statements written by the instant
-- key:       id
-- sources:   raw.payout_statements
-- decisions: append-only; known from the instant it was kept on. Its rows live and fall with it.
SELECT t.* FROM raw.payout_statements AS t CROSS JOIN known AS k WHERE t.booked_at <= k.instant
