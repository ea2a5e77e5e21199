-- grain:     one movement of money for an order
-- key:       payment_id
-- sources:   raw.payments, stg_orders
-- decisions: captured and refunded money carry a sign; authorisations and voids move nothing; what was written off
--            is no money and is not in it.
SELECT
    p.id AS payment_id,
    p.order_id,
    p.business_date AS event_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    p.currency,
    p.gateway,
    p.return_id,
    p.kind,
    CASE p.kind WHEN 'capture' THEN p.amount_minor WHEN 'refund' THEN -p.amount_minor ELSE 0 END AS amount_minor
FROM raw.payments AS p
JOIN stg_orders AS o ON o.order_id = p.order_id
WHERE p.gateway <> 'write_off'
