-- grain:     one exchange that was asked for by the instant
-- key:       id
-- sources:   raw.exchanges, raw.journal
-- decisions: one cancelled or completed later still stood.
SELECT
    x.* REPLACE (
        CASE WHEN x.state = 'cancelled' AND j.refused_at > k.instant THEN 'requested' ELSE x.state END AS state,
        CASE WHEN x.completed_at <= k.instant THEN x.completed_at END AS completed_at
    )
FROM raw.exchanges AS x
CROSS JOIN known AS k
LEFT JOIN (
    SELECT object_id, MAX("at") AS refused_at
    FROM raw.journal
    WHERE object_type = 'exchange' AND event = 'exchange.cancelled'
    GROUP BY object_id
) AS j ON j.object_id = x.id
WHERE x.requested_at <= k.instant
