-- grain: one variant with a forecast in a run · its expected units of the first 28 days, largest money first
-- sources: raw.forecasts, raw.variants · parameters: $run_id
SELECT v.sku, v.title, f.mean AS units_28, f.quantiles, v.price_minor
FROM raw.forecasts AS f
JOIN raw.variants AS v ON v.id = f.variant_id
WHERE f.forecast_run_id = $run_id AND f.kind = 'sum' AND f.day_number = 28
ORDER BY f.mean * v.price_minor DESC, v.sku
