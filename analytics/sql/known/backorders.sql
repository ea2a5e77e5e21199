-- grain:     one promise of goods to come that was made by the instant
-- key:       id
-- sources:   raw.backorders
-- decisions: closed only when it was by then; partial allocations keep no history and are empty.
SELECT
    b.* REPLACE (
        CASE WHEN b.closed_at <= k.instant THEN b.closed_at END AS closed_at,
        CASE WHEN b.closed_at <= k.instant THEN b.state ELSE 'waiting' END AS state,
        CAST(NULL AS BIGINT) AS allocated_qty, CAST(NULL AS BIGINT) AS cancelled_qty
    )
FROM raw.backorders AS b
CROSS JOIN known AS k
WHERE b.created_at <= k.instant
