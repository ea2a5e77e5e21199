-- grain: one routing decision of an order, newest first · rules, candidates and choice as stored (JSON)
-- parameters: $number
SELECT d.at AS decided_at, d.rules, d.candidates, d.chosen, d.decided_by, d.reason
FROM raw.routing_decisions d JOIN raw.orders o ON o.id = d.order_id
WHERE o.number = $number
ORDER BY d.id DESC
