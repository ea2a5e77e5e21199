-- grain:     one product line of an order that stands, of a known customer
-- key:       order_line_id (not shown)
-- sources:   fct_order_lines, raw.orders, dim_variants
-- decisions: lines of cancelled orders and lines cancelled whole are left out.
SELECT
    l.customer_id,
    l.order_id,
    l.order_date AS business_date,
    v.sku,
    v.title,
    v.category,
    l.quantity - l.reversed_qty AS quantity,
    l.gross_minor
FROM fct_order_lines AS l
JOIN raw.orders AS o ON o.id = l.order_id
JOIN dim_variants AS v ON v.variant_id = l.variant_id
WHERE l.customer_id IS NOT NULL AND o.cancelled_at IS NULL AND l.quantity > l.reversed_qty
ORDER BY l.customer_id, l.order_date, l.order_id, l.order_line_id
