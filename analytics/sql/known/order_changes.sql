-- grain:     one change that was proposed by the instant
-- key:       id
-- sources:   raw.order_changes
-- decisions: a decision after the instant had not been taken.
SELECT
    c.* REPLACE (
        CASE WHEN c.decided_at > k.instant THEN 'pending' ELSE c.state END AS state,
        CASE WHEN c.decided_at <= k.instant THEN c.decided_at END AS decided_at
    )
FROM raw.order_changes AS c
CROSS JOIN known AS k
WHERE c.proposed_at <= k.instant
