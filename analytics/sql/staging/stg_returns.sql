-- grain:     one return whose goods are back, or one credit already given
-- key:       return_id
-- sources:   raw.returns, raw.orders
-- decisions: a return counts from the state `received` on; requested, approved and travelling returns do
--            not count yet, declined and cancelled ones never. Returns of test orders are left out.
SELECT
    r.id AS return_id,
    r.order_id,
    r.channel_id,
    r.customer_id,
    r.currency,
    r.business_date AS return_date,
    r.ship_country AS country,
    r.reason,
    r.goods_minor,
    r.other_minor,
    r.total_minor,
    r.is_history,
    o.business_date AS order_date
FROM raw.returns AS r
LEFT JOIN raw.orders AS o ON o.id = r.order_id
WHERE r.state IN ('received', 'inspected', 'closed') AND NOT COALESCE(o.is_test, FALSE)
