-- grain:     one line of a supplier's bill
-- key:       bill_line_id
-- sources:   raw.supplier_invoice_lines, raw.supplier_invoices, raw.purchase_order_lines, raw.suppliers
-- decisions: dated on the day the bill was issued. Cancelled bills are left out, disputed ones are in: they say what
--            the supplier asks. ordered_minor is the same quantity at the purchase order's price.
SELECT
    l.id AS bill_line_id,
    i.id AS supplier_invoice_id,
    i.supplier_id,
    s.code AS supplier,
    x.variant_id,
    i.currency,
    i.issued_on AS event_date,
    l.quantity AS units,
    l.quantity * l.unit_cost_minor AS billed_minor,
    l.quantity * x.unit_cost_minor AS ordered_minor
FROM raw.supplier_invoice_lines AS l
JOIN raw.supplier_invoices AS i ON i.id = l.supplier_invoice_id
JOIN raw.purchase_order_lines AS x ON x.id = l.purchase_order_line_id
JOIN raw.suppliers AS s ON s.id = i.supplier_id
WHERE i.state <> 'cancelled'
