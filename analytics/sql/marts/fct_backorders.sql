-- grain:     one promise of units that are still to come
-- key:       backorder_id
-- sources:   raw.backorders, raw.order_lines, stg_orders, raw.shop
-- decisions: open from the day it was made to the day its last unit was allocated or cancelled. While it waits,
--            units are those not yet allocated now; at past days of closed ones, all that were promised (no history
--            of partial allocations is kept).
SELECT
    b.id AS backorder_id,
    l.order_id,
    b.variant_id,
    CAST((b.created_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    CAST((b.created_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS opened_on,
    CAST((b.closed_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS closed_on,
    b.promised_on,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency,
    b.quantity AS units_promised,
    CASE WHEN b.state = 'waiting' THEN b.quantity - b.allocated_qty - b.cancelled_qty ELSE b.quantity END AS units
FROM raw.backorders AS b
JOIN raw.order_lines AS l ON l.id = b.order_line_id
JOIN stg_orders AS o ON o.order_id = l.order_id
CROSS JOIN raw.shop AS z
