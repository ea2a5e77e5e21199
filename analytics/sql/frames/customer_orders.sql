-- grain:     one order that stands, of a known customer
-- key:       order_id
-- sources:   fct_orders, fct_order_lines, dim_channels
-- decisions: amount = gross - discounts of its product lines as placed, as the average order value counts it.
--            Cancelled orders are left out.
SELECT
    o.order_id,
    o.customer_id,
    o.order_date AS business_date,
    c.channel,
    o.country,
    coalesce(l.amount_minor, 0) AS amount_minor,
    o.currency
FROM fct_orders AS o
JOIN dim_channels AS c ON c.channel_id = o.channel_id
LEFT JOIN (
    SELECT order_id, CAST(sum(placed_gross_minor - placed_discount_minor) AS BIGINT) AS amount_minor
    FROM fct_order_lines
    GROUP BY order_id
) AS l ON l.order_id = o.order_id
WHERE o.customer_id IS NOT NULL AND NOT o.is_cancelled
ORDER BY o.customer_id, o.order_date, o.order_id
