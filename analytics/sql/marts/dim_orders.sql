-- grain:     one order
-- key:       order_id
-- sources:   raw.orders
-- decisions: none.
SELECT o.id AS order_id, o.number AS order_number
FROM raw.orders AS o
