-- grain:     one hold on an order or on one fulfilment order of it
-- key:       hold_id
-- sources:   raw.fulfillment_holds, stg_orders, raw.shop
-- decisions: dated in the shop's zone on the day it was put on (event_date, opened_on) and on the day it ended
--            (closed_on, empty while it lasts). A hold that ended with its order counts like any other.
SELECT
    h.id AS hold_id,
    h.order_id,
    h.reason,
    CAST((h.held_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    CAST((h.held_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS opened_on,
    CAST((h.released_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS closed_on,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency,
    CAST(date_diff('second', h.held_at, h.released_at) AS BIGINT) AS seconds_held
FROM raw.fulfillment_holds AS h
JOIN stg_orders AS o ON o.order_id = h.order_id
CROSS JOIN raw.shop AS z
