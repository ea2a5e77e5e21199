-- grain: moment (now, and the same time of day a week ago) · orders placed, sent, delivered, returned that day so far,
-- and orders that had something to ship at that moment
-- parameters: $now, $zone
WITH moments AS (
    SELECT $now::TIMESTAMP AS instant, 'now' AS moment
    UNION ALL SELECT $now::TIMESTAMP - INTERVAL 7 DAY, 'before'
),
bounds AS (
    SELECT moment, instant, (date_trunc('day', (instant AT TIME ZONE 'UTC') AT TIME ZONE $zone) AT TIME ZONE $zone) AT TIME ZONE 'UTC' AS morning FROM moments
),
left_at AS (SELECT order_id, max(shipped_at) AS left_at FROM raw.shipments WHERE state <> 'voided' GROUP BY order_id),
real_orders AS (SELECT * FROM raw.orders WHERE state <> 'draft' AND NOT is_test)
SELECT b.moment,
    (SELECT count(*) FROM real_orders WHERE placed_at BETWEEN b.morning AND b.instant) AS placed,
    (SELECT count(*) FROM real_orders o LEFT JOIN left_at l ON l.order_id = o.id
        WHERE NOT o.is_history AND o.placed_at <= b.instant
            AND (o.cancelled_at IS NULL OR o.cancelled_at > b.instant)
            AND (o.fulfillment_status <> 'fulfilled' OR l.left_at > b.instant)) AS open,
    (SELECT count(DISTINCT order_id) FROM raw.shipments WHERE state <> 'voided' AND shipped_at BETWEEN b.morning AND b.instant) AS fulfilled,
    (SELECT count(DISTINCT order_id) FROM raw.shipments WHERE delivered_at BETWEEN b.morning AND b.instant) AS delivered,
    (SELECT count(*) FROM raw.returns WHERE state NOT IN ('declined', 'cancelled') AND requested_at BETWEEN b.morning AND b.instant) AS returned
FROM bounds b
ORDER BY b.moment DESC
