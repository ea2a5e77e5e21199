-- grain: one refused row of an import that was not replaced by a corrected one, newest import first
SELECT i.started_at, r.source, r.file_name, r.row_number, r.code, r.reason, r.raw
FROM raw.rejected_rows r JOIN raw.import_runs i ON i.id = r.import_run_id
WHERE r.resolved_at IS NULL
ORDER BY i.started_at DESC, r.file_name, r.row_number
LIMIT 2000
