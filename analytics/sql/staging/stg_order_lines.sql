-- grain:     one product line of any order
-- key:       order_line_id
-- sources:   raw.order_lines, raw.order_change_entries
-- decisions: quantity, money and cancelled units are the line's as it is now; a line that an edit took off
--            whole stands with nothing. placed_* is the line as it was placed: as it is now less what
--            confirmed edits did to it (nothing, for a line that an edit added).
SELECT
    l.id AS order_line_id,
    l.order_id,
    l.position AS line_position,
    l.variant_id,
    l.sku,
    l.title,
    CASE WHEN l.is_removed THEN 0 ELSE l.quantity END AS quantity,
    l.gross_minor,
    l.discount_minor,
    l.tax_minor,
    l.unit_cost_minor,
    CASE WHEN l.is_removed THEN 0 ELSE l.cancelled_qty END AS cancelled_qty,
    l.shipped_qty,
    l.returned_qty,
    CASE WHEN l.is_removed THEN 0 ELSE l.quantity END - COALESCE(e.quantity, 0) AS placed_quantity,
    l.gross_minor - COALESCE(e.gross_minor, 0) AS placed_gross_minor,
    l.discount_minor - COALESCE(e.discount_minor, 0) AS placed_discount_minor,
    l.tax_minor - COALESCE(e.tax_minor, 0) AS placed_tax_minor,
    COALESCE(e.all_discount_minor, 0) AS edited_discount_minor
FROM raw.order_lines AS l
LEFT JOIN (
    SELECT
        order_line_id,
        CAST(SUM(quantity) AS BIGINT) AS quantity,
        CAST(SUM(gross_minor) AS BIGINT) AS gross_minor,
        CAST(SUM(discount_minor) AS BIGINT) AS discount_minor,
        CAST(SUM(discount_minor + order_discount_minor) AS BIGINT) AS all_discount_minor,
        CAST(SUM(tax_minor) AS BIGINT) AS tax_minor
    FROM raw.order_change_entries
    GROUP BY order_line_id
) AS e ON e.order_line_id = l.id
