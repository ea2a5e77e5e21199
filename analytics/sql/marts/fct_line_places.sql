-- grain:     one order line and one place units of it left from
-- key:       order_line_id, location_id
-- sources:   raw.shipment_lines, raw.order_lines, fct_shipments
-- decisions: units by place of everything that left, whatever came back since; running units make shares that add up
--            exactly. Where parcels do not say what was in them, an order whose parcels all left from one place left
--            from there whole. A line of which nothing has left is not here: nobody knows its place yet.
WITH told AS (
    SELECT x.order_line_id, s.order_id, s.location_id, SUM(x.quantity) AS units
    FROM raw.shipment_lines AS x
    JOIN fct_shipments AS s ON s.shipment_id = x.shipment_id
    GROUP BY x.order_line_id, s.order_id, s.location_id
),
untold AS (
    SELECT s.order_id, MIN(s.location_id) AS location_id
    FROM fct_shipments AS s
    LEFT JOIN (SELECT DISTINCT order_id FROM told) AS t ON t.order_id = s.order_id
    WHERE t.order_id IS NULL
    GROUP BY s.order_id
    HAVING MIN(s.location_id) = MAX(s.location_id)
),
left_from AS (
    SELECT order_line_id, location_id, units FROM told
    UNION ALL
    SELECT l.id, u.location_id, l.quantity
    FROM untold AS u
    JOIN raw.order_lines AS l ON l.order_id = u.order_id
    WHERE l.quantity > l.cancelled_qty
)
SELECT
    order_line_id,
    location_id,
    units,
    SUM(units) OVER (PARTITION BY order_line_id) AS total_units,
    SUM(units) OVER (PARTITION BY order_line_id ORDER BY location_id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running_units
FROM left_from
