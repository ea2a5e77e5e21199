-- grain:     one customer
-- key:       customer_id
-- sources:   raw.customers
-- decisions: none.
SELECT c.id AS customer_id, c.number AS customer, c.kind AS customer_kind, c.country AS customer_country
FROM raw.customers AS c
