-- grain:     one product line of an order that has a discount on the whole order
--            (one row without a line when such an order has no product line)
-- key:       order_id, order_line_id
-- sources:   raw.order_adjustments, stg_order_lines
-- decisions: the discount the order was placed with is spread over its lines by their value, as placed, after
--            line discounts; what edits did to it later is in fct_order_edits, line by line. Each
--            share is the difference of two rounded-down running sums, so that shares add up exactly;
--            an order whose lines are all worth nothing gives everything to its first line.
WITH discounts AS (
    SELECT a.order_id, CAST(-SUM(a.amount_minor) AS BIGINT) AS discount_minor
    FROM raw.order_adjustments AS a
    WHERE a.kind = 'discount' AND a.order_change_id IS NULL
    GROUP BY a.order_id
),
running AS (
    SELECT
        d.order_id,
        l.order_line_id,
        d.discount_minor,
        l.placed_gross_minor - l.placed_discount_minor AS weight,
        SUM(l.placed_gross_minor - l.placed_discount_minor) OVER (PARTITION BY d.order_id) AS total,
        SUM(l.placed_gross_minor - l.placed_discount_minor)
            OVER (PARTITION BY d.order_id ORDER BY l.line_position, l.order_line_id
                  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running_total,
        ROW_NUMBER() OVER (PARTITION BY d.order_id ORDER BY l.line_position, l.order_line_id) AS line_rank
    FROM discounts AS d
    LEFT JOIN stg_order_lines AS l ON l.order_id = d.order_id
)
SELECT
    order_id,
    order_line_id,
    CAST(
        CASE
            WHEN COALESCE(total, 0) <> 0
                THEN (discount_minor * running_total) // total
                     - (discount_minor * (running_total - weight)) // total
            WHEN line_rank = 1 THEN discount_minor
            ELSE 0
        END AS BIGINT
    ) AS share_minor
FROM running
