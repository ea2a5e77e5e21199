-- grain: one override of one variant that was not withdrawn · by first day
-- sources: raw.forecast_overrides, raw.variants · parameters: $sku
SELECT
    o.id AS override_id, o.variant_id, o.from_on, o.until_on, o.units, o.model_units, o.reason, o.author, o.made_at,
    o.actual_units
FROM raw.forecast_overrides AS o
JOIN raw.variants AS v ON v.id = o.variant_id
WHERE v.sku = $sku AND o.withdrawn_at IS NULL
ORDER BY o.from_on, o.id
