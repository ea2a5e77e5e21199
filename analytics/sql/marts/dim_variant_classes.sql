-- grain:     one variant that was ever ordered
-- key:       variant_id
-- sources:   fct_order_lines
-- decisions: over the 26 weeks up to the last day with an order. abc by sales after discounts, largest first: A the
--            first 80 in 100 of them, B the next 15, C the rest, U nothing sold in that time. xyz by how even the
--            weekly units are, weeks without a sale included (standard deviation ÷ mean): X up to 0.5, Y up to 1, Z
--            above, U nothing sold. Cancelled units count as demand. demand, the first that fits: ended (nothing in
--            these weeks), new (first ordered less than 13 weeks ago), single (one week with demand), rising or
--            falling (the last 13 weeks at least twice, at most half the 13 before; demand in 8 weeks or more), then
--            by Syntetos, Boylan and Croston (2005): weeks between demands below 1.32 are smooth or erratic, others
--            intermittent or lumpy; squared variation of the weeks with demand below 0.49 is the first of each pair.
WITH latest AS (
    SELECT MAX(order_date) AS last_day FROM fct_order_lines
),
weekly AS (
    SELECT
        l.variant_id,
        CASE WHEN l.order_date > d.last_day - 182 THEN date_diff('day', l.order_date, d.last_day) // 7 END AS week,
        SUM(l.placed_quantity) AS units,
        MIN(l.order_date) AS first_on,
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
        COALESCE(SUM(CASE WHEN week IS NOT NULL THEN units * units END), 0) / 26.0 AS mean_square,
        COALESCE(SUM(CASE WHEN week < 13 THEN units END), 0) AS units_late,
        COALESCE(SUM(CASE WHEN week >= 13 THEN units END), 0) AS units_early,
        COUNT(CASE WHEN week IS NOT NULL AND units > 0 THEN 1 END) AS weeks_sold,
        MIN(first_on) AS first_on
    FROM weekly
    GROUP BY variant_id
),
ranked AS (
    SELECT
        sold.*,
        LEAST(date_diff('day', first_on, latest.last_day) // 7 + 1, 26) AS weeks_known,
        SUM(sales_minor) OVER () AS total_minor,
        SUM(sales_minor) OVER (ORDER BY sales_minor DESC, variant_id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - sales_minor AS before_minor
    FROM sold
    CROSS JOIN latest
)
SELECT
    variant_id,
    CASE WHEN sales_minor <= 0 THEN 'U' WHEN 100 * before_minor < 80 * total_minor THEN 'A'
        WHEN 100 * before_minor < 95 * total_minor THEN 'B' ELSE 'C' END AS abc,
    CASE WHEN mean_units <= 0 THEN 'U'
        WHEN sqrt(GREATEST(mean_square - mean_units * mean_units, 0)) <= 0.5 * mean_units THEN 'X'
        WHEN sqrt(GREATEST(mean_square - mean_units * mean_units, 0)) <= mean_units THEN 'Y' ELSE 'Z' END AS xyz,
    CASE WHEN units_late + units_early <= 0 THEN 'ended' WHEN weeks_known < 13 THEN 'new' WHEN weeks_sold = 1 THEN 'single'
        WHEN weeks_known = 26 AND weeks_sold >= 8 AND units_late >= 2 * units_early THEN 'rising'
        WHEN weeks_known = 26 AND weeks_sold >= 8 AND 2 * units_late <= units_early THEN 'falling'
        WHEN 100 * weeks_known < 132 * weeks_sold
            THEN CASE WHEN mean_square * weeks_sold < 1.49 * 26 * mean_units * mean_units THEN 'smooth' ELSE 'erratic' END
        WHEN mean_square * weeks_sold < 1.49 * 26 * mean_units * mean_units THEN 'intermittent' ELSE 'lumpy' END AS demand
FROM ranked
