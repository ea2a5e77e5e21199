-- grain:     one placed order
-- key:       order_id
-- stored:    by customer
-- sources:   stg_orders
-- decisions: an order is `new` when its customer had no earlier order that stands (cancelled ones do not
--            count), `returning` when there was one, `guest` when the customer is not known. Earlier means
--            by instant, then by key. A guest has no earlier orders.
SELECT
    order_id,
    customer_id,
    cancelled_at,
    prior_orders,
    CASE WHEN customer_id IS NULL THEN 'guest' WHEN prior_orders = 0 THEN 'new' ELSE 'returning' END AS customer_type
FROM (
    SELECT
        order_id,
        customer_id,
        cancelled_at,
        COALESCE(
            SUM(CASE WHEN cancelled_at IS NULL AND customer_id IS NOT NULL THEN 1 ELSE 0 END)
                OVER (PARTITION BY customer_id ORDER BY placed_at, order_id
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            0
        ) AS prior_orders
    FROM stg_orders
) AS ranked
