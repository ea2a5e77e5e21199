-- grain:     one variant that was ever ordered
-- key:       variant_id
-- sources:   fct_order_lines
-- decisions: over the 26 weeks up to the last day with an order. abc by sales after discounts, largest first: A the
--            first 80 in 100 of them, B the next 15, C the rest, U nothing sold in that time. xyz by how even the
--            weekly units are, weeks without a sale included (standard deviation ÷ mean): X up to 0.5, Y up to 1, Z
--            above, U nothing sold. Cancelled units count as demand.
WITH latest AS (
    SELECT MAX(order_date) AS last_day FROM fct_order_lines
),
weekly AS (
    SELECT
        l.variant_id,
        CASE WHEN l.order_date > d.last_day - 182 THEN date_diff('day', l.order_date, d.last_day) // 7 END AS week,
        SUM(l.placed_quantity) AS units,
        SUM(l.placed_gross_minor - l.placed_discount_minor) AS sales_minor
    FROM fct_order_lines AS l
    CROSS JOIN latest AS d
    WHERE l.variant_id IS NOT NULL
    GROUP BY 1, 2
),
sold AS (
    SELECT
        variant_id,
        CAST(COALESCE(SUM(CASE WHEN week IS NOT NULL THEN sales_minor END), 0) AS BIGINT) AS sales_minor,
        COALESCE(SUM(CASE WHEN week IS NOT NULL THEN units END), 0) / 26.0 AS mean_units,
        COALESCE(SUM(CASE WHEN week IS NOT NULL THEN units * units END), 0) / 26.0 AS mean_square
    FROM weekly
    GROUP BY variant_id
),
ranked AS (
    SELECT
        *,
        SUM(sales_minor) OVER () AS total_minor,
        SUM(sales_minor) OVER (ORDER BY sales_minor DESC, variant_id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - sales_minor AS before_minor
    FROM sold
)
SELECT
    variant_id,
    CASE WHEN sales_minor <= 0 THEN 'U' WHEN 100 * before_minor < 80 * total_minor THEN 'A'
        WHEN 100 * before_minor < 95 * total_minor THEN 'B' ELSE 'C' END AS abc,
    CASE WHEN mean_units <= 0 THEN 'U'
        WHEN sqrt(GREATEST(mean_square - mean_units * mean_units, 0)) <= 0.5 * mean_units THEN 'X'
        WHEN sqrt(GREATEST(mean_square - mean_units * mean_units, 0)) <= mean_units THEN 'Y' ELSE 'Z' END AS xyz
FROM ranked
