-- grain:     one withdrawal that was declared by the instant
-- key:       id
-- sources:   raw.withdrawals
-- decisions: a settlement after the instant had not happened.
SELECT w.* REPLACE (CASE WHEN w.settled_at <= k.instant THEN w.settled_at END AS settled_at)
FROM raw.withdrawals AS w
CROSS JOIN known AS k
WHERE w.declared_at <= k.instant
