-- grain: one variant at one location · every state
-- sources: raw.stock_levels, raw.locations · parameters: $sku
SELECT
    l.name AS location,
    s.available + s.committed + s.reserved + s.damaged + s.safety_stock + s.quality_control AS on_hand,
    s.available,
    s.committed,
    s.reserved,
    s.damaged,
    s.safety_stock,
    s.quality_control
FROM raw.stock_levels AS s
JOIN raw.variants AS v ON v.id = s.variant_id
JOIN raw.locations AS l ON l.id = s.location_id
WHERE v.sku = $sku
ORDER BY l.position, l.id
