-- grain:     one variant at one location, now
-- key:       variant_id, location_id
-- sources:   raw.stock_levels, raw.variants
-- decisions: on hand = available + committed + reserved + damaged + safety stock + quality control.
--            A variant that was made inactive is not counted as out of stock.
SELECT
    s.variant_id,
    s.location_id,
    v.currency,
    s.available,
    s.committed,
    s.available + s.committed + s.reserved + s.damaged + s.safety_stock + s.quality_control AS on_hand,
    (s.available + s.committed + s.reserved + s.damaged + s.safety_stock + s.quality_control) * v.cost_minor
        AS value_minor,
    v.is_active
FROM raw.stock_levels AS s
JOIN raw.variants AS v ON v.id = s.variant_id
