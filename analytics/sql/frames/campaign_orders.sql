-- grain:     one order that stands, of a known customer, in the shop's currency, of the days from $since to $until
-- key:       order_id
-- sources:   fct_orders, fct_order_lines, fct_sales, raw.shop
-- decisions: revenue = gross - discounts of product lines as placed, as the average order value counts it. Margin is
--            net sales less cost of all events of the order so far (returns too), NULL where no cost is known.
SELECT
    o.order_id,
    o.customer_id,
    o.placed_at,
    o.order_date AS business_date,
    coalesce(l.revenue_minor, 0) AS revenue_minor,
    m.margin_minor
FROM fct_orders AS o
JOIN raw.shop AS s ON s.currency = o.currency
LEFT JOIN (
    SELECT order_id, CAST(sum(placed_gross_minor - placed_discount_minor) AS BIGINT) AS revenue_minor
    FROM fct_order_lines
    GROUP BY order_id
) AS l ON l.order_id = o.order_id
LEFT JOIN (
    SELECT order_id, CAST(sum(CASE WHEN cost_minor IS NOT NULL THEN costed_minor - cost_minor END) AS BIGINT) AS margin_minor
    FROM fct_sales
    GROUP BY order_id
) AS m ON m.order_id = o.order_id
WHERE o.customer_id IS NOT NULL AND NOT o.is_cancelled AND o.order_date BETWEEN $since AND $until
ORDER BY o.order_id
