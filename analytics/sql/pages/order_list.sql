-- grain: one placed order, as the list of orders finds and shows it (drafts and tests left out)
-- sources: stg_orders, raw.orders, raw.channels, raw.customers, raw.shop
-- decisions: late is said of live orders only, imported history is no work; a ship-by time is broken at its instant
-- parameters: $now
SELECT
    o.order_id, o.number, r.external_id, o.channel_id,
    lower(c.code) AS channel, c.name AS channel_name, c.position AS channel_position,
    o.customer_id, coalesce(nullif(u.name, ''), nullif(r.ship_name, ''), r.email, '') AS customer,
    coalesce(r.email, u.email, '') AS email,
    o.country, r.ship_city AS city, o.currency,
    o.state, o.order_date, o.placed_at, o.ship_by_at, o.total_minor,
    CAST((o.ship_by_at AT TIME ZONE 'UTC') AT TIME ZONE s.zone AS DATE) AS ship_by_on,
    o.total_minor / CASE WHEN o.currency IN ('JPY', 'KRW', 'ISK', 'CLP', 'VND') THEN 1
        WHEN o.currency IN ('BHD', 'KWD', 'TND') THEN 1000 ELSE 100 END AS total,
    o.payment_status, o.fulfillment_status, o.delivery_status, o.return_status, o.is_history, o.is_simulated,
    o.state = 'placed' AND NOT o.is_history AND o.fulfillment_status <> 'fulfilled' AS is_open,
    o.state = 'placed' AND NOT o.is_history AND o.fulfillment_status <> 'fulfilled' AND o.ship_by_at < $now AS is_late,
    o.state = 'placed' AND NOT o.is_history AND o.payment_status IN ('none', 'voided', 'authorized', 'partially_paid')
        AND o.placed_at < $now::TIMESTAMP - INTERVAL 24 HOUR AS is_unpaid
FROM stg_orders AS o
JOIN raw.orders AS r ON r.id = o.order_id
JOIN raw.channels AS c ON c.id = o.channel_id
LEFT JOIN raw.customers AS u ON u.id = o.customer_id
CROSS JOIN raw.shop AS s
