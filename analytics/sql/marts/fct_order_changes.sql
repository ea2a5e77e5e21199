-- grain:     one confirmed change of a placed order
-- key:       order_change_id
-- sources:   raw.order_changes, stg_orders, raw.shop
-- decisions: dated in the shop's zone on the day it was confirmed; proposed, declined and withdrawn changes changed
--            nothing and are left out. Exchanges and claims that add goods to an order change it too.
SELECT
    c.id AS order_change_id,
    c.order_id,
    CAST((c.decided_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency
FROM raw.order_changes AS c
JOIN stg_orders AS o ON o.order_id = c.order_id
CROSS JOIN raw.shop AS z
WHERE c.state = 'confirmed'
