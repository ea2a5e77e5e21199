-- grain: one event of one customer: order, return or consent · newest first
-- sources: raw.orders, raw.returns, raw.consents, raw.channels
-- parameters: $customer_id
SELECT o.placed_at AS happened_at, 'order' AS event, o.number, c.name AS note, o.total_minor AS minor, o.currency, o.state
FROM raw.orders AS o
JOIN raw.channels AS c ON c.id = o.channel_id
WHERE o.customer_id = $customer_id AND NOT o.is_test
UNION ALL
SELECT r.requested_at, 'return', r.number, r.reason, r.total_minor, r.currency, r.state
FROM raw.returns AS r
WHERE r.customer_id = $customer_id
UNION ALL
SELECT n.at, 'consent', n.channel, n.source, NULL, NULL, n.state
FROM raw.consents AS n
WHERE n.customer_id = $customer_id
ORDER BY happened_at DESC, event, number
