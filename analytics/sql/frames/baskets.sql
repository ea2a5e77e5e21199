-- grain:     one pair of products that stood together in an order of the period
-- key:       sku_a, sku_b (sku_a < sku_b; with $sku the one asked for is sku_a)
-- parameters: $since, $until, $least orders a pair must be in, $most products an order may hold, $sku or NULL
-- decisions: orders that stand, goods not cancelled. Orders of more than $most products are restocking, not baskets:
--            they are left out of every count. orders counts all the others, also those of one product.
WITH goods AS (
    SELECT DISTINCT l.order_id, l.variant_id
    FROM fct_order_lines AS l
    WHERE l.order_date >= CAST($since AS DATE) AND l.order_date < CAST($until AS DATE)
        AND NOT l.is_cancelled AND l.quantity > l.reversed_qty
),
sizes AS (
    SELECT order_id, COUNT(*) AS size FROM goods GROUP BY order_id
),
kept AS (
    SELECT g.order_id, g.variant_id
    FROM goods AS g
    JOIN sizes AS s ON s.order_id = g.order_id AND s.size <= $most
),
totals AS (
    SELECT COUNT(CASE WHEN size <= $most THEN 1 END) AS orders, COUNT(CASE WHEN size > $most THEN 1 END) AS left_out
    FROM sizes
),
singles AS (
    SELECT variant_id, COUNT(*) AS orders FROM kept GROUP BY variant_id HAVING COUNT(*) >= $least
),
asked AS (
    SELECT v.variant_id FROM dim_variants AS v WHERE v.sku = $sku
),
often AS (
    SELECT k.order_id, k.variant_id FROM kept AS k JOIN singles AS s ON s.variant_id = k.variant_id
),
pairs AS (
    SELECT a.variant_id AS variant_a, b.variant_id AS variant_b, COUNT(*) AS both
    FROM often AS a
    JOIN often AS b ON b.order_id = a.order_id AND b.variant_id <> a.variant_id
    WHERE CASE WHEN $sku IS NULL THEN a.variant_id < b.variant_id
        ELSE a.variant_id IN (SELECT variant_id FROM asked) END
    GROUP BY 1, 2
    HAVING COUNT(*) >= $least
)
SELECT
    va.sku AS sku_a, vb.sku AS sku_b, va.title AS title_a, vb.title AS title_b,
    sa.orders AS orders_a, sb.orders AS orders_b, p.both, t.orders, t.left_out,
    (SELECT COUNT(*) FROM singles) AS products
FROM pairs AS p
CROSS JOIN totals AS t
JOIN singles AS sa ON sa.variant_id = p.variant_a
JOIN singles AS sb ON sb.variant_id = p.variant_b
JOIN dim_variants AS va ON va.variant_id = p.variant_a
JOIN dim_variants AS vb ON vb.variant_id = p.variant_b
