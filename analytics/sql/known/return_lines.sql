-- grain:     one line of a return, as it stood at the instant
-- key:       id
-- sources:   raw.return_lines, raw.return_units, raw.returns, raw.stock_movements
-- decisions: units counted by the instant had come (less those found not to be there by then); the line was dealt
--            with when all of them had, or when the return was closed. Units that nobody had looked at were in
--            quality control. A line whose units were not counted one by one came with its first stock movement
--            (without any, with the return) and went where it is now.
SELECT
    x.* EXCLUDE (came, looked, units, done, is_moved) REPLACE (
        CASE WHEN NOT x.is_moved THEN 0 WHEN x.units = 0 THEN x.received_qty ELSE x.came END AS received_qty,
        CASE WHEN NOT x.is_moved THEN 'pending' WHEN x.units = 0 THEN x.disposition
            WHEN x.came < x.quantity AND NOT x.done THEN 'pending'
            WHEN x.looked < x.came THEN 'quality_control'
            ELSE x.disposition END AS disposition
    )
FROM (
    SELECT
        l.*,
        COALESCE(u.came, 0) AS came,
        COALESCE(u.looked, 0) AS looked,
        COALESCE(u.units, 0) AS units,
        COALESCE(r.closed_at <= k.instant, FALSE) AS done,
        u.units IS NOT NULL OR COALESCE(m.moved_at <= k.instant, TRUE) AS is_moved
    FROM raw.return_lines AS l
    CROSS JOIN known AS k
    JOIN raw.returns AS r ON r.id = l.return_id
    LEFT JOIN (
        SELECT return_line_id, MIN("at") AS moved_at
        FROM raw.stock_movements
        WHERE return_line_id IS NOT NULL
        GROUP BY return_line_id
    ) AS m ON m.return_line_id = l.id
    LEFT JOIN (
        SELECT
            n.return_line_id,
            COUNT(*) AS units,
            COUNT(CASE WHEN n.counted_at <= k.instant
                AND NOT (n.disposition = 'not_received' AND n.inspected_at <= k.instant) THEN 1 END) AS came,
            COUNT(CASE WHEN n.counted_at <= k.instant AND n.disposition <> 'not_received'
                AND COALESCE(n.inspected_at, n.moved_at) <= k.instant THEN 1 END) AS looked
        FROM raw.return_units AS n
        CROSS JOIN known AS k
        GROUP BY n.return_line_id
    ) AS u ON u.return_line_id = l.id
) AS x
