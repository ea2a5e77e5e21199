-- grain:     one parcel that was delivered
-- key:       shipment_id
-- sources:   fct_shipments, stg_orders, raw.tracking_events, raw.shop
-- decisions: dated in the shop's zone on the day of delivery. failed_attempts are the carrier's events `failed`;
--            a parcel without any event of that kind arrived at the first attempt. What rides in another order's
--            parcel is left out: that parcel is counted.
SELECT
    s.shipment_id,
    s.order_id,
    s.location_id,
    s.carrier,
    s.lane,
    CAST((s.delivered_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    s.order_date,
    s.channel_id,
    s.customer_id,
    s.country,
    s.currency,
    COALESCE(t.failed_attempts, 0) AS failed_attempts,
    CAST(date_diff('second', o.placed_at, s.delivered_at) AS BIGINT) AS seconds_to_door
FROM fct_shipments AS s
JOIN stg_orders AS o ON o.order_id = s.order_id
LEFT JOIN (
    SELECT shipment_id, COUNT(*) AS failed_attempts
    FROM raw.tracking_events
    WHERE state = 'failed'
    GROUP BY shipment_id
) AS t ON t.shipment_id = s.shipment_id
CROSS JOIN raw.shop AS z
WHERE s.is_parcel AND s.delivered_at IS NOT NULL
