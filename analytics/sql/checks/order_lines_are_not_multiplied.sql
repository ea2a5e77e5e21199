-- checked:    product lines of placed orders
-- difference: rows too many or too few in the fact, and keys that stand twice
SELECT
    (SELECT count(*) FROM raw.order_lines AS l JOIN stg_orders AS o ON o.order_id = l.order_id) AS checked,
    ABS(
        (SELECT count(*) FROM raw.order_lines AS l JOIN stg_orders AS o ON o.order_id = l.order_id)
        - (SELECT count(*) FROM fct_order_lines)
    ) + (SELECT count(*) - count(DISTINCT order_line_id) FROM fct_order_lines) AS difference
