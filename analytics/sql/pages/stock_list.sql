-- grain: one active variant · what is there, what it sells a day (last 28 days), when it runs out, what it is worth
-- sources: raw.variants, raw.stock_levels, raw.order_lines, raw.orders, purchase orders, suppliers
-- parameters: $today · sold = ordered less cancelled; imported history counts as sales; a day of stock is available / sold a day
WITH sold AS (
    SELECT
        l.variant_id,
        sum(CASE WHEN o.business_date > $today::DATE - INTERVAL 28 DAY THEN l.quantity - l.cancelled_qty ELSE 0 END) / 28.0
            AS a_day,
        sum(CASE WHEN o.business_date > $today::DATE - INTERVAL 90 DAY THEN l.quantity - l.cancelled_qty ELSE 0 END)
            AS units_90,
        max(o.business_date) AS last_sold_on
    FROM raw.order_lines AS l
    JOIN raw.orders AS o ON o.id = l.order_id
    WHERE o.state NOT IN ('draft', 'cancelled', 'expired') AND NOT o.is_test
    GROUP BY l.variant_id
),
stock AS (
    SELECT
        variant_id,
        sum(available) AS available,
        sum(committed) AS committed,
        sum(available + committed + reserved + damaged + safety_stock + quality_control) AS on_hand
    FROM raw.stock_levels
    GROUP BY variant_id
),
coming AS (
    SELECT p.variant_id, sum(p.quantity - p.received_qty - p.cancelled_qty) AS incoming, min(o.expected_on) AS due_on
    FROM raw.purchase_order_lines AS p
    JOIN raw.purchase_orders AS o ON o.id = p.purchase_order_id
    WHERE o.state IN ('sent', 'confirmed', 'partially_received') AND p.quantity > p.received_qty + p.cancelled_qty
    GROUP BY p.variant_id
)
SELECT
    v.sku,
    v.title,
    coalesce(p.category, '') AS category,
    CAST(s.on_hand AS BIGINT) AS on_hand,
    CAST(s.available AS BIGINT) AS available,
    CAST(s.committed AS BIGINT) AS committed,
    CAST(coalesce(c.incoming, 0) AS BIGINT) AS incoming,
    c.due_on,
    coalesce(d.a_day, 0) AS a_day,
    CAST(coalesce(d.units_90, 0) AS BIGINT) AS units_90,
    d.last_sold_on,
    CAST(s.on_hand * coalesce(v.cost_minor, 0) AS BIGINT) AS value_minor,
    v.cost_minor IS NULL AS is_cost_unknown,
    coalesce(u.name, '') AS supplier,
    coalesce(u.lead_time_days, 0) AS lead_time_days
FROM raw.variants AS v
JOIN stock AS s ON s.variant_id = v.id
JOIN raw.products AS p ON p.id = v.product_id
LEFT JOIN sold AS d ON d.variant_id = v.id
LEFT JOIN coming AS c ON c.variant_id = v.id
LEFT JOIN raw.supplier_items AS i ON i.variant_id = v.id AND i.is_preferred
LEFT JOIN raw.suppliers AS u ON u.id = i.supplier_id
WHERE v.is_active
ORDER BY v.sku
