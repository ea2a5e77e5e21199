-- grain: one day (kind day) or span of days (kind sum) of one variant's forecast in one run
-- sources: raw.forecasts, raw.variants · parameters: $run_id, $sku
SELECT f.kind, f.day_number, f.mean, f.quantiles
FROM raw.forecasts AS f
JOIN raw.variants AS v ON v.id = f.variant_id
WHERE f.forecast_run_id = $run_id AND v.sku = $sku
ORDER BY f.kind, f.day_number
