-- grain:     one order line and one place units of it left from
-- key:       order_line_id, location_id
-- sources:   raw.shipment_lines, fct_shipments
-- decisions: units by place of everything that left, whatever came back since; running units make shares that add up
--            exactly. A line of which nothing has left is not here: nobody knows its place yet.
SELECT
    order_line_id,
    location_id,
    units,
    SUM(units) OVER (PARTITION BY order_line_id) AS total_units,
    SUM(units) OVER (PARTITION BY order_line_id ORDER BY location_id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running_units
FROM (
    SELECT x.order_line_id, s.location_id, SUM(x.quantity) AS units
    FROM raw.shipment_lines AS x
    JOIN fct_shipments AS s ON s.shipment_id = x.shipment_id
    GROUP BY x.order_line_id, s.location_id
) AS left_from
