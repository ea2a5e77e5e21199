-- grain: country orders were sent to · most orders first
SELECT ship_country AS code, count(*) AS orders
FROM raw.orders
WHERE ship_country <> '' AND state <> 'draft' AND NOT is_test
GROUP BY ALL
ORDER BY orders DESC, code
