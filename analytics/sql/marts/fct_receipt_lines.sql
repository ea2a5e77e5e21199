-- grain:     one line of a receipt: units of a purchase-order line that arrived
-- key:       receipt_line_id
-- sources:   raw.receipt_lines, raw.receipts, raw.purchase_order_lines, raw.purchase_orders, raw.suppliers, raw.shop
-- decisions: dated in the shop's zone on the day of arrival. The lead time runs from sending the purchase order to
--            the arrival; a part that comes later has its own.
SELECT
    l.id AS receipt_line_id,
    l.receipt_id,
    p.supplier_id,
    s.code AS supplier,
    p.location_id,
    x.variant_id,
    p.currency,
    CAST((r.received_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    l.quantity AS units,
    l.quantity * x.unit_cost_minor AS received_minor,
    CAST(date_diff('second', p.sent_at, r.received_at) AS BIGINT) AS lead_seconds
FROM raw.receipt_lines AS l
JOIN raw.receipts AS r ON r.id = l.receipt_id
JOIN raw.purchase_order_lines AS x ON x.id = l.purchase_order_line_id
JOIN raw.purchase_orders AS p ON p.id = x.purchase_order_id
JOIN raw.suppliers AS s ON s.id = p.supplier_id
CROSS JOIN raw.shop AS z
