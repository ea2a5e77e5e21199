-- checked:    cancelled orders of which nothing was shipped
-- difference: minor units of net sales, shipping, tax and other charges left on them, without sign
SELECT count(*) AS checked, CAST(COALESCE(SUM(ABS(f.left_minor)), 0) AS BIGINT) AS difference
FROM (
    SELECT
        s.order_id,
        SUM(CASE WHEN s.kind = 'return' OR s.source_id LIKE 'return %' THEN 0
                 ELSE s.gross_minor - s.discount_minor - s.returns_minor + s.shipping_minor + s.tax_minor
                      + s.other_minor + s.gift_card_minor END) AS left_minor
    FROM fct_sales AS s
    JOIN stg_orders AS o ON o.order_id = s.order_id
    WHERE o.cancelled_at IS NOT NULL
        AND s.order_id NOT IN (SELECT order_id FROM stg_order_lines WHERE shipped_qty > 0)
    GROUP BY s.order_id
) AS f
