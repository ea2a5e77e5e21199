-- grain:     one amount on an order that was known at the instant
-- key:       id
-- sources:   raw.order_adjustments, raw.order_changes
-- decisions: append-only: known with its order, or from the moment the change that added it was confirmed.
SELECT a.*
FROM raw.order_adjustments AS a
CROSS JOIN known AS k
LEFT JOIN raw.order_changes AS c ON c.id = a.order_change_id
WHERE a.order_change_id IS NULL OR c.decided_at <= k.instant
