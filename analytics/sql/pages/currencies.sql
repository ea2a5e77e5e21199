-- grain: currency of an order that was placed
SELECT DISTINCT currency FROM raw.orders WHERE state <> 'draft' AND NOT is_test ORDER BY currency
