-- grain: one day of one variant's demand · units ordered less cancelled, last 16 weeks before $until
-- sources: raw.order_lines, raw.orders, raw.variants · parameters: $sku, $until
SELECT o.business_date AS day, CAST(sum(l.quantity - l.cancelled_qty) AS BIGINT) AS units
FROM raw.order_lines AS l
JOIN raw.orders AS o ON o.id = l.order_id
JOIN raw.variants AS v ON v.id = l.variant_id
WHERE v.sku = $sku
    AND o.state NOT IN ('draft', 'cancelled', 'expired')
    AND NOT o.is_test
    AND o.business_date > $until::DATE - INTERVAL 112 DAY
GROUP BY o.business_date
ORDER BY o.business_date
