-- grain: one order line of one product, product group or SKU in the period · the newest first
-- parameters: $since, $until, $kind (sku, product or category), $item, $channels, $countries, $currency, $limit
SELECT o.number, l.order_date, c.channel, l.country, v.sku, v.title, l.placed_quantity AS units,
    l.placed_gross_minor AS gross_minor, l.placed_discount_minor AS discount_minor,
    CASE WHEN l.is_cancelled THEN 'cancelled' WHEN l.returned_qty > 0 THEN 'returned' ELSE '' END AS fate
FROM fct_order_lines AS l
JOIN stg_orders AS o ON o.order_id = l.order_id
JOIN dim_variants AS v ON v.variant_id = l.variant_id
JOIN dim_channels AS c ON c.channel_id = l.channel_id
WHERE l.order_date >= $since AND l.order_date < $until
    AND CASE $kind WHEN 'sku' THEN v.sku WHEN 'product' THEN v.product ELSE v.category END = $item
    AND (len($channels) = 0 OR list_contains($channels, c.channel))
    AND (len($countries) = 0 OR list_contains($countries, l.country))
    AND l.currency = $currency
ORDER BY l.order_date DESC, l.order_line_id DESC
LIMIT $limit
