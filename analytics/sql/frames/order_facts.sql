-- grain:     one kind of thing that happened to one order after $after and not later than $until (naive, UTC)
-- key:       order, why
-- decisions: recorded_late: placed by $after, but recorded only then. What belongs to no order is not here.
SELECT o.number AS "order", f.why, MAX(f.happened_at) AS happened_at
FROM (
    SELECT j.object_id AS order_id, CASE WHEN o.placed_at <= $after THEN 'late_arrival' ELSE 'placed' END AS why,
        j."at" AS happened_at
    FROM raw.journal AS j
    JOIN raw.orders AS o ON o.id = j.object_id
    WHERE j.object_type = 'order' AND j.event = 'order.placed' AND NOT o.is_history
    UNION ALL
    SELECT order_id, 'edited', decided_at FROM raw.order_changes WHERE state = 'confirmed'
    UNION ALL
    SELECT id, 'cancelled', cancelled_at FROM raw.orders
    UNION ALL
    SELECT order_id, 'returned', received_at FROM raw.returns
    UNION ALL
    SELECT order_id, CASE WHEN kind = 'refund' THEN 'refunded' ELSE 'paid' END, "at"
    FROM raw.payments
    WHERE kind IN ('capture', 'refund')
    UNION ALL
    SELECT order_id, 'shipped', shipped_at FROM raw.shipments
    UNION ALL
    SELECT order_id, 'delivered', delivered_at FROM raw.shipments
    UNION ALL
    SELECT order_id, 'claimed', opened_at FROM raw.claims
) AS f
JOIN raw.orders AS o ON o.id = f.order_id
WHERE f.happened_at > $after AND f.happened_at <= $until
GROUP BY o.number, f.why
