-- grain:     one piece of work that was opened by the instant
-- key:       id
-- sources:   raw.fulfillment_orders
-- decisions: known from its opening on; its state keeps no history and is empty.
SELECT w.* REPLACE (CAST(NULL AS VARCHAR) AS state, CASE WHEN w.closed_at <= k.instant THEN w.closed_at END AS closed_at)
FROM raw.fulfillment_orders AS w
CROSS JOIN known AS k
WHERE w.created_at <= k.instant
