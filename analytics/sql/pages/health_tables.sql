-- grain: one replicated table · rows in the replica
SELECT table_name AS name, estimated_size AS held
FROM duckdb_tables()
WHERE schema_name = 'raw' AND table_name NOT IN ('sync_state', 'shop')
ORDER BY held DESC, name
