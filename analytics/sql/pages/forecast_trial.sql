-- grain: one run whose first $days days were judged · oldest first
-- sources: raw.forecast_scores, raw.forecast_runs · parameters: $days
SELECT
    r.cutoff_on,
    count(*) AS series,
    CAST(sum(s.actual) AS DOUBLE) AS units,
    sum(abs(s.mean - s.actual)) AS missed,
    sum(abs(s.seasonal_naive - s.actual)) AS naive_missed,
    sum(s.mean) - sum(s.actual) AS over,
    avg(s.inside) AS inside,
    coalesce(json_extract_string(any_value(r.scores), '$.replayed') = 'true', FALSE) AS replayed
FROM raw.forecast_scores AS s
JOIN raw.forecast_runs AS r ON r.id = s.forecast_run_id
WHERE s.days = $days
GROUP BY r.id, r.cutoff_on
ORDER BY r.cutoff_on, r.id
