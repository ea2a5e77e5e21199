-- grain: one order of one page of the list · customer, units, warehouses, parcel, tags and what holds it up
-- sources: order_list, raw.channels, raw.customers, raw.order_lines, raw.fulfillment_orders, raw.shipments, raw.returns
-- parameters: $now, $ids (the page's orders, already found and sorted)
WITH wanted AS MATERIALIZED (SELECT unnest($ids) AS order_id),
lines AS (
    SELECT l.order_id, sum(l.quantity - l.cancelled_qty) AS units,
        sum(greatest(l.quantity - l.cancelled_qty - l.shipped_qty - coalesce(a.units, 0), 0))
            FILTER (l.stock_kind = 'stocked') AS unallocated,
        arg_max(l.title, l.quantity - l.cancelled_qty - l.shipped_qty - coalesce(a.units, 0))
            FILTER (l.stock_kind = 'stocked') AS short_title
    FROM raw.order_lines AS l
    LEFT JOIN (
        SELECT x.order_line_id, sum(x.quantity - x.shipped_qty - x.released_qty) AS units
        FROM raw.allocations AS x JOIN raw.order_lines AS y ON y.id = x.order_line_id
        WHERE y.order_id IN (SELECT order_id FROM wanted) GROUP BY 1
    ) AS a ON a.order_line_id = l.id
    WHERE l.order_id IN (SELECT order_id FROM wanted)
    GROUP BY l.order_id
),
work AS (
    SELECT f.order_id, string_agg(DISTINCT p.name, ', ' ORDER BY p.name) AS warehouse,
        bool_or(f.state = 'on_hold') AS on_hold, bool_or(f.state = 'in_progress') AS in_progress
    FROM raw.fulfillment_orders AS f JOIN raw.locations AS p ON p.id = f.location_id
    WHERE f.order_id IN (SELECT order_id FROM wanted) AND f.state <> 'cancelled'
    GROUP BY f.order_id
),
parcels AS (
    SELECT s.order_id, arg_max(s.state, s.shipped_at) AS parcel, arg_max(s.carrier, s.shipped_at) AS carrier,
        arg_max(s.tracking_number, s.shipped_at) AS tracking_number,
        bool_or(s.promised_at < $now AND s.state NOT IN ('delivered', 'voided')) AS broken
    FROM raw.shipments AS s
    WHERE s.order_id IN (SELECT order_id FROM wanted)
    GROUP BY s.order_id
),
goods_back AS (
    SELECT b.order_id, min(b.state) FILTER (b.state IN ('requested', 'received')) AS return_state
    FROM raw.returns AS b
    WHERE b.order_id IN (SELECT order_id FROM wanted)
    GROUP BY b.order_id
),
tagged AS (
    SELECT t.order_id, list(t.tag ORDER BY t.tag) AS tags FROM raw.order_tags AS t
    WHERE t.order_id IN (SELECT order_id FROM wanted) GROUP BY t.order_id
)
SELECT o.* EXCLUDE (email, ship_name), lower(c.code) AS channel, c.name AS channel_name,
    coalesce(nullif(u.name, ''), nullif(o.ship_name, ''), o.email, '') AS customer,
    coalesce(o.email, u.email, '') AS email, l.units, l.unallocated, l.short_title, w.warehouse, w.on_hold,
    w.in_progress, p.parcel, p.carrier, p.tracking_number, p.broken, b.return_state, coalesce(t.tags, []) AS tags
FROM wanted AS n
JOIN order_list AS o ON o.order_id = n.order_id
JOIN raw.channels AS c ON c.id = o.channel_id
LEFT JOIN raw.customers AS u ON u.id = o.customer_id
LEFT JOIN lines AS l ON l.order_id = o.order_id
LEFT JOIN work AS w ON w.order_id = o.order_id
LEFT JOIN parcels AS p ON p.order_id = o.order_id
LEFT JOIN goods_back AS b ON b.order_id = o.order_id
LEFT JOIN tagged AS t ON t.order_id = o.order_id
