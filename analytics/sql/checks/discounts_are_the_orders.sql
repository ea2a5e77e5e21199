-- checked:    orders
-- difference: minor units by which line discounts and shares differ from the order's own discount
SELECT count(*) AS checked, CAST(COALESCE(SUM(ABS(o.discount_minor - COALESCE(f.discount_minor, 0))), 0) AS BIGINT) AS difference
FROM stg_orders AS o
LEFT JOIN (
    SELECT order_id, CAST(SUM(discount_minor) AS BIGINT) AS discount_minor
    FROM (
        SELECT order_id, discount_minor
        FROM fct_sales
        WHERE kind IN ('sale', 'edit') OR source_id LIKE 'order without lines%'
        UNION ALL
        -- discounts that went with units taken off
        SELECT order_id, discount_minor FROM fct_order_edits WHERE kind = 'removed'
    ) AS events
    GROUP BY order_id
) AS f ON f.order_id = o.order_id
