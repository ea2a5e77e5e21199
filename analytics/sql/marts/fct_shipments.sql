-- grain:     one parcel that was handed to a carrier
-- key:       shipment_id
-- sources:   raw.shipments, stg_orders, raw.locations, raw.shop
-- decisions: dated in the shop's zone on the day it left (event_date) and on the day it was promised
--            (promised_date). Voided labels are left out. Time to ship runs from the order to its first parcel.
--            What rides in the parcel of another order is a row (its order was shipped), but no parcel of its own.
--            The lane is the place it left from and the country it goes to.
SELECT
    s.id AS shipment_id,
    s.order_id,
    s.location_id,
    s.carrier,
    l.code || ' > ' || COALESCE(NULLIF(o.country, ''), '?') AS lane,
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
    s.parent_shipment_id IS NULL AS is_parcel,
    ROW_NUMBER() OVER (PARTITION BY s.order_id ORDER BY s.shipped_at, s.id) AS parcel_number,
    ROW_NUMBER() OVER (PARTITION BY s.order_id ORDER BY s.shipped_at, s.id) = 1 AS is_first
FROM raw.shipments AS s
JOIN stg_orders AS o ON o.order_id = s.order_id
JOIN raw.locations AS l ON l.id = s.location_id
CROSS JOIN raw.shop AS z
WHERE s.state <> 'voided'
