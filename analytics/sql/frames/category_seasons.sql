-- grain:     one product category in one calendar month (1-12)
-- key:       category, month
-- sources:   fct_order_lines, dim_variants
-- decisions: units ordered less cancelled of whole months since $since, before the month of $until; days are the
--            calendar days of those months, so that February is not small for being short
WITH sold AS (
    SELECT
        coalesce(nullif(v.category, ''), '–') AS category,
        date_trunc('month', l.order_date) AS first_day,
        sum(l.quantity - l.reversed_qty) AS units
    FROM fct_order_lines AS l
    JOIN dim_variants AS v ON v.variant_id = l.variant_id
    WHERE l.order_date >= $since AND l.order_date < date_trunc('month', CAST($until AS DATE))
    GROUP BY ALL
)
SELECT
    category,
    CAST(month(first_day) AS BIGINT) AS month,
    CAST(sum(units) AS BIGINT) AS units,
    CAST(sum(day(last_day(first_day))) AS BIGINT) AS days
FROM sold
GROUP BY category, month(first_day)
ORDER BY category, month
