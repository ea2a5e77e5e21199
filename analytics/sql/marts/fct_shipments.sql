-- grain:     one parcel that was handed to a carrier
-- key:       shipment_id
-- sources:   raw.shipments, stg_orders, raw.shop
-- decisions: dated in the shop's zone on the day it left (event_date) and on the day it was promised
--            (promised_date). Voided labels are left out. Time to ship runs from the order to its first parcel.
SELECT
    s.id AS shipment_id,
    s.order_id,
    s.location_id,
    s.carrier,
    s.service,
    s.state,
    s.shipped_at,
    s.promised_at,
    s.delivered_at,
    CAST((s.shipped_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    CAST((s.promised_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS promised_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    s.currency,
    s.cost_minor,
    CAST(date_diff('second', o.placed_at, s.shipped_at) AS BIGINT) AS seconds_to_ship,
    CAST(date_diff('second', s.shipped_at, s.delivered_at) AS BIGINT) AS seconds_to_deliver,
    ROW_NUMBER() OVER (PARTITION BY s.order_id ORDER BY s.shipped_at, s.id) = 1 AS is_first
FROM raw.shipments AS s
JOIN stg_orders AS o ON o.order_id = s.order_id
CROSS JOIN raw.shop AS z
WHERE s.state <> 'voided'
