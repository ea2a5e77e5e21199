-- grain:     one place with work of orders past their ship-by time; no place: all such orders
-- parameters: $now
-- decisions: what is late is the metric orders_late's: placed, something still to ship, ship-by time passed
WITH late AS (
    SELECT o.order_id, o.ship_by_at
    FROM stg_orders AS o
    WHERE o.state = 'placed' AND NOT o.is_history AND o.fulfillment_status <> 'fulfilled' AND o.ship_by_at < $now
)
SELECT '' AS place, count(*) AS n, CAST(max(date_diff('second', ship_by_at, $now)) AS BIGINT) AS oldest
FROM late
UNION ALL
SELECT l.code, count(DISTINCT o.order_id), CAST(max(date_diff('second', o.ship_by_at, $now)) AS BIGINT)
FROM late AS o
JOIN raw.fulfillment_orders AS f ON f.order_id = o.order_id AND f.state NOT IN ('closed', 'cancelled')
JOIN raw.locations AS l ON l.id = f.location_id
GROUP BY 1
ORDER BY 1
