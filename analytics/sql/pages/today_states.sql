-- grain: moment (now, and the same time of day a week ago) · orders placed, sent, delivered, returned that day so far,
-- and orders open at that moment
-- parameters: $now, $zone
WITH moments AS (
    SELECT $now::TIMESTAMP AS instant, 'now' AS moment
    UNION ALL SELECT $now::TIMESTAMP - INTERVAL 7 DAY, 'before'
),
bounds AS (
    SELECT moment, instant, (date_trunc('day', (instant AT TIME ZONE 'UTC') AT TIME ZONE $zone) AT TIME ZONE $zone) AT TIME ZONE 'UTC' AS morning FROM moments
),
real_orders AS (SELECT * FROM raw.orders WHERE state <> 'draft' AND NOT is_test)
SELECT b.moment,
    (SELECT count(*) FROM real_orders WHERE placed_at BETWEEN b.morning AND b.instant) AS placed,
    (SELECT count(*) FROM real_orders WHERE NOT is_history AND placed_at <= b.instant
        AND coalesce(closed_at, b.instant + INTERVAL 1 DAY) > b.instant AND coalesce(cancelled_at, b.instant + INTERVAL 1 DAY) > b.instant) AS open,
    (SELECT count(DISTINCT order_id) FROM raw.shipments WHERE state <> 'voided' AND shipped_at BETWEEN b.morning AND b.instant) AS fulfilled,
    (SELECT count(DISTINCT order_id) FROM raw.shipments WHERE delivered_at BETWEEN b.morning AND b.instant) AS delivered,
    (SELECT count(*) FROM raw.returns WHERE state NOT IN ('declined', 'cancelled') AND requested_at BETWEEN b.morning AND b.instant) AS returned
FROM bounds b
ORDER BY b.moment DESC
