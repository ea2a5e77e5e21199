-- grain: one placed order of one page of the list · units, warehouses, parcel and what holds it up
-- sources: order_list (orders that match), raw.order_lines, raw.fulfillment_orders, raw.shipments, raw.returns
-- parameters: $now, $offset, $limit, and those of the condition
WITH found AS MATERIALIZED (
    SELECT o.* FROM order_list AS o
    WHERE /*condition*/ TRUE
    ORDER BY /*order*/ o.placed_at DESC, o.order_id DESC
    LIMIT $limit OFFSET $offset
),
lines AS (
    SELECT l.order_id, sum(l.quantity - l.cancelled_qty) AS units,
        sum(greatest(l.quantity - l.cancelled_qty - l.shipped_qty - coalesce(a.units, 0), 0)) AS unallocated,
        arg_max(l.title, l.quantity - l.cancelled_qty - l.shipped_qty - coalesce(a.units, 0)) AS short_title
    FROM raw.order_lines AS l
    LEFT JOIN (
        SELECT order_line_id, sum(quantity - shipped_qty - released_qty) AS units FROM raw.allocations GROUP BY 1
    ) AS a ON a.order_line_id = l.id
    WHERE l.order_id IN (SELECT order_id FROM found)
    GROUP BY l.order_id
),
work AS (
    SELECT f.order_id, string_agg(DISTINCT p.name, ', ' ORDER BY p.name) AS warehouse,
        bool_or(f.state = 'on_hold') AS on_hold, bool_or(f.state = 'in_progress') AS in_progress
    FROM raw.fulfillment_orders AS f JOIN raw.locations AS p ON p.id = f.location_id
    WHERE f.order_id IN (SELECT order_id FROM found) AND f.state <> 'cancelled'
    GROUP BY f.order_id
),
parcels AS (
    SELECT s.order_id, arg_max(s.state, s.shipped_at) AS parcel, arg_max(s.carrier, s.shipped_at) AS carrier,
        bool_or(s.promised_at < $now AND s.state NOT IN ('delivered', 'voided')) AS broken
    FROM raw.shipments AS s
    WHERE s.order_id IN (SELECT order_id FROM found)
    GROUP BY s.order_id
),
goods_back AS (
    SELECT b.order_id, min(b.state) FILTER (b.state IN ('requested', 'received')) AS return_state
    FROM raw.returns AS b
    WHERE b.order_id IN (SELECT order_id FROM found)
    GROUP BY b.order_id
)
SELECT o.*, l.units, l.unallocated, l.short_title, w.warehouse, w.on_hold, w.in_progress,
    p.parcel, p.carrier, p.broken, b.return_state
FROM found AS o
LEFT JOIN lines AS l ON l.order_id = o.order_id
LEFT JOIN work AS w ON w.order_id = o.order_id
LEFT JOIN parcels AS p ON p.order_id = o.order_id
LEFT JOIN goods_back AS b ON b.order_id = o.order_id
ORDER BY /*order*/ o.placed_at DESC, o.order_id DESC
