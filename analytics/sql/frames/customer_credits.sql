-- grain:     one store credit of a customer in one currency
-- key:       customer_id, currency
-- sources:   raw.store_credit_accounts
-- decisions: none.
SELECT a.customer_id, a.currency, a.balance_minor
FROM raw.store_credit_accounts AS a
ORDER BY a.customer_id, a.currency
