-- grain: one purchase order · its units, what is still to come and their value at the agreed cost (minor units)
-- sources: raw.purchase_orders, raw.purchase_order_lines, raw.suppliers, raw.locations
WITH units AS (
    SELECT
        purchase_order_id,
        count(*) AS lines,
        CAST(sum(quantity - cancelled_qty) AS BIGINT) AS ordered_qty,
        CAST(sum(received_qty) AS BIGINT) AS received_qty,
        CAST(sum(quantity - cancelled_qty - received_qty) AS BIGINT) AS to_come_qty,
        CAST(sum((quantity - cancelled_qty - received_qty) * unit_cost_minor) AS BIGINT) AS to_come_minor
    FROM raw.purchase_order_lines
    GROUP BY purchase_order_id
)
SELECT
    p.number,
    s.name AS supplier,
    l.name AS location,
    p.state,
    p.currency,
    p.created_at,
    p.sent_at,
    p.expected_on,
    coalesce(u.lines, 0) AS lines,
    coalesce(u.ordered_qty, 0) AS ordered_qty,
    coalesce(u.received_qty, 0) AS received_qty,
    coalesce(u.to_come_qty, 0) AS to_come_qty,
    coalesce(u.to_come_minor, 0) AS to_come_minor,
    p.total_minor,
    p.is_simulated
FROM raw.purchase_orders AS p
JOIN raw.suppliers AS s ON s.id = p.supplier_id
JOIN raw.locations AS l ON l.id = p.location_id
LEFT JOIN units AS u ON u.purchase_order_id = p.id
ORDER BY p.id DESC
