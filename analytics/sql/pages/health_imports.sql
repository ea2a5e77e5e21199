-- grain: one import run, newest first · its printed counts as JSON, its open refused rows
SELECT i.id, i.source, i.files, i.started_at, i.finished_at, i.counts,
    count(r.id) FILTER (r.resolved_at IS NULL) AS refused
FROM raw.import_runs i LEFT JOIN raw.rejected_rows r ON r.import_run_id = i.id
GROUP BY ALL
ORDER BY i.started_at DESC
LIMIT 50
