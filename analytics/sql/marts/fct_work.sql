-- grain:     one fulfilment order: what one place is to ship for one order
-- key:       fulfillment_order_id
-- sources:   raw.fulfillment_orders, stg_orders, fct_shipments, raw.shipments, raw.shop
-- decisions: an order is confirmed when its first work is opened at a place: then it is known who ships it
--            (event_date, is_first). Work is picked when its first parcel leaves (picked_date). Merged and split
--            work is dated on its own opening.
SELECT
    w.id AS fulfillment_order_id,
    w.order_id,
    w.location_id,
    CAST((w.created_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    p.picked_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency,
    ROW_NUMBER() OVER (PARTITION BY w.order_id ORDER BY w.created_at, w.id) = 1 AS is_first,
    CAST(date_diff('second', o.placed_at, w.created_at) AS BIGINT) AS seconds_to_confirm,
    CAST(date_diff('second', w.created_at, p.picked_at) AS BIGINT) AS seconds_to_pick
FROM raw.fulfillment_orders AS w
JOIN stg_orders AS o ON o.order_id = w.order_id
CROSS JOIN raw.shop AS z
LEFT JOIN (
    SELECT r.fulfillment_order_id, MIN(s.shipped_at) AS picked_at, MIN(s.event_date) AS picked_date
    FROM fct_shipments AS s
    JOIN raw.shipments AS r ON r.id = s.shipment_id
    GROUP BY r.fulfillment_order_id
) AS p ON p.fulfillment_order_id = w.id
