-- grain: one run whose first seven days were judged, of one variant · oldest first
-- sources: raw.forecast_scores, raw.forecast_runs, raw.variants · parameters: $sku
SELECT r.cutoff_on, s.actual, abs(s.mean - s.actual) AS missed, abs(s.seasonal_naive - s.actual) AS naive_missed
FROM raw.forecast_scores AS s
JOIN raw.forecast_runs AS r ON r.id = s.forecast_run_id
JOIN raw.variants AS v ON v.id = s.variant_id
WHERE s.days = 7 AND v.sku = $sku
ORDER BY r.cutoff_on, r.id
