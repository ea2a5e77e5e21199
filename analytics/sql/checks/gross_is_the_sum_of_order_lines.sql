-- checked:    product lines of orders that were placed and are no tests
-- difference: minor units between the facts and the operational rows, added up by currency without sign
SELECT CAST(SUM(checked) AS BIGINT) AS checked, CAST(SUM(ABS(difference)) AS BIGINT) AS difference
FROM (
    SELECT currency, SUM(checked) AS checked, SUM(amount) AS difference
    FROM (
        SELECT o.currency, 1 AS checked, l.gross_minor AS amount
        FROM raw.order_lines AS l
        JOIN raw.orders AS o ON o.id = l.order_id
        WHERE o.state IN ('placed', 'closed', 'cancelled') AND NOT o.is_test
        UNION ALL
        SELECT currency, 0, -gross_minor FROM fct_sales
        UNION ALL
        -- what edits took off is no sale taken back: it stays in gross and stands in returns
        SELECT currency, 0, -gross_minor FROM fct_order_edits WHERE kind = 'removed'
    ) AS rows_of_both
    GROUP BY currency
) AS by_currency
