-- grain:     one active variant, all locations together
-- key:       variant_id
-- sources:   dim_variants, raw.stock_levels, raw.purchase_order_lines, raw.purchase_orders,
--            raw.supplier_items, raw.suppliers, raw.lots, dim_variant_classes
-- decisions: incoming is what is still to arrive on purchase orders that were sent; next_due_on the earliest
--            date expected from $today on; late_qty what was expected before. Goods last what their lots did, from
--            arrival to expiry (median). Supplier and terms are those of the preferred item. Classes as in
--            dim_variant_classes; U where nothing was ever ordered.
WITH levels AS (
    SELECT
        variant_id,
        CAST(sum(available) AS BIGINT) AS available,
        CAST(sum(committed) AS BIGINT) AS committed,
        CAST(sum(available + committed + reserved + damaged + safety_stock + quality_control) AS BIGINT) AS on_hand
    FROM raw.stock_levels
    GROUP BY variant_id
),
due AS (
    SELECT
        l.variant_id,
        CAST(sum(l.quantity - l.received_qty - l.cancelled_qty) AS BIGINT) AS incoming,
        min(p.expected_on) FILTER (WHERE p.expected_on >= CAST($today AS DATE)) AS next_due_on,
        CAST(coalesce(sum(l.quantity - l.received_qty - l.cancelled_qty)
            FILTER (WHERE p.expected_on < CAST($today AS DATE)), 0) AS BIGINT) AS late_qty
    FROM raw.purchase_order_lines AS l
    JOIN raw.purchase_orders AS p ON p.id = l.purchase_order_id
    WHERE p.state IN ('sent', 'confirmed', 'partially_received')
        AND l.quantity > l.received_qty + l.cancelled_qty
    GROUP BY l.variant_id
),
lasting AS (
    SELECT variant_id, median(date_diff('day', CAST(created_at AS DATE), expires_on)) AS shelf_life_days
    FROM raw.lots
    WHERE expires_on IS NOT NULL
    GROUP BY variant_id
)
SELECT
    v.variant_id,
    v.sku,
    v.title,
    v.category,
    coalesce(s.on_hand, 0) AS on_hand,
    coalesce(s.available, 0) AS available,
    coalesce(s.committed, 0) AS committed,
    coalesce(d.incoming, 0) AS incoming,
    d.next_due_on,
    coalesce(d.late_qty, 0) AS late_qty,
    greatest(e.shelf_life_days, 1) AS shelf_life_days,
    w.oversell_policy <> 'deny' AS waits,
    v.price_minor,
    v.cost_minor,
    v.currency,
    v.supplier_id,
    u.name AS supplier,
    i.pack_qty,
    i.moq_qty,
    i.unit_cost_minor,
    i.currency AS supplier_currency,
    u.lead_time_days,
    u.lead_time_sd_days,
    u.review_days,
    u.cover_days,
    u.min_order_minor,
    u.fixed_cost_minor,
    coalesce(k.abc, 'U') AS abc,
    coalesce(k.xyz, 'U') AS xyz
FROM dim_variants AS v
LEFT JOIN levels AS s ON s.variant_id = v.variant_id
JOIN raw.variants AS w ON w.id = v.variant_id
LEFT JOIN lasting AS e ON e.variant_id = v.variant_id
LEFT JOIN due AS d ON d.variant_id = v.variant_id
LEFT JOIN dim_variant_classes AS k ON k.variant_id = v.variant_id
LEFT JOIN raw.supplier_items AS i ON i.id = v.supplier_item_id
LEFT JOIN raw.suppliers AS u ON u.id = v.supplier_id
WHERE v.is_active
ORDER BY v.variant_id
