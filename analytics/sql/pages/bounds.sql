-- grain: one row · the first business date and how many orders there are (drafts and tests left out)
SELECT min(business_date) AS first_on, count(*) AS orders
FROM raw.orders
WHERE state <> 'draft' AND NOT is_test
