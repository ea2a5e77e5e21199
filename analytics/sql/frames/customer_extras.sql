-- grain:     one customer with a known margin, store credit or tagged order
-- key:       customer_id
-- sources:   fct_sales, raw.orders, raw.order_tags, raw.store_credit_accounts, raw.shop
-- decisions: money is in the shop's currency only. Margin is net sales less cost of the events after $since, of orders
--            that stand, as far as the cost is known; NULL when no cost is. Tags are those on the customer's orders.
WITH margins AS (
    SELECT
        f.customer_id,
        CAST(sum(CASE WHEN f.cost_minor IS NOT NULL THEN f.costed_minor - f.cost_minor END) AS BIGINT) AS margin_12m_minor
    FROM fct_sales AS f
    CROSS JOIN raw.shop AS s
    LEFT JOIN raw.orders AS o ON o.id = f.order_id
    WHERE f.customer_id IS NOT NULL AND f.currency = s.currency AND o.cancelled_at IS NULL AND f.event_date > $since
    GROUP BY f.customer_id
),
tags AS (
    SELECT o.customer_id, list_sort(list(DISTINCT t.tag)) AS order_tags
    FROM raw.order_tags AS t
    JOIN raw.orders AS o ON o.id = t.order_id
    WHERE o.customer_id IS NOT NULL
    GROUP BY o.customer_id
),
owed AS (
    SELECT a.customer_id, a.balance_minor AS store_credit_minor
    FROM raw.store_credit_accounts AS a
    JOIN raw.shop AS s ON s.currency = a.currency
)
SELECT
    coalesce(m.customer_id, t.customer_id, c.customer_id) AS customer_id,
    m.margin_12m_minor,
    c.store_credit_minor,
    t.order_tags
FROM margins AS m
FULL JOIN tags AS t ON t.customer_id = m.customer_id
FULL JOIN owed AS c ON c.customer_id = coalesce(m.customer_id, t.customer_id)
ORDER BY 1
