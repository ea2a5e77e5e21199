-- grain:     one thing that a change confirmed by the instant did to one line
-- key:       id
-- sources:   raw.order_change_entries
-- decisions: append-only; known from the moment it was written.
SELECT e.* FROM raw.order_change_entries AS e CROSS JOIN known AS k WHERE e."at" <= k.instant
