-- grain: one order · who, where, state axes, money, minor units
-- parameters: $number
SELECT o.id AS order_id, o.number, o.external_id, c.name AS channel, o.currency, o.state,
    o.placed_at, o.ship_by_at, o.cancelled_at, o.cancel_reason, o.is_history, o.is_simulated,
    o.payment_status, o.fulfillment_status, o.delivery_status, o.return_status,
    o.customer_id, coalesce(nullif(u.name, ''), nullif(o.ship_name, ''), o.email, '') AS customer, u.number AS customer_number,
    (SELECT count(*) FROM raw.orders x WHERE x.customer_id = o.customer_id AND x.state <> 'draft' AND NOT x.is_test) AS customer_orders,
    o.ship_line1, o.ship_city, o.ship_postal_code, o.ship_country,
    o.gross_minor, o.discount_minor, o.shipping_minor, o.tax_minor, o.other_minor, o.total_minor,
    coalesce((SELECT sum(CASE p.kind WHEN 'capture' THEN p.amount_minor WHEN 'refund' THEN -p.amount_minor ELSE 0 END)
        FROM raw.payments p WHERE p.order_id = o.id), 0)::BIGINT AS paid_minor,
    (SELECT string_agg(DISTINCT p.gateway, ', ') FROM raw.payments p WHERE p.order_id = o.id AND p.kind IN ('capture', 'authorize')) AS gateway,
    (SELECT sum((l.quantity - l.cancelled_qty) * l.unit_cost_minor)::BIGINT FROM raw.order_lines l WHERE l.order_id = o.id
        HAVING count(*) = count(l.unit_cost_minor)) AS cost_minor
FROM raw.orders o
JOIN raw.channels c ON c.id = o.channel_id
LEFT JOIN raw.customers u ON u.id = o.customer_id
WHERE o.number = $number
