-- checked:    orders and returns
-- difference: minor units, added up by currency without sign, between total sales with gift cards and
--             orders' totals less cancelled orders' totals less returns' totals. Left out: orders cancelled in part
--             or after a parcel left, returns still waiting for goods, and amounts marked as tests.
WITH odd_orders AS (
    SELECT order_id FROM stg_order_lines
    WHERE cancelled_qty > 0 AND (cancelled_qty < quantity OR shipped_qty > 0)
    UNION
    SELECT l.order_id
    FROM stg_order_lines AS l
    JOIN stg_orders AS o ON o.order_id = l.order_id
    WHERE (o.cancelled_at IS NOT NULL AND l.shipped_qty > 0) OR (o.cancelled_at IS NULL AND l.cancelled_qty > 0)
    UNION
    SELECT order_id FROM raw.order_adjustments WHERE kind = 'test'
    UNION
    SELECT r.order_id FROM stg_returns AS r
    JOIN raw.return_lines AS x ON x.return_id = r.return_id
    WHERE x.disposition = 'pending' AND NOT r.is_history AND r.order_id IS NOT NULL
),
amounts AS (
    SELECT
        currency, 0 AS checked, order_id,
        gross_minor - discount_minor - returns_minor + shipping_minor + tax_minor + other_minor + gift_card_minor
            AS amount
    FROM fct_sales
    UNION ALL
    SELECT currency, 1, order_id, -total_minor FROM stg_orders WHERE cancelled_at IS NULL
    UNION ALL
    SELECT currency, 1, order_id, 0 FROM stg_orders WHERE cancelled_at IS NOT NULL
    UNION ALL
    SELECT r.currency, 1, r.order_id, r.total_minor
        - COALESCE((SELECT SUM(a.amount_minor) FROM raw.return_adjustments AS a
                    WHERE a.return_id = r.return_id AND a.kind = 'test'), 0)
    FROM stg_returns AS r
)
SELECT CAST(COALESCE(SUM(checked), 0) AS BIGINT) AS checked, CAST(COALESCE(SUM(ABS(difference)), 0) AS BIGINT) AS difference
FROM (
    SELECT currency, SUM(checked) AS checked, SUM(amount) AS difference
    FROM amounts
    WHERE order_id IS NULL OR order_id NOT IN (SELECT order_id FROM odd_orders)
    GROUP BY currency
) AS by_currency
