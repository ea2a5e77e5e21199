-- grain:     one month of life of one cohort of customers, in one currency
-- key:       cohort, month, currency
-- parameters: $since, $until bound the cohorts (first months), $through is the last month that is shown
-- decisions: a customer belongs to the month of the first order that stands (cancelled ones make nobody a customer).
--            customers and orders count standing orders by the order's day; net and margin are dated on their own day
--            (event), so a return lowers the month it came back in. What cancelled orders sold and reversed is out.
--            margin is that of sales whose cost is known. Months without anything are here with zeros, months to
--            come are not.
WITH firsts AS (
    SELECT customer_id, CAST(date_trunc('month', MIN(order_date)) AS DATE) AS cohort
    FROM fct_orders
    WHERE customer_id IS NOT NULL AND NOT is_cancelled
    GROUP BY customer_id
),
chosen AS (
    SELECT customer_id, cohort FROM firsts
    WHERE cohort >= CAST($since AS DATE) AND cohort < CAST($until AS DATE)
),
sizes AS (
    SELECT cohort, COUNT(*) AS size FROM chosen GROUP BY cohort
),
months AS (
    SELECT s.cohort, s.size, UNNEST(RANGE(0, date_diff('month', s.cohort, CAST($through AS DATE)) + 1)) AS month
    FROM sizes AS s
),
active AS (
    SELECT c.cohort, date_diff('month', c.cohort, o.order_date) AS month,
        COUNT(DISTINCT o.customer_id) AS customers, COUNT(*) AS orders
    FROM fct_orders AS o
    JOIN chosen AS c ON c.customer_id = o.customer_id
    WHERE NOT o.is_cancelled
    GROUP BY 1, 2
),
money AS (
    SELECT c.cohort, date_diff('month', c.cohort, s.event_date) AS month, s.currency,
        SUM(s.gross_minor - s.discount_minor - s.returns_minor) AS net_minor,
        SUM(s.costed_minor - COALESCE(s.cost_minor, 0)) AS margin_minor
    FROM fct_sales AS s
    JOIN chosen AS c ON c.customer_id = s.customer_id
    WHERE NOT EXISTS (SELECT 1 FROM fct_orders AS o WHERE o.is_cancelled AND o.order_id = s.order_id)
    GROUP BY 1, 2, 3
),
currencies AS (
    SELECT DISTINCT currency FROM money
)
SELECT
    m.cohort,
    m.size,
    m.month,
    k.currency,
    CAST(COALESCE(a.customers, 0) AS BIGINT) AS customers,
    CAST(COALESCE(a.orders, 0) AS BIGINT) AS orders,
    CAST(COALESCE(n.net_minor, 0) AS BIGINT) AS net_minor,
    CAST(COALESCE(n.margin_minor, 0) AS BIGINT) AS margin_minor
FROM months AS m
CROSS JOIN currencies AS k
LEFT JOIN active AS a ON a.cohort = m.cohort AND a.month = m.month
LEFT JOIN money AS n ON n.cohort = m.cohort AND n.month = m.month AND n.currency = k.currency
ORDER BY m.cohort, m.month, k.currency
