-- grain:     one line of a purchase order that was sent
-- key:       purchase_order_line_id
-- sources:   raw.purchase_order_lines, raw.purchase_orders, raw.suppliers, raw.receipt_lines, raw.receipts, raw.shop
-- decisions: dated in the shop's zone on the day it was sent (event_date) and on the day it was expected (due_date;
--            empty when none was agreed). Drafts and cancelled purchase orders are left out; what was cancelled of a
--            line that stands was ordered and not delivered. The supplier is the one ordered from.
SELECT
    x.id AS purchase_order_line_id,
    p.id AS purchase_order_id,
    p.supplier_id,
    s.code AS supplier,
    p.location_id,
    x.variant_id,
    p.currency,
    CAST((p.sent_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    p.expected_on AS due_date,
    x.quantity AS units,
    x.received_qty AS units_received,
    COALESCE(r.units_by_due, 0) AS units_by_due,
    x.quantity * x.unit_cost_minor AS ordered_minor
FROM raw.purchase_order_lines AS x
JOIN raw.purchase_orders AS p ON p.id = x.purchase_order_id
JOIN raw.suppliers AS s ON s.id = p.supplier_id
CROSS JOIN raw.shop AS z
LEFT JOIN (
    SELECT l.purchase_order_line_id, CAST(SUM(l.quantity) AS BIGINT) AS units_by_due
    FROM raw.receipt_lines AS l
    JOIN raw.receipts AS t ON t.id = l.receipt_id
    JOIN raw.purchase_orders AS o ON o.id = t.purchase_order_id
    CROSS JOIN raw.shop AS y
    WHERE CAST((t.received_at AT TIME ZONE 'UTC') AT TIME ZONE y.zone AS DATE) <= o.expected_on
    GROUP BY l.purchase_order_line_id
) AS r ON r.purchase_order_line_id = x.id
WHERE p.sent_at IS NOT NULL AND p.state NOT IN ('draft', 'cancelled')
