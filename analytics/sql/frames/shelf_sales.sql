-- grain:     one variant at one location that has a stock level
-- key:       variant_id, location_id
-- sources:   raw.stock_levels, raw.stock_movements
-- decisions: units that were shipped from the place since $since, and what is available there now
SELECT
    l.variant_id,
    l.location_id,
    CAST(coalesce(sum(m.quantity), 0) AS BIGINT) AS shipped_units,
    CAST(greatest(any_value(l.available), 0) AS BIGINT) AS available
FROM raw.stock_levels AS l
LEFT JOIN raw.stock_movements AS m
    ON m.variant_id = l.variant_id AND m.from_location_id = l.location_id AND m.kind = 'shipped'
    AND m.business_date >= $since
GROUP BY l.variant_id, l.location_id
ORDER BY l.variant_id, l.location_id
