-- grain:     one active variant at one active location that has a stock level
-- key:       variant_id, location_id
-- sources:   raw.stock_levels, raw.locations, raw.stock_movements, raw.purchase_order_lines, raw.purchase_orders
-- decisions: shipped_units left to customers since $since; incoming is what is still to arrive there on purchase
--            orders that were sent.
WITH sold AS (
    SELECT variant_id, from_location_id AS location_id, CAST(sum(quantity) AS BIGINT) AS units
    FROM raw.stock_movements
    WHERE kind = 'shipped' AND business_date >= $since AND from_location_id IS NOT NULL
    GROUP BY variant_id, from_location_id
),
coming AS (
    SELECT
        l.variant_id,
        p.location_id,
        CAST(sum(l.quantity - l.received_qty - l.cancelled_qty) AS BIGINT) AS units
    FROM raw.purchase_order_lines AS l
    JOIN raw.purchase_orders AS p ON p.id = l.purchase_order_id
    WHERE p.state IN ('sent', 'confirmed', 'partially_received')
        AND l.quantity > l.received_qty + l.cancelled_qty
    GROUP BY l.variant_id, p.location_id
)
SELECT
    l.variant_id,
    l.location_id,
    c.code AS location,
    CAST(l.available AS BIGINT) AS available,
    coalesce(i.units, 0) AS incoming,
    coalesce(s.units, 0) AS shipped_units
FROM raw.stock_levels AS l
JOIN raw.locations AS c ON c.id = l.location_id AND c.is_active
LEFT JOIN sold AS s ON s.variant_id = l.variant_id AND s.location_id = l.location_id
LEFT JOIN coming AS i ON i.variant_id = l.variant_id AND i.location_id = l.location_id
ORDER BY l.variant_id, l.location_id
