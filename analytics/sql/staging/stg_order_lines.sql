-- grain:     one product line of any order
-- key:       order_line_id
-- sources:   raw.order_lines
-- decisions: none; renames only.
SELECT
    l.id AS order_line_id,
    l.order_id,
    l.position AS line_position,
    l.variant_id,
    l.sku,
    l.title,
    l.quantity,
    l.gross_minor,
    l.discount_minor,
    l.tax_minor,
    l.unit_cost_minor,
    l.cancelled_qty,
    l.shipped_qty,
    l.returned_qty
FROM raw.order_lines AS l
