-- grain:     one second of the last hour in which something was placed, picked, shipped or delivered, by place
-- parameters: $now, $since · test orders, drafts and imported history are left out
-- decisions: an order is placed; work is picked when nothing of it is left to pack; a parcel is shipped when it leaves
--            (voided labels are out) and delivered when the carrier says so. Orders have no place yet: theirs is empty.
SELECT kind, place, CAST(date_diff('second', happened_at, $now) AS BIGINT) AS ago, count(*) AS n
FROM (
    SELECT 'placed' AS kind, '' AS place, placed_at AS happened_at
    FROM raw.orders
    WHERE placed_at > $since AND placed_at <= $now AND state IN ('placed', 'closed', 'cancelled')
        AND NOT is_test AND NOT is_history
    UNION ALL
    SELECT 'picked', l.code, f.closed_at
    FROM raw.fulfillment_orders AS f
    JOIN raw.locations AS l ON l.id = f.location_id
    WHERE f.closed_at > $since AND f.closed_at <= $now AND f.state = 'closed'
    UNION ALL
    SELECT 'shipped', l.code, s.shipped_at
    FROM raw.shipments AS s
    JOIN raw.locations AS l ON l.id = s.location_id
    WHERE s.shipped_at > $since AND s.shipped_at <= $now AND s.state <> 'voided' AND s.parent_shipment_id IS NULL
    UNION ALL
    SELECT 'delivered', l.code, s.delivered_at
    FROM raw.shipments AS s
    JOIN raw.locations AS l ON l.id = s.location_id
    WHERE s.delivered_at > $since AND s.delivered_at <= $now AND s.parent_shipment_id IS NULL
) AS happened
GROUP BY ALL
