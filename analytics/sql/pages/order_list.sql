-- grain: one placed order, as the list of orders finds and sorts it (drafts and tests left out)
-- sources: raw.orders alone: a list of a million orders is searched and sorted by few columns, never joined
-- decisions: late is said of live orders only, imported history is no work; a ship-by time is broken at its instant
-- parameters: $now
SELECT
    r.id AS order_id, r.number, r.external_id, r.channel_id, r.customer_id, r.email, r.ship_name,
    r.ship_country AS country, r.ship_city AS city, r.ship_postal_code AS postal_code, r.currency,
    r.state, r.business_date AS order_date, r.placed_at, r.ship_by_at, r.total_minor,
    r.total_minor / CASE WHEN r.currency IN ('JPY', 'KRW', 'ISK', 'CLP', 'VND') THEN 1
        WHEN r.currency IN ('BHD', 'KWD', 'TND') THEN 1000 ELSE 100 END AS total,
    r.payment_status, r.fulfillment_status, r.delivery_status, r.return_status, r.is_history, r.is_simulated,
    r.state = 'placed' AND NOT r.is_history AND r.fulfillment_status <> 'fulfilled' AS is_open,
    r.state = 'placed' AND NOT r.is_history AND r.fulfillment_status <> 'fulfilled' AND r.ship_by_at < $now AS is_late,
    r.state = 'placed' AND NOT r.is_history AND r.payment_status IN ('none', 'voided', 'authorized', 'partially_paid')
        AND r.placed_at < $now::TIMESTAMP - INTERVAL 24 HOUR AS is_unpaid
FROM raw.orders AS r
WHERE r.state IN ('placed', 'closed', 'cancelled') AND NOT r.is_test
