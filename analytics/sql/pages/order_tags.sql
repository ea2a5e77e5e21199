-- grain: one tag in use, the most used first
SELECT t.tag, count(*) AS orders FROM raw.order_tags t GROUP BY t.tag ORDER BY orders DESC, t.tag LIMIT 200
