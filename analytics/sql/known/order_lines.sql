-- grain:     one order line that was known at the instant
-- key:       id
-- sources:   raw.order_lines, raw.order_change_entries, raw.orders
-- decisions: a line is what it is now less what edits did to it after the instant (their entries are dated
--            differences). Lines that only a later edit added were not known. Units that a later cancellation of
--            the order took were still wanted; of a part cancelled without a date nothing is known, it stands.
WITH entries AS (
    SELECT
        e.order_line_id,
        COALESCE(SUM(CASE WHEN e."at" > k.instant THEN e.quantity END), 0) AS quantity,
        COALESCE(SUM(CASE WHEN e."at" > k.instant THEN e.gross_minor END), 0) AS gross_minor,
        COALESCE(SUM(CASE WHEN e."at" > k.instant THEN e.discount_minor END), 0) AS discount_minor,
        COALESCE(SUM(CASE WHEN e."at" > k.instant THEN e.tax_minor END), 0) AS tax_minor,
        SUM(e.quantity) AS all_quantity,
        COUNT(CASE WHEN e."at" <= k.instant THEN 1 END) AS earlier
    FROM raw.order_change_entries AS e
    CROSS JOIN known AS k
    GROUP BY e.order_line_id
),
lines AS (
    SELECT
        l.*,
        CASE WHEN l.is_removed THEN 0 ELSE l.quantity END - COALESCE(e.quantity, 0) AS then_quantity,
        CASE WHEN l.is_removed THEN 0 ELSE l.quantity END - COALESCE(e.all_quantity, 0) AS placed_quantity,
        COALESCE(e.earlier, 0) AS earlier,
        COALESCE(e.gross_minor, 0) AS later_gross, COALESCE(e.discount_minor, 0) AS later_discount,
        COALESCE(e.tax_minor, 0) AS later_tax
    FROM raw.order_lines AS l
    LEFT JOIN entries AS e ON e.order_line_id = l.id
)
SELECT
    l.* EXCLUDE (then_quantity, placed_quantity, earlier, later_gross, later_discount, later_tax) REPLACE (
        CAST(CASE WHEN l.then_quantity = 0 THEN l.quantity ELSE l.then_quantity END AS BIGINT) AS quantity,
        CAST(l.gross_minor - l.later_gross AS BIGINT) AS gross_minor,
        CAST(l.discount_minor - l.later_discount AS BIGINT) AS discount_minor,
        CAST(l.tax_minor - l.later_tax AS BIGINT) AS tax_minor,
        CASE WHEN o.cancelled_at > k.instant OR (l.is_removed AND l.then_quantity <> 0) THEN 0 ELSE l.cancelled_qty
            END AS cancelled_qty,
        l.then_quantity = 0 AS is_removed,
        CAST(NULL AS BIGINT) AS shipped_qty, CAST(NULL AS BIGINT) AS returned_qty
    )
FROM lines AS l
CROSS JOIN known AS k
JOIN raw.orders AS o ON o.id = l.order_id
WHERE l.placed_quantity <> 0 OR l.earlier > 0
