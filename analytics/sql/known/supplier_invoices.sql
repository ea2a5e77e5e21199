-- grain:     one supplier's bill that was entered by the instant
-- key:       id
-- sources:   raw.supplier_invoices
-- decisions: one cancelled later still stood.
SELECT i.* REPLACE (CASE WHEN i.decided_at > k.instant THEN 'entered' ELSE i.state END AS state)
FROM raw.supplier_invoices AS i
CROSS JOIN known AS k
WHERE i.entered_at <= k.instant
