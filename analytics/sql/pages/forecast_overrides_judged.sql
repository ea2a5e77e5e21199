-- grain: the shop · overrides whose days are over: how many, how many were nearer than the model, units of error saved
-- sources: raw.forecast_overrides
SELECT
    count(*) AS judged,
    count(*) FILTER (abs(units - actual_units) < abs(model_units - actual_units)) AS better,
    coalesce(sum(abs(model_units - actual_units) - abs(units - actual_units)), 0.0) AS saved
FROM raw.forecast_overrides
WHERE actual_units IS NOT NULL
