-- grain:     one line of a purchase order
-- key:       id
-- sources:   raw.purchase_order_lines, raw.receipt_lines, raw.receipts
-- decisions: units received are those of receipts by the instant.
SELECT x.* REPLACE (COALESCE(r.units, 0) AS received_qty, CAST(NULL AS BIGINT) AS cancelled_qty)
FROM raw.purchase_order_lines AS x
LEFT JOIN (
    SELECT l.purchase_order_line_id, CAST(SUM(l.quantity) AS BIGINT) AS units
    FROM raw.receipt_lines AS l
    JOIN raw.receipts AS t ON t.id = l.receipt_id
    CROSS JOIN known AS k
    WHERE t.received_at <= k.instant
    GROUP BY l.purchase_order_line_id
) AS r ON r.purchase_order_line_id = x.id
