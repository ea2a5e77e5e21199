-- checked:    events of the sales fact
-- difference: events whose key stands more than once
SELECT count(*) AS checked, count(*) - count(DISTINCT kind || ' ' || source_id) AS difference
FROM fct_sales
