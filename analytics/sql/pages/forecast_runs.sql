-- grain: one stored forecast run · newest first
-- sources: raw.forecast_runs
SELECT r.id AS run_id, r.at AS made_at, r.cutoff_on, r.horizon_days, r.engine, r.series_count, r.scores
FROM raw.forecast_runs AS r
ORDER BY r.cutoff_on DESC, r.id DESC
